// Sessions for the App Router of Next.js, which hands nobody its response: server components cannot set cookies at all,
// and server actions set them through `cookies()` of next/headers.

import type { JsonShape } from "../core/json.ts";
import type { SessionRequest } from "../core/request.ts";
import type { Session } from "../core/session.ts";
import type { Awaitable } from "../core/store.ts";
import { type SessionsSource, sessionsFrom } from "./options.ts";
import { exchange } from "./web-exchange.ts";

/** What is used of the module next/headers, which knows the request that is being answered. */
export interface NextHeaders {
  headers(): Promise<{ get(name: string): string | null }>;
  cookies(): Promise<NextCookies>;
}

/** What is used of the cookies of next/headers. */
export interface NextCookies {
  getAll(): readonly { readonly name: string; readonly value: string }[];
  set(name: string, value: string, attributes: NextCookieAttributes): unknown;
}

/** A cookie's attributes as Next.js takes them. `maxAge` is in seconds. */
export interface NextCookieAttributes {
  path?: string;
  domain?: string;
  maxAge?: number;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: "strict" | "lax" | "none";
}

/** A session as it was when it was read, without the calls that change it. */
export type SessionView<D extends JsonShape<D>> = Readonly<
  Pick<
    Session<D>,
    "data" | "id" | "userId" | "isNew" | "createdAt" | "signedInAt" | "lastSeenAt" | "expiresAt"
  >
>;

/** The ways to a session in Next.js, on one manager. */
export interface NextSessions<D extends JsonShape<D>> {
  /**
   * The session of the request that is being answered, for server components. Counts as a visit. Each call looks the
   * session up: wrap it in React's `cache` to do that once for each request. Throws `StoreError`.
   */
  read(): Promise<SessionView<D>>;
  /**
   * Makes a server action of a function that takes a session first. The commit is done, and the cookie is set, before
   * Next.js hears of the outcome. `redirect()`, `notFound()` and their like are outcomes too; any other error commits
   * nothing but a sign-out. The action throws `StoreError` when the store fails, and then sets no session cookie.
   */
  action<Args extends unknown[], R>(
    act: (session: Session<D>, ...args: Args) => Awaitable<R>,
  ): (...args: Args) => Promise<R>;
  /**
   * Makes a route handler of a function that takes the request, the session and what Next.js passes besides. When the
   * store fails, the answer is a 503 without a cookie. `redirect()`, `notFound()` and their like are answers, as in
   * actions; a handler that throws anything else commits nothing but a sign-out.
   */
  route<Asked extends Request, Rest extends unknown[]>(
    handler: (request: Asked, session: Session<D>, ...rest: Rest) => Awaitable<Response>,
  ): (request: Asked, ...rest: Rest) => Promise<Response>;
}

/**
 * Gives sessions to server components, server actions and route handlers:
 *
 *     import { cookies, headers } from "next/headers";
 *     const visits = session<Visitor>({ store: fileStore("./sessions") }, { cookies, headers });
 *     export const read = cache(visits.read);
 *     export const { action, route } = visits;
 *
 * Next.js believes `X-Forwarded-Proto` whoever sent it, and tells nobody the connection's peer: `proxies` need not be
 * declared, and a proxy that speaks HTTPS has to set that header. Throws `ConfigurationError` at once for options that
 * cannot be.
 */
export function session<D extends JsonShape<D>>(
  source: SessionsSource<D>,
  next: NextHeaders,
): NextSessions<D> {
  const sessions = sessionsFrom(source);

  async function commit(session: Session<D>, status: number): Promise<void> {
    const { cookie } = await sessions.commit(session, status);
    if (cookie !== null) setCookie(await next.cookies(), cookie);
  }

  return {
    async read() {
      const session = await sessions.open(await requestOf(next, "GET"));
      await session.save();
      const { data, id, userId, isNew, createdAt, signedInAt, lastSeenAt, expiresAt } = session;
      return { data, id, userId, isNew, createdAt, signedInAt, lastSeenAt, expiresAt };
    },
    action:
      (act) =>
      async (...args) => {
        const session = await sessions.open(await requestOf(next, "POST"));
        let status = 200;
        try {
          return await act(session, ...args);
        } catch (error) {
          status = statusOf(error);
          throw error;
        } finally {
          await commit(session, status);
        }
      },
    route:
      (handler) =>
      (request, ...rest) =>
        exchange(sessions, request, async (session) => {
          try {
            return await handler(request, session, ...rest);
          } catch (error) {
            const status = statusOf(error);
            // Next.js would answer the same, but without the cookie.
            if (status >= 400 && status < 500) return new Response(null, { status });
            if (status < 400) await commit(session, status);
            throw error;
          }
        }),
  };
}

/** The request that is being answered. */
async function requestOf(next: NextHeaders, method: string): Promise<SessionRequest> {
  const headers = await next.headers();
  const cookie = cookieHeader(await next.cookies(), headers.get("cookie") ?? "");
  return {
    method,
    // As Next.js makes the URL that route handlers see. It adds the header where there is none.
    encrypted: headers.get("x-forwarded-proto")?.includes("https") ?? false,
    header: (name) => (name === "cookie" ? cookie : headers.get(name)),
  };
}

/**
 * The `Cookie` header with what an action of the same request has set since. Next.js knows one cookie of each name; one
 * that the browser sent twice stays twice.
 */
function cookieHeader(cookies: NextCookies, sent: string): string {
  const names = sent.split(";").map((pair) => pair.split("=", 1)[0]?.trim());
  return cookies
    .getAll()
    .flatMap(({ name, value }) => {
      const pair = `${name}=${encodeURIComponent(value)}`;
      return names.filter((other) => other === name).length > 1 ? [pair, pair] : [pair];
    })
    .join("; ");
}

/** Sets the cookie of a `Set-Cookie` text, which Next.js takes only in parts. */
function setCookie(cookies: NextCookies, text: string): void {
  const [[name, value] = ["", ""], ...attributes] = text.split("; ").map(halves);
  const options: NextCookieAttributes = {};
  for (const [attribute, content] of attributes) {
    if (attribute === "Path") options.path = content;
    if (attribute === "Domain") options.domain = content;
    if (attribute === "Max-Age") options.maxAge = Number(content);
    if (attribute === "HttpOnly") options.httpOnly = true;
    if (attribute === "Secure") options.secure = true;
    if (attribute === "SameSite") options.sameSite = content.toLowerCase() as "strict" | "lax" | "none";
  }
  cookies.set(name, value, options);
}

function halves(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** The status that Next.js makes of what an action threw: that of `redirect()` and of `notFound()`, or 500. */
function statusOf(error: unknown): number {
  const digest = String((error as { digest?: unknown } | null | undefined)?.digest);
  if (digest.startsWith("NEXT_REDIRECT;")) return 303;
  return Number(/^NEXT_HTTP_ERROR_FALLBACK;(\d{3})$/.exec(digest)?.[1] ?? 500);
}
