// Secrets that somebody else keeps for us, in a cookie or a link. Our tables hold only their fingerprints: whoever reads
// a table learns nothing that opens anything.

import { createHash, randomBytes } from "node:crypto";

/** A new secret: 192 random bits in 32 characters, base64url. */
export function newSecret(): string {
  return randomBytes(24).toString("base64url");
}

/** Whether this looks like something that {@link newSecret} made. */
export function isSecret(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{32}$/.test(value);
}

/** SHA-256, hexadecimal. Enough for what cannot be guessed; passwords are another matter (`passwords.ts`). */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
