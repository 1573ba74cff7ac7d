// Links that work once and for a day: one makes the first administrator, others let a person choose a new password. The
// secret is in the link only; who reads the table cannot open any.

import type { Queryable } from "../database/schema.ts";
import { fingerprint, newSecret } from "./secrets.ts";

/** What a link is for. */
export type LinkTarget =
  | { readonly purpose: "administrator"; readonly personId: null }
  | { readonly purpose: "reset"; readonly personId: string };

export type LinkPurpose = LinkTarget["purpose"];

/** A link that can be used. */
export interface Link {
  /** Whose password; `null` for the first administrator. */
  readonly personId: string | null;
}

const A_DAY = 86_400_000;

/**
 * Makes a link and answers its secret, which is nowhere else. It expires after 24 hours; a person's older ones end now.
 * Links that have expired go.
 */
export async function createLink(
  on: Queryable,
  { purpose, personId }: LinkTarget,
  now: number,
): Promise<string> {
  const secret = newSecret();
  // Nothing equals null in SQL: links for the first administrator stay side by side, one for each process that prints one.
  await on
    .deleteFrom("links")
    .where(({ eb, or }) => or([eb("expiresAt", "<=", now), eb("personId", "=", personId)]))
    .execute();
  await on
    .insertInto("links")
    .values({ hash: fingerprint(secret), purpose, personId, expiresAt: now + A_DAY })
    .execute();
  return secret;
}

/** The link of this secret, to show its page; `null` when it is unknown, used, for something else or expired. */
export async function findLink(
  on: Queryable,
  purpose: LinkPurpose,
  secret: string,
  now: number,
): Promise<Link | null> {
  const row = await on
    .selectFrom("links")
    .select("personId")
    .where("hash", "=", fingerprint(secret))
    .where("purpose", "=", purpose)
    .where("expiresAt", ">", now)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Uses the link up and answers it; `null` as with {@link findLink}. Of all who try, one gets it. In a transaction, it is
 * used only if that commits.
 */
export async function useLink(
  on: Queryable,
  purpose: LinkPurpose,
  secret: string,
  now: number,
): Promise<Link | null> {
  const row = await on
    .deleteFrom("links")
    .where("hash", "=", fingerprint(secret))
    .where("purpose", "=", purpose)
    .where("expiresAt", ">", now)
    .returning("personId")
    .executeTakeFirst();
  return row ?? null;
}

/** Ends a person's links: after a change of the password, an older link must not change it again. */
export async function endLinks(on: Queryable, personId: string): Promise<void> {
  await on.deleteFrom("links").where("personId", "=", personId).execute();
}
