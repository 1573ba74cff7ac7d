// How a session's secrets follow each other. A rotation replaces the secret under the same id; the one before it stays
// good for a while, so that requests sent in parallel, or a response that got lost, sign nobody out. Pure functions.

import type { SecretHashes } from "./record.ts";
import { sameHash } from "./token.ts";

/** How long a previous secret stays good once its successor was used. */
export const ROTATION_GRACE = 10_000;
/** How long a previous secret stays good at most. */
export const ROTATION_LIMIT = 300_000;

/** What a presented secret is to the session: two that open it, one that was retired, and any other. */
export type SecretStanding = "current" | "previous" | "retired" | "wrong";

export function firstSecret(hash: string): SecretHashes {
  return { current: hash, previous: null, retired: null };
}

export function standing(hashes: SecretHashes, presented: string, now: number): SecretStanding {
  if (sameHash(hashes.current, presented)) return "current";
  const { previous, retired } = hashes;
  if (previous && sameHash(previous.hash, presented)) return now < previous.until ? "previous" : "retired";
  return retired !== null && sameHash(retired, presented) ? "retired" : "wrong";
}

export function afterRotation(hashes: SecretHashes, next: string, now: number): SecretHashes {
  return {
    current: next,
    previous: { hash: hashes.current, until: now + ROTATION_LIMIT },
    retired: hashes.previous?.hash ?? hashes.retired,
  };
}

/**
 * The hashes once the current secret was seen at `now`: its arrival is proved, so the previous one has only the grace
 * left. `null` when there is nothing to shorten.
 */
export function afterUse(hashes: SecretHashes, now: number): SecretHashes | null {
  const { previous } = hashes;
  if (!previous || previous.until <= now + ROTATION_GRACE) return null;
  return { ...hashes, previous: { ...previous, until: now + ROTATION_GRACE } };
}
