// Sessions for h3, and for Nitro, which is built on it.

import { type H3Event, type Middleware, toResponse } from "h3";
import { ConfigurationError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { replyTo, type SessionsSource, sessionsFrom } from "./options.ts";
import { exchange } from "./web-exchange.ts";

/** What `session` makes: a middleware, which also knows the session of each request that came through it. */
export interface SessionMiddleware<D extends JsonShape<D>> extends Middleware {
  /** The request's session. Throws `ConfigurationError` for a request that did not come through this middleware. */
  of(event: Pick<H3Event, "context">): Session<D>;
}

/**
 * The middleware, and the way to a request's session:
 *
 *     const visits = session<Visitor>({ store: fileStore("./sessions") });
 *     new H3().use(visits).get("/", (event) => visits.of(event).data.name);
 *
 * What the middleware and handlers after it answered, or threw, becomes the response here, so that the commit is done
 * before the response leaves; middleware before it sees that response. When the store fails, the answer is a 503
 * without a cookie and without the handler's headers, and the application's error hook is not asked. A response of 500
 * or above commits nothing but a sign-out. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): SessionMiddleware<D> {
  const sessions = sessionsFrom(source);
  // By the event: requests may share their context, and a validated handler gets another `req`.
  const opened = new WeakMap<object, Session<D>>();
  const middleware: Middleware = (event, next) => {
    if (opened.has(event)) return next();
    return exchange(sessions, event.req, (session) => {
      opened.set(event, session);
      return responseOf(event, next);
    });
  };
  return Object.assign(middleware, {
    of(event: Pick<H3Event, "context">): Session<D> {
      const session = opened.get(event);
      if (session !== undefined) return session;
      throw new ConfigurationError(
        "This request has no session: put the middleware before the route, with app.use, and no cache around both.",
      );
    },
  });
}

/** What h3 would answer, its error hook included. */
async function responseOf(event: H3Event, next: () => unknown): Promise<Response> {
  // h3 calls it when the response is on its way.
  const { onResponse: _later, ...config } = event.app?.config ?? {};
  try {
    return await toResponse(await next(), event, config);
  } catch (error) {
    // What h3 would print, and the hook would answer, for a failure of the store is of no use: the answer is a 503.
    const isOurs = replyTo(error) !== null;
    return toResponse(Promise.reject(error), event, isOurs ? { silent: true } : config);
  }
}
