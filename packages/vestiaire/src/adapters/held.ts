// Sessions for requests of `node:http`, whose responses are held until the session is committed. Shared by the adapter
// of plain Node servers and those of the frameworks that are built on them.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { JsonShape } from "../core/json.ts";
import type { Sessions } from "../core/manager.ts";
import type { SessionRequest } from "../core/request.ts";
import type { Session } from "../core/session.ts";
import type { Awaitable } from "../core/store.ts";
import { holdHead } from "./hold-head.ts";
import { type FailureReply, replyTo } from "./options.ts";

const FAULT: FailureReply = {
  status: 500,
  headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  body: "Something went wrong here. Please try again later.\n",
};

/**
 * Opens the session of a request, and holds its response from now on: one that somebody sends meanwhile waits for the
 * look-up, and any for the commit. Never throws.
 */
export function openHeld<D extends JsonShape<D>>(
  sessions: Sessions<D>,
  request: IncomingMessage,
  response: ServerResponse,
): Awaitable<Session<D>> {
  const asked = nodeRequest(request, response);
  // Somebody has answered, and left the rest to the next: there is nothing to hold any more.
  if (response.headersSent) return sessions.open({ ...asked, headSent: true });
  const opening = sessions.open(asked);
  let opened = opening;
  if (opening instanceof Promise) {
    void opening.then((session) => {
      opened = session;
    });
  }
  holdHead(response, {
    commit: (status) =>
      opened instanceof Promise
        ? opened.then((session) => sessions.commit(session, status))
        : sessions.commit(opened, status),
    replyTo: failureReply,
  });
  return opening;
}

/** What to answer in place of everything that was prepared. An error that nobody expected goes to the console. */
export function failureReply(error: unknown): FailureReply {
  const reply = replyTo(error);
  if (reply !== null) return reply;
  console.error(error);
  return FAULT;
}

/** A request as the core sees it. Its exchange is over when the response is, or the socket that it became. */
export function nodeRequest(request: IncomingMessage, response: ServerResponse | Duplex): SessionRequest {
  return {
    method: request.method ?? "GET",
    // Requests that a framework makes up for tests may be without a socket.
    encrypted: (request.socket as TLSSocket | undefined)?.encrypted === true,
    remoteAddress: request.socket?.remoteAddress,
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    onClose(listener) {
      // Responses of HTTP/2 do not tell that they are over; their streams do.
      const { destroyed } = "stream" in response ? (response.stream as Duplex) : response;
      if (destroyed) listener();
      else response.once("close", listener);
    },
  };
}
