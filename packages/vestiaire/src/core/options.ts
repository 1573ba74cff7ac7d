// What a program may decide about its sessions, and the defaults for the rest. Everything is checked when the manager
// is made, so that a mistake stops the start and not a visitor.

import type { Limits } from "./changes.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { CookieOptions } from "./cookie.ts";
import { ConfigurationError } from "./errors.ts";
import type { SessionListener } from "./events.ts";
import { type Duration, type Lifespan, milliseconds } from "./expiry.ts";
import type { Proxies } from "./request.ts";
import type { SessionStore } from "./store.ts";

/** The options of `createSessions` and of every adapter's `session`. Only the store has no default. */
export interface SessionsOptions {
  readonly store: SessionStore;
  /** A session ends this long after it was made, whatever happens. Default `"30d"`. */
  readonly lifetime?: Duration;
  /** A session ends this long after its last visit. Default `"24h"`. */
  readonly idleTimeout?: Duration;
  readonly cookie?: CookieOptions;
  /** Whose forwarding headers are believed. Default: nobody's. */
  readonly proxies?: Proxies;
  /** How much one session holds, as each request sees it. Default 65,536 bytes of JSON text and 1,000 keys. */
  readonly limits?: Partial<Limits>;
  /** How many sessions one user may have; a sign-in beyond it ends the oldest. Default: any number. */
  readonly maxPerUser?: number;
  /** How long a store may take for one call. Default `"2s"`. */
  readonly deadline?: Duration;
  /** Whether this process removes expired sessions from the store in the background. Default `true`. */
  readonly sweep?: boolean;
  /** Hears what happens; for audit logs and alarms. Without it, the store's failures go to the console. */
  readonly onEvent?: SessionListener;
  /** Where the time comes from. Default: the machine. */
  readonly clock?: Clock;
}

export interface Settings {
  readonly lifespan: Lifespan;
  readonly limits: Limits;
  readonly maxPerUser: number;
  /** Milliseconds. */
  readonly deadline: number;
  readonly clock: Clock;
}

/** The options with their defaults. Throws {@link ConfigurationError} for what cannot be. */
export function readOptions(options: SessionsOptions): Settings {
  const { lifetime = "30d", idleTimeout = "24h", deadline = "2s", limits, clock = systemClock } = options;
  if (typeof options.store?.find !== "function") {
    throw new ConfigurationError(`store is missing. For one machine: { store: fileStore("./sessions") }.`);
  }
  return {
    lifespan: {
      lifetime: milliseconds(lifetime, "lifetime"),
      idleTimeout: milliseconds(idleTimeout, "idleTimeout"),
    },
    limits: {
      bytes: count(limits?.bytes ?? 65_536, "limits.bytes"),
      keys: count(limits?.keys ?? 1_000, "limits.keys"),
    },
    maxPerUser: count(options.maxPerUser ?? Number.POSITIVE_INFINITY, "maxPerUser"),
    deadline: milliseconds(deadline, "deadline"),
    clock,
  };
}

function count(value: number, option: string): number {
  if (value >= 1 && (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY)) return value;
  throw new ConfigurationError(`${option} must be a whole number from 1 on. It was ${value}.`);
}
