// Who runs the place. Once there is an administrator there always is one: the last cannot leave, and the first is made
// only while there is none. What administrators do to each other is the back office's (`admin/people.ts`).

import { SqliteAdapter, sql, type Transaction } from "kysely";
import type { Queryable, Schema } from "../database/schema.ts";

/**
 * Until this transaction ends, no other changes who is an administrator. It must be the transaction's first statement,
 * and come before every decision about the last or the first administrator.
 */
export async function holdAdministrators(on: Transaction<Schema>): Promise<void> {
  // SQLite has one transaction at a time anyway.
  if (on.getExecutor().adapter instanceof SqliteAdapter) return;
  await sql`lock table people in share row exclusive mode`.execute(on);
}

/** Whether there is an administrator who can sign in, that is, who is not disabled. */
export async function hasAdministrator(on: Queryable): Promise<boolean> {
  return (await someAdministrators(on)).length > 0;
}

/** Whether this person is the only administrator who can sign in. */
export async function isLastAdministrator(on: Queryable, id: string): Promise<boolean> {
  const [first, second] = await someAdministrators(on);
  return first?.id === id && second === undefined;
}

/** Gives the person an administrator's rights. */
export async function promote(on: Queryable, id: string): Promise<void> {
  await on.updateTable("people").set({ administrator: 1 }).where("id", "=", id).execute();
}

/** Two of them at most: nobody asks for more. */
function someAdministrators(on: Queryable) {
  return on
    .selectFrom("people")
    .select("id")
    .where("administrator", "=", 1)
    .where("disabledAt", "is", null)
    .limit(2)
    .execute();
}
