// The ticket that a browser holds: `<id>.<secret>`. The id names the session and may be logged and listed; the secret
// proves the right to use it, and the server keeps only its hash. Two halves, so that rotating the secret touches one
// record under one key on every store, and so that an administrator's list shows nothing that opens a session.

import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/** Names one session: 128 random bits in lower-case hex. Public and stable; it opens nothing. */
export type SessionId = string;

/** What the cookie carries. `secret` is 192 random bits in base64url. */
export interface Token {
  readonly id: SessionId;
  readonly secret: string;
}

const ID_LENGTH = 32;
const SECRET_LENGTH = 32;
const HASH_LENGTH = 43;
const SHAPE = /^[0-9a-f]{32}\.[A-Za-z0-9_-]{32}$/;
const ID_SHAPE = /^[0-9a-f]{32}$/;

/** Whether the text could be the id of a session. Stores may build file names and keys from what passes. */
export function isSessionId(text: string): text is SessionId {
  return ID_SHAPE.test(text);
}

/** A token that nobody has seen before. */
export function newToken(): Token {
  return { id: randomBytes(ID_LENGTH / 2).toString("hex"), secret: newSecret() };
}

export function newSecret(): string {
  return randomBytes((SECRET_LENGTH * 3) / 4).toString("base64url");
}

/** Reads a cookie's value. `null` for whatever this library cannot have issued; nothing else is looked at then. */
export function parseToken(text: string): Token | null {
  if (text.length !== ID_LENGTH + 1 + SECRET_LENGTH || !SHAPE.test(text)) return null;
  return { id: text.slice(0, ID_LENGTH), secret: text.slice(ID_LENGTH + 1) };
}

export function formatToken({ id, secret }: Token): string {
  return `${id}.${secret}`;
}

/** What the store keeps of a secret: SHA-256 in base64url, 43 characters. The secret is random, so no salt is due. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}

// Everything here is synchronous, so two buffers serve all comparisons.
const left = Buffer.alloc(HASH_LENGTH);
const right = Buffer.alloc(HASH_LENGTH);

/** Compares two hashes in a time that does not depend on where they differ. */
export function sameHash(a: string, b: string): boolean {
  if (a.length !== HASH_LENGTH || b.length !== HASH_LENGTH) return false;
  left.write(a, "latin1");
  right.write(b, "latin1");
  return timingSafeEqual(left, right);
}
