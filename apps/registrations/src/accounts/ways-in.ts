// How many ways a person has into their account. Whoever takes one away asks here first, in the same transaction: nobody
// may lock themselves out for good.

import type { Transaction } from "kysely";
import type { Schema } from "../database/schema.ts";
import { identitiesOf, isAt } from "../providers/identities.ts";
import type { ProviderSettings } from "../settings-providers.ts";
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
  const passkeys = await on.selectFrom("passkeys").select("id").where("personId", "=", personId).execute();
  const identities = (await identitiesOf(on, personId)).filter((identity) =>
    providers.some((provider) => isAt(provider, identity)),
  );
  return (person?.hasPassword ? 1 : 0) + passkeys.length + identities.length;
}
