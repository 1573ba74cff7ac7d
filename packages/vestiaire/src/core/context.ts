// What the manager shares with its parts.

import type { Limits } from "./changes.ts";
import type { SessionCookie } from "./cookie.ts";
import type { Ending } from "./ending.ts";
import type { Happening } from "./events.ts";
import type { Lifespan } from "./expiry.ts";
import type { Guard } from "./guard.ts";
import type { KeyedQueue } from "./queue.ts";
import type { SessionRecord } from "./record.ts";
import type { SessionState } from "./state.ts";
import type { SessionStore } from "./store.ts";
import { formatToken, type Token } from "./token.ts";

export interface CoreContext {
  readonly store: SessionStore;
  readonly guard: Guard;
  readonly cookie: SessionCookie;
  readonly lifespan: Lifespan;
  readonly limits: Limits;
  /** How many sessions a user may have. */
  readonly maxPerUser: number;
  readonly queue: KeyedQueue;
  readonly ending: Ending;
  readonly emit: (happening: Happening) => void;
  now(): number;
}

/** Gives the browser this token, when the response leaves. */
export function setCookie(
  { cookie, now }: CoreContext,
  state: SessionState,
  token: Token,
  record: SessionRecord,
): void {
  const rest = record.persistent ? record.endsAt - now() : undefined;
  state.cookie = cookie.write(formatToken(token), state.secure, rest);
}
