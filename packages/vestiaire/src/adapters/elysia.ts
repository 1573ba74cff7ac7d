// Sessions for Elysia, as `session` in the context.

import { Elysia } from "elysia";
import { ConfigurationError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import type { Session } from "../core/session.ts";
import type { Awaitable } from "../core/store.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";
import { exchange } from "./web-exchange.ts";

/** The whole of the application, its error handlers included. */
type Fetch = (request: Request) => Awaitable<Response>;

/** Elysia takes plugins of one name and seed for one. */
let made = 0;

/**
 * The plugin: `new Elysia().use(session<Visitor>({ store: fileStore("./sessions") }))`. Handlers and hooks that are added
 * after it have `session` in their context; it may be used again where another plugin wants it.
 *
 * The commit is done before the response leaves. When the store fails, the answer is a 503 without a cookie and
 * without the handler's headers, whatever the application's error handlers made of it. A response of 500 or above
 * commits nothing but a sign-out. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>) {
  const sessions = sessionsFrom(source);
  const opened = new WeakMap<Request, Session<D>>();
  return new Elysia({ name: "vestiaire", seed: ++made })
    .wrap(
      (fetch) => (request: Request) =>
        exchange(sessions, request, (session) => {
          opened.set(request, session);
          // Its type says that it answers a function.
          return (fetch as unknown as Fetch)(request);
        }),
    )
    .derive({ as: "global" }, ({ request }) => {
      const session = opened.get(request);
      if (session !== undefined) return { session };
      throw new ConfigurationError("Elysia leaves plugins out with `aot: false`: take the option away.");
    });
}
