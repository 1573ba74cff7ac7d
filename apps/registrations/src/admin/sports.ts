// The sports that people can register for. Two rules are the database's own, so that no two requests can get around them:
// a name is one sport's only, and a sport that somebody is registered for stays.

import { nameKey } from "../accounts/people.ts";
import type { Queryable } from "../database/schema.ts";
import type { Sport } from "../registrations/registrations.ts";

/** A sport, as the list of sports shows it. */
export type ListedSport = Sport & { readonly registrations: number };

/** Every sport, open or closed, by name. They are few: administrators add them one by one. */
export async function listSports(on: Queryable): Promise<ListedSport[]> {
  const rows = await on
    .selectFrom("sports")
    .leftJoin("registrations", "registrations.sportId", "sports.id")
    .select(["sports.id", "sports.name", "sports.closedAt"])
    .select(({ fn }) => fn.count<number>("registrations.id").as("registrations"))
    .groupBy(["sports.id", "sports.name", "sports.closedAt", "sports.nameKey"])
    .orderBy("sports.nameKey")
    .execute();
  return rows.map(({ closedAt, ...row }) => ({ ...row, isOpen: closedAt === null }));
}

/** One sport; `undefined` when there is none of this id. */
export async function findSport(on: Queryable, id: string): Promise<ListedSport | undefined> {
  return (await listSports(on)).find((sport) => sport.id === id);
}

/** Adds a sport that people can register for. Throws when the name is taken. */
export async function addSport(on: Queryable, { id, name }: Pick<Sport, "id" | "name">): Promise<void> {
  await on
    .insertInto("sports")
    .values({ id, name, nameKey: nameKey(name), closedAt: null })
    .execute();
}

/** Calls a sport otherwise. Throws when the name is taken by another. */
export async function renameSport(on: Queryable, id: string, name: string): Promise<void> {
  await on
    .updateTable("sports")
    .set({ name, nameKey: nameKey(name) })
    .where("id", "=", id)
    .execute();
}

/** Closes a sport for new registrations from `closedAt` on; `null` opens it again. */
export async function setClosed(on: Queryable, id: string, closedAt: number | null): Promise<void> {
  await on.updateTable("sports").set({ closedAt }).where("id", "=", id).execute();
}

/** Removes a sport. Throws when somebody is registered for it. */
export async function removeSport(on: Queryable, id: string): Promise<void> {
  await on.deleteFrom("sports").where("id", "=", id).execute();
}

/** Whether the error says that a change would have broken one of the database's rules. */
export function breaksRule(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // SQLite: CONSTRAINT; the upper bits refine. PostgreSQL: integrity constraint violations.
  if (typeof errcode === "number") return (errcode & 0xff) === 19;
  return typeof code === "string" && code.startsWith("23");
}
