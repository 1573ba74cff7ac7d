// Sessions for Hono, as `c.var.session`.

import type { Context, MiddlewareHandler } from "hono";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { replyTo, type SessionsSource, sessionsFrom } from "./options.ts";
import { type NodeRequest, WebRequest, webFailure, withCommit } from "./web.ts";

/** What the middleware adds to the context. */
export type SessionEnv<D extends JsonShape<D>> = { Variables: { session: Session<D> } };

/**
 * The middleware: `app.use(session<Visitor>({ store: fileStore("./sessions") }))`.
 *
 * The commit is done before the response leaves. When the store fails, the answer is a 503 without a cookie and
 * without the handler's headers, whatever the application's error handler made of it. A response of 500 or above
 * commits nothing but a sign-out. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): MiddlewareHandler<SessionEnv<D>> {
  const sessions = sessionsFrom(source);
  return async (c, next) => {
    const asked = new WebRequest(c.req.raw, incoming(c));
    const opening = sessions.open(asked);
    const session = opening instanceof Promise ? await opening : opening;
    c.set("session", session);
    await next();
    try {
      const committing = sessions.commit(session, c.res.status);
      const commit = committing instanceof Promise ? await committing : committing;
      const response = asked.answer(withCommit(c.res, commit));
      if (response !== c.res) replace(c, response);
    } catch (error) {
      const reply = replyTo(error);
      if (reply === null) throw error;
      replace(c, asked.answer(webFailure(reply, c.res)));
    }
  };
}

function replace(c: Context, response: Response): void {
  // Otherwise Hono would merge the headers of the one before.
  c.res = undefined;
  c.res = response;
}

/** The request as `@hono/node-server` got it; `undefined` on other platforms. */
function incoming(c: Context): NodeRequest | undefined {
  return (c.env as { incoming?: NodeRequest } | undefined)?.incoming;
}
