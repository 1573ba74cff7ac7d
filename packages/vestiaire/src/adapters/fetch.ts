// Sessions for servers whose handler is `(Request) => Response`: Deno, Bun, workers, and the frameworks built on them.

import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import { replyTo, type SessionsSource, sessionsFrom } from "./options.ts";
import { WebRequest, webFailure, withCommit } from "./web.ts";

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
    async (request: Request, ...rest: Rest): Promise<Response> => {
      const asked = new WebRequest(request);
      const session = await sessions.open(asked);
      const handle = async () => {
        try {
          return await handler(request, session, ...rest);
        } catch (error) {
          // The platform will make a 500 of it, in spite of which a sign-out counts.
          if (replyTo(error) === null) await sessions.commit(session, 500);
          throw error;
        }
      };
      try {
        const response = await handle();
        return asked.answer(withCommit(response, await sessions.commit(session, response.status)));
      } catch (error) {
        const reply = replyTo(error);
        if (reply === null) throw error;
        return asked.answer(webFailure(reply));
      }
    };
}
