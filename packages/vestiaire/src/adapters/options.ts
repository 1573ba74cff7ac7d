// What the adapters have in common: who gives them their sessions, and what to answer when there are none to give.

import { ContentionError, StoreError, UndeclaredProxyError } from "../core/errors.ts";
import type { JsonShape } from "../core/json.ts";
import { createSessions, Sessions } from "../core/manager.ts";
import type { SessionsOptions } from "../core/options.ts";

/** The options of `createSessions`, or a manager made with it. */
export type SessionsSource<D extends JsonShape<D>> = SessionsOptions | Sessions<D>;

export function sessionsFrom<D extends JsonShape<D>>(source: SessionsSource<D>): Sessions<D> {
  return source instanceof Sessions ? source : createSessions<D>(source);
}

/** The answer to a request whose session could not be looked up or stored. */
export interface FailureReply {
  readonly status: 500 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TEXT = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" };

const UNAVAILABLE: FailureReply = {
  status: 503,
  headers: { ...TEXT, "Retry-After": "1" },
  body: "The service is briefly unavailable, and nothing was changed. Please try again.\n",
};

const MISCONFIGURED: FailureReply = {
  status: 500,
  headers: TEXT,
  body: "The server is not configured for this connection. Its log says what to do.\n",
};

/** What to answer when the session layer failed with this error; `null` when it did not: the error is a handler's. */
export function replyTo(error: unknown): FailureReply | null {
  if (error instanceof StoreError || error instanceof ContentionError) return UNAVAILABLE;
  return error instanceof UndeclaredProxyError ? MISCONFIGURED : null;
}

/** `Vary` with `Cookie` in it. */
export function varyWithCookie(vary: string | null | undefined): string {
  if (!vary) return "Cookie";
  return /(?:^|,)\s*(?:\*|cookie)\s*(?:,|$)/i.test(vary) ? vary : `${vary}, Cookie`;
}
