// Sessions for Koa, as `ctx.state.session`.

import type { IncomingMessage } from "node:http";
import type { Middleware } from "koa";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { openHeld } from "./held.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";

/** What the middleware adds to the state: for `new Koa<SessionState<Visitor>>()`, and for routers. */
export type SessionState<D extends JsonShape<D>> = { session: Session<D> };

/**
 * The middleware: `app.use(session<Visitor>({ store: fileStore("./sessions") }))`.
 *
 * The response's head stays back until the session is committed, also where `ctx.respond` is false. When the store
 * fails, a 503 without a cookie leaves, whatever the application made of the error. A response of 500 or above commits
 * nothing but a sign-out. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): Middleware<SessionState<D>> {
  const sessions = sessionsFrom(source);
  const opened = new WeakMap<IncomingMessage, Session<D>>();
  return async ({ req, res, state }, next) => {
    // There is one already where both the application and a router in it use the middleware.
    const opening = opened.get(req) ?? openHeld(sessions, req, res);
    const session = opening instanceof Promise ? await opening : opening;
    opened.set(req, session);
    state.session = session;
    await next();
  };
}
