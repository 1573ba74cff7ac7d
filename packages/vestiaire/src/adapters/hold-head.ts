// Keeps a response's head back until the session is committed. `node:http` sends the head with the first byte of the
// body, while the commit may have to wait for a store; so from that byte on the response is held: to the handler it
// looks sent, and what it writes is queued with backpressure. Then everything leaves in order, or a failure in its place.

import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  OutgoingMessage,
  ServerResponse,
} from "node:http";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Commit } from "../core/manager.ts";
import type { Awaitable } from "../core/store.ts";
import { type FailureReply, varyWithCookie } from "./options.ts";

export interface HeadCommit {
  /** Called once, with the status that is about to be sent. */
  commit(status: number): Awaitable<Commit>;
  /** What to send when the commit failed with this error. */
  replyTo(error: unknown): FailureReply;
}

/** Puts the hold on a response to which nothing has been written yet. */
export function holdHead(response: ServerResponse, head: HeadCommit): void {
  new HeldResponse(response, head).install();
}

/** The methods that come through the hold. */
const HELD = [
  "writeHead",
  "flushHeaders",
  "write",
  "end",
  "addTrailers",
  "setHeader",
  "setHeaders",
  "appendHeader",
  "removeHeader",
  "flush",
] as const;
type Held = (typeof HELD)[number];
type Method = (...args: unknown[]) => unknown;

class HeldResponse {
  readonly #response: ServerResponse;
  readonly #head: HeadCommit;
  /** The methods as they were, which may be another middleware's. */
  readonly #real: Readonly<Record<Held, Method>>;
  /** The head is the handler's; fixed by `writeHead`; waiting for the commit; on its way; replaced by a failure. */
  #phase: "open" | "fixed" | "waiting" | "sent" | "failed" = "open";
  /** Node's methods call each other on the response; those calls are not the handler's. */
  #calling = false;
  #status = 0;
  #queue: (readonly [name: Held, args: unknown[]])[] = [];
  #queuedBytes = 0;
  #owesDrain = false;
  #ended = false;
  #failure: unknown;

  constructor(response: ServerResponse, head: HeadCommit) {
    this.#response = response;
    this.#head = head;
    this.#real = Object.fromEntries(HELD.map((name) => [name, Reflect.get(response, name)])) as Record<
      Held,
      Method
    >;
  }

