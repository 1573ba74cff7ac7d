// How long a session lives: the idle timeout, the absolute lifetime, and when a visit is worth writing down. The
// server enforces both whatever the cookie says; the numbers here are its only source.

import { ConfigurationError } from "./errors.ts";
import type { SessionRecord } from "./record.ts";

/** Milliseconds, or a number with its unit: `"30s"`, `"15m"`, `"12h"`, `"30d"`. */
export type Duration = number | `${number}${"s" | "m" | "h" | "d"}`;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration of at least one millisecond. Throws {@link ConfigurationError}, naming the option. */
export function milliseconds(duration: Duration, option: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(String(duration)) ?? [];
  const value = typeof duration === "number" ? duration : Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
  if (!(value >= 1 && Number.isFinite(value))) {
    throw new ConfigurationError(
      `${option} must be finite and positive: milliseconds, or a number with s, m, h or d, such as "30m". It was ${JSON.stringify(duration)}.`,
    );
  }
  return value;
}

/** Both limits, in milliseconds. Always finite. */
export interface Lifespan {
  readonly lifetime: number;
  readonly idleTimeout: number;
}

/**
 * What NIST SP 800-63B-4 (2.1.3, 2.2.3, 2.3.3) asks of a session at each authentication assurance level:
 * `createSessions({ store, ...assurance.aal2 })`.
 */
export const assurance = {
  aal1: { lifetime: "30d", idleTimeout: "30d" },
  aal2: { lifetime: "24h", idleTimeout: "1h" },
  aal3: { lifetime: "12h", idleTimeout: "15m" },
} as const satisfies Record<string, { lifetime: Duration; idleTimeout: Duration }>;

/**
 * When the session ends unless somebody visits again. The record's own ends bind, and so do the limits configured now:
 * a time-out that was shortened since holds for the sessions that exist.
 */
export function endOf(record: SessionRecord, { lifetime, idleTimeout }: Lifespan): number {
  return Math.min(record.expiresAt, record.createdAt + lifetime, record.lastSeenAt + idleTimeout);
}

/** When a visit at `now` would let the session end: never past its absolute end. */
export function endAfterVisit(
  record: SessionRecord,
  now: number,
  { lifetime, idleTimeout }: Lifespan,
): number {
  return Math.min(now + idleTimeout, record.createdAt + lifetime, record.endsAt);
}

const HOUR = 3_600_000;

/**
 * Whether a visit moves the end far enough to be worth a write: a twentieth of the idle timeout, at most an hour.
 * Reading pages therefore writes almost never.
 */
export function refreshIsDue(record: SessionRecord, now: number, lifespan: Lifespan): boolean {
  const gain = endAfterVisit(record, now, lifespan) - endOf(record, lifespan);
  return gain >= Math.min(lifespan.idleTimeout / 20, HOUR);
}
