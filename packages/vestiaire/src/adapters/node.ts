// Sessions for plain `node:http`, HTTPS and HTTP/2 servers.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { failureReply, openHeld } from "./held.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";

/** A request listener with a session. */
export type SessionHandler<D extends JsonShape<D>> = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<D>,
) => unknown;

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
    const opening = openHeld(sessions, request, response);
    if (opening instanceof Promise) {
      void opening.then((session) => serve(session, handler, request, response));
    } else {
      serve(opening, handler, request, response);
    }
  };
}

function serve<D extends JsonShape<D>>(
  session: Session<D>,
  handler: SessionHandler<D>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const failed = (error: unknown) => {
    const { status, headers, body } = failureReply(error);
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

export { type UpgradeHandler, type UpgradeOptions, upgrade } from "./upgrade.ts";
