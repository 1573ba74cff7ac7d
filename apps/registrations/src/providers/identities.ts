// Who is who at the providers: which person an identity belongs to, and the identities of a person. An identity is issuer
// and subject; names and e-mail addresses are anybody's to choose, so nobody is ever found by one.

import { type Person, personOf } from "../accounts/people.ts";
import { fingerprint } from "../accounts/secrets.ts";
import type { Queryable } from "../database/schema.ts";
import type { ProviderSettings } from "../settings-providers.ts";

/** Somebody at a provider. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** An identity as its person sees it. */
export interface LinkedIdentity extends Identity {
  /** In URLs. */
  readonly id: string;
  /** What the person is called there. */
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** Whether the identity is one of this provider's. */
export function isAt({ issuer }: ProviderSettings, identity: Pick<Identity, "issuer">): boolean {
  // A URL is normalised, the issuer in a token is as the provider writes it.
  return new URL(identity.issuer).href === issuer.href;
}

/** What people call the provider of an identity; its host's name when it is none of ours any more. */
export function providerLabel(
  providers: readonly ProviderSettings[],
  identity: Pick<Identity, "issuer">,
): string {
  return providers.find((provider) => isAt(provider, identity))?.label ?? new URL(identity.issuer).host;
}

/** The person whom an identity belongs to; `null` when nobody here knows it. */
export async function findOwner(on: Queryable, { issuer, subject }: Identity): Promise<Person | null> {
  const row = await on
    .selectFrom("identities")
    .innerJoin("people", "people.id", "identities.personId")
    .selectAll("people")
    .where("identities.issuer", "=", issuer)
    .where("identities.subject", "=", subject)
    .executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

/** A person's identities, oldest first. */
export async function identitiesOf(on: Queryable, personId: string): Promise<LinkedIdentity[]> {
  const rows = await on
    .selectFrom("identities")
    .select(["issuer", "subject", "label", "createdAt", "lastUsedAt"])
    .where("personId", "=", personId)
    .orderBy("createdAt")
    .execute();
  return rows.map((row) => ({ ...row, id: fingerprint(JSON.stringify([row.issuer, row.subject])) }));
}

/** Gives an identity to a person. False, and nothing changed, when it is somebody's already. */
export async function linkIdentity(
  on: Queryable,
  { issuer, subject }: Identity,
  { personId, label, now }: { personId: string; label: string; now: number },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await on
    .insertInto("identities")
    .values({ issuer, subject, personId, label, createdAt: now, lastUsedAt: now })
    .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing())
    .executeTakeFirstOrThrow();
  return added === 1n;
}

/** Notes that an identity was used to come in. */
export async function noteUse(on: Queryable, { issuer, subject }: Identity, now: number): Promise<void> {
  await on
    .updateTable("identities")
    .set({ lastUsedAt: now })
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .execute();
}
