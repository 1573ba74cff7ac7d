// The passkeys in the database.

import type { Selectable } from "kysely";
import type { PasskeysTable, Queryable } from "../database/schema.ts";

export type Passkey = Readonly<Selectable<PasskeysTable>>;

/** The passkey of this id; `null` when there is none. */
export async function findPasskey(on: Queryable, id: string): Promise<Passkey | null> {
  const row = await on.selectFrom("passkeys").selectAll().where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** A person's passkeys, the oldest first. */
export function passkeysOf(on: Queryable, personId: string): Promise<Passkey[]> {
  return on
    .selectFrom("passkeys")
    .selectAll()
    .where("personId", "=", personId)
    .orderBy("createdAt")
    .orderBy("id")
    .execute();
}

/** Adds a passkey. Throws what the database throws when its id is taken. */
export async function addPasskey(on: Queryable, passkey: Passkey): Promise<void> {
  await on.insertInto("passkeys").values(passkey).execute();
}

/**
 * Notes a use. `false`, and nothing noted, unless the authenticator's counter went up: one that did not is a copy, or an
 * answer that was seen before. Authenticators that do not count always say 0.
 */
export async function usePasskey(on: Queryable, id: string, counter: number, now: number): Promise<boolean> {
  const { numUpdatedRows: used } = await on
    .updateTable("passkeys")
    .set({ counter, lastUsedAt: now })
    .where("id", "=", id)
    .where("counter", counter === 0 ? "=" : "<", counter)
    .executeTakeFirst();
  return used === 1n;
}

export async function removePasskey(on: Queryable, id: string): Promise<void> {
  await on.deleteFrom("passkeys").where("id", "=", id).execute();
}
