// Sessions for websockets, on any server of `node:http`, whichever framework it serves: all of them leave the server's
// `upgrade` event to the application.

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { JsonShape } from "../core/json.ts";
import type { Sessions } from "../core/manager.ts";
import { type Session, stateOf } from "../core/session.ts";
import { failureReply, nodeRequest } from "./held.ts";

/** A listener of `upgrade` with a session. */
export type UpgradeHandler<D extends JsonShape<D>> = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  session: Session<D>,
) => unknown;

/** Whose pages may connect. */
export interface UpgradeOptions {
  /** The origins whose pages may connect besides the server's own, such as `"https://app.example.com"`. */
  readonly origins?: readonly string[];
}

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Gives sessions to websockets, here to those of the package ws:
 *
 *     const sockets = new WebSocketServer({ noServer: true });
 *     const connect = upgrade(sessions, (request, socket, head, session) => {
 *       sockets.handleUpgrade(request, socket, head, (webSocket) => greet(webSocket, session));
 *     });
 *     createServer(app).on("upgrade", connect);
 *
 * The session is the one of the browser's cookie, and none is made. It outlives the upgrade: what changes is stored by
 * `session.save()` alone, which throws `HeadSentError` for whatever needs a cookie. An open socket is no visit; call
 * `touch()` and `save()` for what is. When the session ends, wherever that happens, the socket is closed; a listener on
 * `session.signal` may say goodbye first.
 *
 * Browsers let the pages of any site connect, with the visitor's cookies. A page of another origin than the server's own
 * (the request's `Host`, over the same protocol) gets a 403, unless `origins` names it. When the store fails the answer
 * is a 503, and a handler that throws is answered with a 500; or the socket is closed, if something was sent already.
 */
export function upgrade<D extends JsonShape<D>>(
  sessions: Sessions<D>,
  handler: UpgradeHandler<D>,
  { origins = [] }: UpgradeOptions = {},
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const serve = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const session = await sessions.open({ ...nodeRequest(request, socket), headSent: true });
    const { origin, host } = request.headers;
    if (origin !== undefined && !origins.includes(origin) && !isOwn(origin, host, stateOf(session).secure)) {
      return refuse(socket, foreign(origin));
    }
    // Not before the listeners of the handler have sent their last words.
    const close = () => setImmediate(() => socket.destroy());
    session.signal.addEventListener("abort", close, { once: true });
    await handler(request, socket, head, session);
  };
  return (request, socket, head) => {
    // A connection that breaks is seen in its close. Unheard, its error would end the process.
    socket.on("error", () => {});
    // The connection may have served other requests.
    const sentBefore = (socket as Socket).bytesWritten;
    serve(request, socket, head).catch((error: unknown) => {
      const reply = failureReply(error);
      if ((socket as Socket).bytesWritten === sentBefore) refuse(socket, reply);
      else socket.destroy();
    });
  };
}

/** Whether the page is of the host that it connects to, and came encrypted where the cookie is `Secure`. */
function isOwn(origin: string, host: string | undefined, secure: boolean): boolean {
  const page = URL.parse(origin);
  if (page === null || !host || (secure && page.protocol !== "https:")) return false;
  // In the same form: a proxy may add the port that browsers leave out.
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

function foreign(origin: string): Refusal {
  return {
    status: 403,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
    body: `Pages of ${origin} may not connect here. Name the origin in \`origins\`, or let the proxy pass the Host it was sent.\n`,
  };
}

/** Answers in plain HTTP, and closes the connection. */
function refuse(socket: Duplex, { status, headers, body }: Refusal): void {
  const length = String(Buffer.byteLength(body));
  const lines = Object.entries({ ...headers, "Content-Length": length, Connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
}
