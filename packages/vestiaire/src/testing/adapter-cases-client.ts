// The other end of the wire: an HTTP client that shows when the head of an answer comes, takes a body piece by piece and
// goes away in the middle. Nothing in it knows of the adapter; it speaks to a real socket. As a browser would, it takes
// bodies that are compressed.

import { Agent, type IncomingMessage, request as requestHttp } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { request as requestHttps, Agent as SecureAgent } from "node:https";
import { connect as connectPlain, type Socket } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { constants, createGunzip } from "node:zlib";
import type { Sessions } from "../core/manager.ts";
import type { AdapterTraits, TrialData } from "./adapter-cases-fixtures.ts";

/** A request. Default: `GET /` without anything. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly cookie?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
  readonly body: string;
}

interface Head {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable;
}

/** A request on its way, and its answer as it comes in. */
export class Exchange {
  readonly #head: Promise<Head>;
  readonly #leave: () => void;
  #pieces: AsyncIterator<string> | undefined;
  /** Whether not one byte of an answer has come. */
  silent = true;

  constructor(start: (heard: () => void) => { head: Promise<Head>; leave: () => void }) {
    const { head, leave } = start(() => {
      this.silent = false;
    });
    this.#head = head;
    this.#leave = leave;
    // Whether anybody asks for it or not.
    head.catch(() => {});
  }

  /** The head alone, as soon as it is there. */
  async head(): Promise<Omit<Reply, "body">> {
    const { status, headers } = await this.#head;
    return { status, headers, setCookies: headers.getSetCookie() };
  }

  /** The next piece of the body; `null` at its end. Rejects when the answer breaks off. */
  async piece(): Promise<string | null> {
    const head = await this.#head;
    this.#pieces ??= decoded(head).setEncoding("utf8")[Symbol.asyncIterator]();
    const next = await this.#pieces.next();
    return next.done ? null : next.value;
  }

  /** The whole answer. */
  async reply(): Promise<Reply> {
    const head = await this.head();
    let body = "";
    for (let piece = await this.piece(); piece !== null; piece = await this.piece()) body += piece;
    return { ...head, body };
  }

  /** Goes away without waiting for the end. */
  leave(): void {
    this.#leave();
  }
}

/** A socket without a client on it, for what no client would send. */
export class Wire {
  /** All that has come so far. */
  received = "";
  readonly #socket: Socket;
  #wake = () => {};

  constructor(socket: Socket) {
    this.#socket = socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.#wake();
    });
    socket.on("close", () => this.#wake());
    socket.on("error", () => {});
  }

  send(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Until what has come so far says yes; answers it. Rejects when the connection closes before. */
  async until(enough: (received: string) => boolean): Promise<string> {
    while (!enough(this.received)) {
      if (this.#socket.closed)
        throw new Error(`the connection closed after ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.received;
  }

  /** Until the server has closed the connection; answers all that came. */
  async closed(): Promise<string> {
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once("close", resolve));
    return this.received;
  }

  close(): void {
    this.#socket.destroy();
  }
}

interface Transport {
  start(ask: Ask): Exchange;
  close(): void;
}

/** A server under test, and how to speak to it. */
export class Site {
  readonly sessions: Sessions<TrialData>;
  /** Whether the browser would speak HTTPS. */
  readonly secure: boolean;
  /** What the session cookie is called there by default. */
  readonly cookieName: string;
  readonly #port: number;
  readonly #transport: Transport;
  readonly #wires: Wire[] = [];

  constructor(sessions: Sessions<TrialData>, port: number, protocol: AdapterTraits["protocol"] = "http") {
    this.sessions = sessions;
    this.#port = port;
    this.secure = protocol !== "http";
    this.cookieName = this.secure ? "__Host-session" : "session";
    this.#transport = protocol === "h2" ? http2Transport(port) : http1Transport(port, this.secure);
  }

  /** Sends a request, and goes on before the answer is there. */
  start(ask: Ask = {}): Exchange {
    return this.#transport.start(ask);
  }

  /** Sends a request, and answers the whole reply. */
  send(ask: Ask = {}): Promise<Reply> {
    return this.start(ask).reply();
  }

  /** Until the server has answered others, so that whatever is about to leave has left. */
  async roundTrips(): Promise<void> {
    for (let count = 0; count < 3; count += 1) await this.send({ path: "/elsewhere" });
  }

  /** A connection of its own, in HTTP/1.1. */
  wire(): Wire {
    const target = { port: this.#port, host: "127.0.0.1" };
    const wire = new Wire(
      this.secure ? connectTls({ ...target, rejectUnauthorized: false }) : connectPlain(target),
    );
    this.#wires.push(wire);
    return wire;
  }

  close(): void {
    this.#transport.close();
    for (const wire of this.#wires) wire.close();
  }
}

function headersOf({ cookie, headers }: Ask): Record<string, string> {
  return { "accept-encoding": "gzip", ...(cookie !== undefined && { cookie }), ...headers };
}

/** The body as it was before the server compressed it, if it did. */
function decoded({ headers, body }: Head): Readable {
  if (headers.get("content-encoding") !== "gzip") return body;
  // The answer to a HEAD request has none, which is no error.
  return pipeline(body, createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }), () => {});
}

function http1Transport(port: number, secure: boolean): Transport {
  const agent = secure
    ? new SecureAgent({ keepAlive: true, rejectUnauthorized: false })
    : new Agent({ keepAlive: true });
  const send = secure ? requestHttps : requestHttp;
  return {
    close: () => agent.destroy(),
    start: (ask) =>
      new Exchange((heard) => {
        const { method = "GET", path = "/" } = ask;
        const request = send({ agent, host: "127.0.0.1", port, method, path, headers: headersOf(ask) });
        request.once("socket", (socket) => socket.once("data", heard));
        const head = new Promise<Head>((resolve, reject) => {
          request.on("error", reject);
          request.once("response", (response) => resolve(headOf(response)));
        });
        request.end(ask.body);
        return { head, leave: () => request.destroy() };
      }),
  };
}

function headOf(response: IncomingMessage): Head {
  const headers = new Headers();
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    headers.append(response.rawHeaders[index] ?? "", response.rawHeaders[index + 1] ?? "");
  }
  return { status: response.statusCode ?? 0, headers, body: response };
}

function http2Transport(port: number): Transport {
  let session: ClientHttp2Session | undefined;
  return {
    close: () => session?.destroy(),
    start: (ask) =>
      new Exchange((heard) => {
        session ??= connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
        const { method = "GET", path = "/" } = ask;
        const stream = session.request({ ":method": method, ":path": path, ...headersOf(ask) });
        const head = new Promise<Head>((resolve, reject) => {
          stream.on("error", reject);
          stream.once("response", ({ ":status": status, ...fields }) => {
            heard();
            const headers = new Headers();
            for (const [name, value] of Object.entries(fields)) {
              for (const each of [value ?? []].flat()) headers.append(name, String(each));
            }
            resolve({ status: Number(status), headers, body: stream });
          });
        });
        stream.end(ask.body);
        return { head, leave: () => stream.destroy() };
      }),
  };
}
