// People, as the rest of the application sees them, and the queries that find and change them.

import { randomUUID } from "node:crypto";
import type { Selectable, Transaction } from "kysely";
import type { PeopleTable, Queryable, Schema } from "../database/schema.ts";
import { holdAdministrators, isLastAdministrator } from "./administrators.ts";
import { withoutUnseen } from "./names.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly isDisabled: boolean;
  readonly hasPassword: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How often all their sign-ins were ended: one with another number is over. */
  readonly securityStamp: number;
}

/** A person together with what their password is checked against. */
export interface Credentials {
  readonly person: Person;
  readonly passwordHash: string | null;
}

/** How names are compared: `Ada`, `ADA` and `ａｄａ` are one account. */
export function nameKey(name: string): string {
  // Twice: what was taken out may have kept a letter and its accent apart.
  const seen = withoutUnseen(name.normalize("NFKC")).normalize("NFKC");
  return seen.toLowerCase().replace(/\s+/gu, " ").trim();
}

/** The person of this id; `null` when there is none. */
export async function findPerson(on: Queryable, id: string): Promise<Person | null> {
  const row = await on.selectFrom("people").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

/** The account of this name, however it is written; `null` when there is none. */
export async function findCredentials(on: Queryable, name: string): Promise<Credentials | null> {
  const row = await on
    .selectFrom("people")
    .selectAll()
    .where("nameKey", "=", nameKey(name))
    .executeTakeFirst();
  return row === undefined ? null : { person: personOf(row), passwordHash: row.passwordHash };
}

/** The hash of a person's password; `null` without one. */
export async function passwordHashOf(on: Queryable, id: string): Promise<string | null> {
  const row = await on.selectFrom("people").select("passwordHash").where("id", "=", id).executeTakeFirst();
  return row?.passwordHash ?? null;
}

/** Adds a person, under the id that was already given out for them, if any; `null` when the name is taken. */
export async function addPerson(
  on: Queryable,
  {
    id = randomUUID(),
    name,
    passwordHash,
    now,
  }: Pick<PeopleTable, "name" | "passwordHash"> & { id?: string; now: number },
): Promise<Person | null> {
  const row = {
    id,
    name: name.trim(),
    nameKey: nameKey(name),
    passwordHash,
    administrator: 0,
    disabledAt: null,
    createdAt: now,
    securityStamp: 0,
  };
  const { numInsertedOrUpdatedRows: added } = await on
    .insertInto("people")
    .values(row)
    .onConflict((conflict) => conflict.column("nameKey").doNothing())
    .executeTakeFirst();
  return added === 1n ? personOf(row) : null;
}

/** Puts another hash of the same password in its place; nothing where the password was changed meanwhile. */
export async function replaceHash(
  on: Queryable,
  id: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await on
    .updateTable("people")
    .set({ passwordHash: to })
    .where("id", "=", id)
    .where("passwordHash", "=", from)
    .execute();
}

/**
 * Gives the person another password, and ends all their sign-ins. Answers them as they are now; `null`, and nothing
 * changed, when that happened already since `person` was read.
 */
export async function setPassword(
  on: Queryable,
  { id, securityStamp }: Person,
  passwordHash: string,
): Promise<Person | null> {
  const row = await on
    .updateTable("people")
    .set(({ eb }) => ({ passwordHash, securityStamp: eb("securityStamp", "+", 1) }))
    .where("id", "=", id)
    .where("securityStamp", "=", securityStamp)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

/**
 * The person as they are now, and stay until this transaction ends, which this begins; `null` when they are gone. Whoever
 * else holds or changes them waits, or made this one wait.
 */
export async function holdPerson(on: Transaction<Schema>, id: string): Promise<Person | null> {
  const row = await on
    .updateTable("people")
    .set(({ ref }) => ({ name: ref("name") }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : personOf(row);
}

/** Whether nothing ended the sign-ins of `person` since they were read. As {@link holdPerson}, begins the transaction. */
export async function isStillIn(on: Transaction<Schema>, person: Person): Promise<boolean> {
  const held = await holdPerson(on, person.id);
  return held?.securityStamp === person.securityStamp && !held.isDisabled;
}

/** A row as a {@link Person}: without the hash, which nobody else needs to hold. */
export function personOf(row: Selectable<PeopleTable>): Person {
  return {
    id: row.id,
    name: row.name,
    isAdministrator: row.administrator === 1,
    isDisabled: row.disabledAt !== null,
    hasPassword: row.passwordHash !== null,
    createdAt: row.createdAt,
    securityStamp: row.securityStamp,
  };
}

/**
 * Removes a person with everything of theirs; the audit trail stays. False for the last administrator, who stays too.
 * Has to be the first in its transaction.
 */
export async function removePerson(on: Transaction<Schema>, id: string): Promise<boolean> {
  await holdAdministrators(on);
  if (await isLastAdministrator(on, id)) return false;
  await on.deleteFrom("people").where("id", "=", id).execute();
  return true;
}
