// Sessions for servers whose handler is `(Request) => Response`: Deno, Bun, workers, and the frameworks built on them.

import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";
import { exchange } from "./web-exchange.ts";

/** A handler with a session. What the platform passes after the request comes after the session. */
export type SessionHandler<D extends JsonShape<D>, Rest extends unknown[]> = (
  request: Request,
  session: Session<D>,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * Gives sessions to fetch handlers:
 *
 *     const withSession = session<Visitor>({ store: memoryStore() });
 *     export default { fetch: withSession((request, session) => new Response(session.data.name)) };
 *
 * The commit is done when the wrapped handler's promise resolves. When the store fails, that is a 503 without a cookie;
 * a handler that throws commits nothing but a sign-out. To be told of the session's end in a streamed body, read
 * `session.signal` before returning the response. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>) {
  const sessions = sessionsFrom(source);
  return <Rest extends unknown[]>(handler: SessionHandler<D, Rest>) =>
    (request: Request, ...rest: Rest): Promise<Response> =>
      exchange(sessions, request, (session) => handler(request, session, ...rest));
}
