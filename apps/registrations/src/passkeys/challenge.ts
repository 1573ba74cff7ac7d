// The challenge that the next passkey has to sign. The session keeps it, so that nobody else can answer it, for five
// minutes; whoever answers uses it up.

import type { Clock } from "vestiaire";
import type { AppContext, PasskeyPurpose } from "../web/visit.ts";

/** How long people have to answer, in milliseconds. */
export const TIME_TO_ANSWER = 5 * 60_000;

/** A challenge that can be answered. */
export interface OpenChallenge<Kind extends PasskeyPurpose["kind"]> {
  /** Base64url. */
  readonly challenge: string;
  readonly purpose: Extract<PasskeyPurpose, { kind: Kind }>;
}

/** Keeps a challenge (base64url) in the session, in place of the one before. */
export function keepChallenge(c: AppContext, clock: Clock, challenge: string, purpose: PasskeyPurpose): void {
  c.var.session.set("passkeyChallenge", { challenge, expiresAt: clock.now() + TIME_TO_ANSWER, purpose });
}

/** Takes the challenge out of the session, for one caller only; `null` when none is open for this. */
export async function claimChallenge<Kind extends PasskeyPurpose["kind"]>(
  c: AppContext,
  clock: Clock,
  kind: Kind,
): Promise<OpenChallenge<Kind> | null> {
  const kept = await c.var.session.claim("passkeyChallenge");
  if (kept === undefined || kept.expiresAt <= clock.now()) return null;
  const { challenge, purpose } = kept;
  return isFor(purpose, kind) ? { challenge, purpose } : null;
}

function isFor<Kind extends PasskeyPurpose["kind"]>(
  purpose: PasskeyPurpose,
  kind: Kind,
): purpose is Extract<PasskeyPurpose, { kind: Kind }> {
  return purpose.kind === kind;
}