  install(): void {
    const response = this.#response;
    const prototype: object = Object.getPrototypeOf(response);
    // Whoever wrapped the response before the hold sees what is really so.
    const really = (name: string) => Reflect.get(prototype, name, response);
    Object.defineProperties(response, {
      headersSent: {
        configurable: true,
        get: () => (this.#calling ? really("headersSent") : this.#phase !== "open"),
      },
      writableEnded: {
        configurable: true,
        get: () => (!this.#calling && this.#ended) || really("writableEnded"),
      },
    });
    const handlers: Record<Held, (args: unknown[]) => unknown> = {
      writeHead: (args) => this.#writeHead(args),
      flushHeaders: (args) => this.#pass("flushHeaders", args),
      write: (args) => this.#write(args),
      end: (args) => this.#end(args),
      addTrailers: (args) => this.#addTrailers(args),
      setHeader: (args) => this.#change("setHeader", args),
      setHeaders: (args) => this.#change("setHeaders", args),
      appendHeader: (args) => this.#change("appendHeader", args),
      removeHeader: (args) => this.#change("removeHeader", args),
      flush: (args) => this.#flush(args),
    };
    // Node fixes the head with it; so does older middleware, at each write, for it asks the private `_header` whether
    // that was done.
    const fixHead = () => {
      const fix = () => response.writeHead(response.statusCode);
      if (this.#phase === "open") fix();
      else if (this.#phase === "sent" || this.#phase === "failed") this.#asNode(fix);
    };
    if ("_implicitHeader" in response) Object.assign(response, { _implicitHeader: fixHead });
    for (const name of HELD) {
      // Not Node's: compression puts it there, if it comes first.
      if (name === "flush" && !Object.hasOwn(response, name)) continue;
      const handle = handlers[name];
      Object.assign(response, {
        [name]: (...args: unknown[]) => (this.#calling ? this.#call(name, ...args) : handle(args)),
      });
    }
  }

  #call(name: Held, ...args: unknown[]): unknown {
    return this.#asNode(() => Reflect.apply(this.#real[name], this.#response, args));
  }

  #asNode<T>(work: () => T): T {
    const outermost = !this.#calling;
    this.#calling = true;
    try {
      return work();
    } finally {
      if (outermost) this.#calling = false;
    }
  }

  /** Node's own errors, for what comes too late, are raised by Node itself once the head is on its way. */
  #refuseLate(action: string): void {
    if (this.#phase === "open" || this.#phase === "sent") return;
    throw Object.assign(new Error(`Cannot ${action} headers after they are sent to the client`), {
      code: "ERR_HTTP_HEADERS_SENT",
    });
  }

  #change(name: Held, args: unknown[]): unknown {
    this.#refuseLate(name === "removeHeader" ? "remove" : "set");
    return this.#call(name, ...args);
  }

  /** Fixes the head without building it: the commit still has headers to add. */
  #writeHead(args: unknown[]): unknown {
    if (this.#phase === "sent") return this.#call("writeHead", ...args);
    this.#refuseLate("write");
    const message = typeof args[1] === "string" ? args[1] : undefined;
    const headers = (message === undefined ? args[1] : args[2]) as
      | OutgoingHttpHeaders
      | OutgoingHttpHeader[]
      | undefined;
    refuseInvalid(args[0], message ?? this.#statusMessage, headers);
    for (const [name, value, again] of pairsOf(headers)) {
      this.#call(again ? "appendHeader" : "setHeader", name, value);
    }
    if (message !== undefined) this.#response.statusMessage = message;
    this.#status = Math.trunc(Number(args[0]));
    this.#phase = "fixed";
    return this.#response;
  }

  #write(args: unknown[]): boolean {
    const [chunk, encoding] = args;
    refuseWrongChunk(chunk);
    const result = this.#pass("write", args) as boolean | undefined;
    if (this.#phase !== "waiting") return result ?? true;
    this.#queuedBytes +=
      typeof chunk === "string" ? Buffer.byteLength(chunk, encoding as BufferEncoding) : chunk.byteLength;
    this.#owesDrain ||= this.#queuedBytes >= this.#response.writableHighWaterMark;
    return !this.#owesDrain;
  }

  #end(args: unknown[]): ServerResponse {
    if (args[0] && typeof args[0] !== "function") refuseWrongChunk(args[0]);
    this.#pass("end", args);
    this.#ended = true;
    return this.#response;
  }

  #addTrailers(args: unknown[]): void {
    // Before the first byte they need not wait, and trigger nothing.
    if (this.#phase === "waiting") this.#queue.push(["addTrailers", args]);
    else if (this.#phase !== "failed") this.#call("addTrailers", ...args);
  }

  /** Lets go of what was written, which may be in the queue. */
  #flush(args: unknown[]): unknown {
    return this.#phase === "waiting" ? this.#queue.push(["flush", args]) : this.#call("flush", ...args);
  }

  /** Calls what needs the head gone: now, or when it is. */
  #pass(name: Held, args: unknown[]): unknown {
    if (this.#phase === "open" || this.#phase === "fixed") this.#commit();
    if (this.#phase === "sent") return this.#call(name, ...args);
    if (this.#phase === "waiting") this.#queue.push([name, args]);
    else this.#answer(args);
    return undefined;
  }

  #commit(): void {
    if (this.#phase === "open") {
      this.#status = this.#response.statusCode;
      refuseInvalid(this.#status, this.#statusMessage);
    }
    this.#phase = "waiting";
    try {
      const committing = this.#head.commit(this.#status);
      if (committing instanceof Promise) {
        committing.then((commit) => this.#release(commit)).catch((error: unknown) => this.#fail(error));
      } else {
        this.#release(committing);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #release({ cookie, used }: Commit): void {
    const response = this.#response;
    if (used) this.#call("setHeader", "Vary", varyWithCookie(textOf(response.getHeader("Vary"))));
    if (cookie !== null) {
      // In a new list: `appendHeader` would put it into the handler's own, which other responses may share.
      this.#call("setHeader", "Set-Cookie", [response.getHeader("Set-Cookie") ?? [], cookie].flat());
      if (!response.hasHeader("Cache-Control")) this.#call("setHeader", "Cache-Control", "no-store");
    }
    response.statusCode = this.#status;
    this.#phase = "sent";
    for (const [name, args] of this.#queue.splice(0)) this.#call(name, ...args);
    if (this.#owesDrain && !response.writableNeedDrain) process.nextTick(() => response.emit("drain"));
  }

  /** Sends the failure instead of everything that the handler prepared. */
  #fail(error: unknown): void {
    const response = this.#response;
    if (this.#phase === "sent") {
      response.destroy(error as Error);
      return;
    }
    this.#failure = error;
    const { status, headers, body } = this.#head.replyTo(error);
    for (const name of response.getHeaderNames()) this.#call("removeHeader", name);
    this.#call("addTrailers", {});
    response.statusCode = status;
    if (this.#statusMessage !== undefined) response.statusMessage = "";
    for (const [name, value] of Object.entries(headers)) this.#call("setHeader", name, value);
    this.#call("setHeader", "Content-Length", Buffer.byteLength(body));
    this.#phase = "failed";
    this.#call("end", body);
    for (const [, args] of this.#queue.splice(0)) this.#answer(args);
    // Whoever pipes into the response is let finish; what it sends goes nowhere. Node stops reading a source whose
    // target has finished, and its pipeline would wait for ever.
    response.on("unpipe", (source: Readable) => source.resume());
    if (this.#owesDrain) process.nextTick(() => response.emit("drain"));
  }

  /** The handler's own; reading it where there is none would make HTTP/2, which has none, print a warning. */
  get #statusMessage(): string | undefined {
    return Object.hasOwn(this.#response, "statusMessage") ? this.#response.statusMessage : undefined;
  }

  /** Tells the callback of a write, if there is one, that its bytes went nowhere. */
  #answer(args: unknown[]): void {
    const callback = args.findLast((arg) => typeof arg === "function");
    if (callback) process.nextTick(callback as (error: unknown) => void, this.#failure);
  }
}

/** Lets Node raise its own error for a head that it would refuse only when the head leaves, after the commit. */
function refuseInvalid(status: unknown, message: string | undefined, headers?: unknown): void {
  const inRange = Number(status) >= 100 && Number(status) < 1_000;
  const isOdd = Array.isArray(headers) && !Array.isArray(headers[0]) && headers.length % 2 === 1;
  if (inRange && !isOdd && !/[^\t\x20-\x7e\x80-\xff]/.test(message ?? "")) return;
  const nobodys = new ServerResponse(new IncomingMessage(new Socket()));
  nobodys.writeHead(status as number, message ?? "", headers as OutgoingHttpHeader[]);
}

/** The same for a piece of the body. */
function refuseWrongChunk(chunk: unknown): asserts chunk is string | Uint8Array {
  if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) new OutgoingMessage().write(chunk);
}

/** The headers given to `writeHead`, in its three forms; `again` marks a name that came before. */
function* pairsOf(
  headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined,
): Generator<[name: string, value: unknown, again: boolean]> {
  if (headers === undefined || headers === null) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) yield [name, value, false];
    return;
  }
  const nested = headers.some(Array.isArray);
  const flat = (nested ? headers.flatMap((pair) => pair as unknown as unknown[]) : headers) as unknown[];
  const seen = new Set<string>();
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index]);
    yield [name, flat[index + 1], seen.has(name.toLowerCase())];
    seen.add(name.toLowerCase());
  }
}

function textOf(header: number | string | readonly string[] | undefined): string | undefined {
  return header === undefined ? undefined : Array.isArray(header) ? header.join(", ") : String(header);
}
