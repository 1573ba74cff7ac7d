// Sessions for React Router's server: as a middleware, and behind React Router's own `SessionStorage`, for programs that
// are written for that.

import type {
  RouterContextProvider,
  Session as RouterSession,
  SessionStorage as RouterStorage,
  SessionData,
} from "react-router";
import { ConfigurationError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import { type Session, stateOf } from "../core/session.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";
import { type AnyData, Stored } from "./stored-session.ts";
import { exchange } from "./web-exchange.ts";

/** What `session` makes: a server middleware, which also knows the session of each request that came through it. */
export interface SessionMiddleware<D extends JsonShape<D>> {
  (args: MiddlewareArgs, next: () => Promise<unknown>): Promise<Response>;
  /** The request's session. Throws `ConfigurationError` for a request that did not come through this middleware. */
  of(context: Readonly<RouterContextProvider>): Session<D>;
}

/** What React Router tells a middleware, as far as this one looks. */
export interface MiddlewareArgs {
  readonly request: Request;
  readonly context: Readonly<RouterContextProvider>;
}

/**
 * The middleware, and the way to a request's session:
 *
 *     export const visits = session<Visitor>({ store: fileStore("./sessions") });
 *     // In root.tsx, and in any route below it:
 *     export const middleware = [visits];
 *     export const loader = ({ context }) => ({ name: visits.of(context).data.name });
 *
 * All loaders and actions of a request have one session. The commit is done before the response leaves, by the status
 * that React Router gives it: 500 or above commits nothing but a sign-out. When the store fails, the answer is a 503
 * without a cookie and without the routes' headers. Throws `ConfigurationError` at once for options that cannot be.
 */
export function session<D extends JsonShape<D>>(source: SessionsSource<D>): SessionMiddleware<D> {
  const sessions = sessionsFrom(source);
  const opened = new WeakMap<object, { readonly request: Request; readonly session: Session<D> }>();
  const middleware = async ({ request, context }: MiddlewareArgs, next: () => Promise<unknown>) => {
    // What the middleware after this one answers is a response, on the server; its type depends on the mode.
    const answer = next as () => Promise<Response>;
    const before = opened.get(context);
    if (before?.request === request) return answer();
    // One of the two would see the other's session.
    if (before)
      throw new ConfigurationError("Two requests share a context: make one for each in getLoadContext.");
    return exchange(sessions, request, (session) => {
      opened.set(context, { request, session });
      return answer();
    });
  };
  return Object.assign(middleware, {
    of(context: Readonly<RouterContextProvider>): Session<D> {
      const found = opened.get(context);
      if (found) return found.session;
      throw new ConfigurationError(
        "This request has no session: put the middleware into `middleware` of the root route.",
      );
    },
  });
}

/** React Router's session, and what signing in needs beside it. */
export interface StoredSession<D, Flash = D> extends RouterSession<D, Flash> {
  /** Who is signed in; `null` for nobody. */
  readonly userId: string | null;
  /**
   * Signs a user in, as {@link Session.signIn}: once it is committed, the browser has a new session, and the one before
   * is gone. `persistent` lets the cookie outlive the browser.
   */
  signIn(userId: string, options?: { readonly persistent?: boolean }): void;
}

/** React Router's `SessionStorage` with {@link StoredSession}s, whose cookie is decided where it is made. */
export interface SessionStorage<D, Flash = D> extends RouterStorage<D, Flash> {
  /** The session of this `Cookie` header; a new one where it opens none. Rejects with `StoreError`. */
  getSession(cookieHeader?: string | null): Promise<StoredSession<D, Flash>>;
  /**
   * Stores what was changed, key by key, and answers the `Set-Cookie` value. It is `""` when the browser has its cookie:
   * browsers ignore a `Set-Cookie` of nothing. Rejects with `StoreError`, and with `ConfigurationError` for options.
   */
  commitSession(session: RouterSession<D, Flash>): Promise<string>;
  /** Ends the session, and answers the `Set-Cookie` value that removes its cookie. Rejects as `commitSession` does. */
  destroySession(session: RouterSession<D, Flash>): Promise<string>;
}

/**
 * Sessions behind React Router's own interface, in the place of `createFileSessionStorage` and its like:
 *
 *     export const { getSession, commitSession, destroySession } = sessionStorage<Visitor>({
 *       store: fileStore("./sessions"),
 *       cookie: { secure: process.env.NODE_ENV === "production" },
 *     });
 *
 * New programs are better off with the middleware: this interface shows no request, so `cookie.secure` must be said, a
 * HEAD request commits like a GET, and two loaders that both begin a session begin two. Throws `ConfigurationError` at
 * once for options that cannot be.
 */
export function sessionStorage<D extends JsonShape<D> = SessionData, Flash extends JsonShape<Flash> = D>(
  source: SessionsSource<D>,
): SessionStorage<D, Flash> {
  const sessions = sessionsFrom(source);
  const open = (encrypted: boolean, cookie: string | null) =>
    sessions.open({ method: "GET", encrypted, header: (name) => (name === "cookie" ? cookie : null) });
  // Without a cookie there is nothing to look up, and nothing to wait for.
  const isSecure = (encrypted: boolean) => stateOf(open(encrypted, null) as Session<D>).secure;
  if (isSecure(true) !== isSecure(false)) {
    throw new ConfigurationError(
      `cookie.secure must be said, for this interface shows no request to go by. ` +
        `Write cookie: { secure: process.env.NODE_ENV === "production" }.`,
    );
  }
  return {
    async getSession(cookieHeader = null) {
      const opened = await open(false, cookieHeader);
      // Writes the visit down where that is due: loaders that only read commit nothing.
      await opened.save();
      return new Stored(opened as unknown as Session<AnyData>) as object as StoredSession<D, Flash>;
    },
    async commitSession(session, ...options: unknown[]) {
      refuse(options);
      return ours(session).commit();
    },
    async destroySession(session, ...options: unknown[]) {
      refuse(options);
      const stored = ours(session);
      stored.signOut();
      return stored.commit();
    },
  };
}

function refuse([options]: readonly unknown[]): void {
  if (Object.values(options ?? {}).every((option) => option === undefined)) return;
  throw new ConfigurationError(
    "The session's cookie takes no options here: lifetime, path and the like are sessionStorage's, " +
      "and a cookie that outlives the browser is session.signIn(userId, { persistent: true }).",
  );
}

function ours(session: object): Stored {
  if (session instanceof Stored) return session;
  throw new ConfigurationError("This session is not of this storage: take it from its getSession.");
}
