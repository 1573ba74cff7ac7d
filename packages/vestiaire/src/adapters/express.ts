// Sessions for Express 4 and 5, and for whatever else calls its middleware with `(request, response, next)`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { openHeld } from "./held.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";

/** A middleware for `app.use`, which also knows the session of each request that came through it. */
export interface SessionMiddleware<D extends JsonShape<D>> {
  (request: IncomingMessage, response: ServerResponse, next: () => void): void;
  /** The session of a request. Throws `ConfigurationError` for a request that did not come through this middleware. */
  of(request: IncomingMessage): Session<D>;
}

/**
 * The middleware, and the way to a request's session:
 *
 *     const visits = session<Visitor>({ store: fileStore("./sessions") });
 *     app.use(visits);
 *     app.get("/", (request, response) => response.send(visits.of(request).data.name));
 *
 * The response's head stays back until the session is committed. When the store fails, a 503 without a cookie leaves,
 * whatever the application's error handlers made of it. A response of 500 or above commits nothing but a sign-out.
 * Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): SessionMiddleware<D> {
  const sessions = sessionsFrom(source);
  const opened = new WeakMap<IncomingMessage, Session<D>>();
  const middleware = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const serve = (session: Session<D>) => {
      opened.set(request, session);
      next();
    };
    // There is one already where both the application and a router in it use the middleware.
    const opening = opened.get(request) ?? openHeld(sessions, request, response);
    if (opening instanceof Promise) void opening.then(serve);
    else serve(opening);
  };
  return Object.assign(middleware, {
    of(request: IncomingMessage): Session<D> {
      const session = opened.get(request);
      if (session !== undefined) return session;
      throw new ConfigurationError(
        "This request has no session: mount the session middleware with app.use(…) before the routes that use it.",
      );
    },
  });
}
