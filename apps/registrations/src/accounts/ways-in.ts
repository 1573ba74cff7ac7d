// How many ways a person has into their account. Whoever takes one away asks here first, in the same transaction: nobody
// may lock themselves out for good. Whoever chose a new password is told of the others: they open the account as before.

import type { Transaction } from "kysely";
import type { Queryable, Schema } from "../database/schema.ts";
import { identitiesOf, isAt } from "../providers/identities.ts";
import type { Services } from "../services.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import type { AppContext } from "../web/visit.ts";
import { holdPerson } from "./people.ts";

/**
 * Counts the person's password, passkeys, and identities at the providers that there are. Begins the transaction, and
 * holds the person's row until it ends: of two who give up a way in at once, one waits for the other.
 */
export async function countWaysIn(
  on: Transaction<Schema>,
  personId: string,
  providers: readonly ProviderSettings[],
): Promise<number> {
  const person = await holdPerson(on, personId);
  return (person?.hasPassword ? 1 : 0) + (await countWithoutPassword(on, personId, providers));
}

/** What to say of the ways in beside the password, after a message; nothing where there are none. */
export async function otherWaysIn(
  { database, settings }: Services,
  c: AppContext,
  personId: string,
): Promise<string> {
  const ways = await countWithoutPassword(database, personId, settings.providers);
  return ways === 0 ? "" : ` ${c.var.t("passwordChange.otherWays", { ways })}`;
}

async function countWithoutPassword(
  on: Queryable,
  personId: string,
  providers: readonly ProviderSettings[],
): Promise<number> {
  const passkeys = await on.selectFrom("passkeys").select("id").where("personId", "=", personId).execute();
  const identities = (await identitiesOf(on, personId)).filter((identity) =>
    providers.some((provider) => isAt(provider, identity)),
  );
  return passkeys.length + identities.length;
}
