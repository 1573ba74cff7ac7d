// Sessions for plain `node:http`, HTTPS and HTTP/2 servers.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { JsonShape } from "../core/json.ts";
import type { Sessions } from "../core/manager.ts";
import type { SessionRequest } from "../core/request.ts";
import type { Session } from "../core/session.ts";
import { holdHead } from "./hold-head.ts";
import { type FailureReply, replyTo, type SessionsSource, sessionsFrom } from "./options.ts";

/** A request listener with a session. */
export type SessionHandler<D extends JsonShape<D>> = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<D>,
) => unknown;

const FAULT: FailureReply = {
  status: 500,
  headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  body: "Something went wrong here. Please try again later.\n",
};

/**
 * Gives sessions to request listeners:
 *
 *     const withSession = session<Visitor>({ store: fileStore("./sessions") });
 *     createServer(withSession((request, response, session) => response.end(session.data.name)));
 *
 * The response's head stays back until the session is committed. When the store fails, a 503 without a cookie leaves
 * instead of everything the handler prepared. A handler that throws before it has sent anything is answered with a 500,
 * and its error goes to the console. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(
  source: SessionsSource<D>,
): (handler: SessionHandler<D>) => RequestListener {
  const sessions = sessionsFrom(source);
  return (handler) => (request, response) => {
    const opening = sessions.open(nodeRequest(request, response));
    if (opening instanceof Promise) {
      void opening.then((session) => serve(sessions, session, handler, request, response));
    } else {
      serve(sessions, opening, handler, request, response);
    }
  };
}

function serve<D extends JsonShape<D>>(
  sessions: Sessions<D>,
  session: Session<D>,
  handler: SessionHandler<D>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  holdHead(response, {
    commit: (status) => sessions.commit(session, status),
    replyTo: (error) => replyTo(error) ?? fault(error),
  });
  const failed = (error: unknown) => {
    const { status, headers, body } = replyTo(error) ?? fault(error);
    if (response.writableEnded) return;
    // The browser must not take half an answer for a whole one.
    if (response.headersSent) return void response.destroy();
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (Object.hasOwn(response, "statusMessage")) response.statusMessage = "";
    response.writeHead(status, headers).end(body);
  };
  try {
    const done = handler(request, response, session);
    if (done instanceof Promise) done.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function fault(error: unknown): FailureReply {
  console.error(error);
  return FAULT;
}

/** Shared by the adapters of the frameworks that are built on `node:http`. */
export function nodeRequest(request: IncomingMessage, response: ServerResponse): SessionRequest {
  return {
    method: request.method ?? "GET",
    encrypted: (request.socket as TLSSocket).encrypted === true,
    remoteAddress: request.socket.remoteAddress,
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    onClose: (listener) => response.once("close", listener),
  };
}
