// The tables, as the queries see them. Instants are milliseconds since 1970; ids are random text, so that nobody learns
// anything from one or guesses the next.

import type { Generated, Kysely, Transaction } from "kysely";

/** Somebody with an account. */
export interface PeopleTable {
  readonly id: string;
  name: string;
  /** The name as it is compared: one account for each, however it is written. */
  nameKey: string;
  /** In argon2's own format; `null` for people who sign in otherwise. */
  passwordHash: string | null;
  /** 1 for administrators, else 0. */
  administrator: number;
  /** Since when the account is disabled; `null` while it is not. */
  disabledAt: number | null;
  readonly createdAt: number;
  /** How often all sign-ins were ended. A session counts while it holds the same. */
  securityStamp: Generated<number>;
}

/** A public key that signs a person in: WebAuthn, level 3. */
export interface PasskeysTable {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly personId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  counter: number;
  /** JSON list, as the browser gave it. */
  readonly transports: string;
  label: string;
  readonly createdAt: number;
  lastUsedAt: number | null;
}

/** A person at an OpenID Connect provider. Only issuer and subject identify; the label is for people to read. */
export interface IdentitiesTable {
  readonly issuer: string;
  readonly subject: string;
  readonly personId: string;
  label: string;
  readonly createdAt: number;
  lastUsedAt: number | null;
}

export interface SportsTable {
  readonly id: string;
  name: string;
  nameKey: string;
  /** Since when nobody can register for it any more; `null` while people can. */
  closedAt: number | null;
}

/** One person, one sport. */
export interface RegistrationsTable {
  readonly id: string;
  readonly personId: string;
  readonly sportId: string;
  readonly createdAt: number;
}

/** Links that work once: they make the first administrator, or let a person choose a new password. */
export interface LinksTable {
  /** SHA-256 of the secret in the link, hexadecimal. */
  readonly hash: string;
  readonly purpose: "administrator" | "reset";
  /** Whose password; `null` for the first administrator. */
  readonly personId: string | null;
  readonly expiresAt: number;
}

/** Browsers that have signed in as a person before: they are throttled apart from strangers. */
export interface DevicesTable {
  /** SHA-256 of the secret in the device's cookie, hexadecimal. */
  readonly hash: string;
  readonly personId: string;
  lastUsedAt: number;
}

/** How often something was tried. */
export interface AttemptsTable {
  readonly key: string;
  points: number;
  /** When the count starts anew. */
  expiresAt: number;
}

/** What happened, for administrators to read. Rows are never changed, and stay for `AUDIT_RETENTION`. */
export interface AuditTable {
  /** UUID, version 7: in the order of the events. */
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly result: "done" | "denied" | "failed";
  /** Who did it; `null` for nobody known. The name as it was then: the person may be gone. */
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly address: string | null;
  /** What it was done to, for instance a person's or a registration's id, and how people call it. */
  readonly target: string | null;
  readonly detail: string | null;
}

export interface Schema {
  people: PeopleTable;
  passkeys: PasskeysTable;
  identities: IdentitiesTable;
  sports: SportsTable;
  registrations: RegistrationsTable;
  links: LinksTable;
  devices: DevicesTable;
  attempts: AttemptsTable;
  audit: AuditTable;
}

export type Database = Kysely<Schema>;
/** The database, or a transaction in it: what a query runs on. */
export type Queryable = Database | Transaction<Schema>;
