// Registrations and the sports they are for. A person's own are only ever asked for by the person's id, so that there is
// no query that could touch somebody else's by mistake.

import { randomUUID } from "node:crypto";
import type { Queryable } from "../database/schema.ts";

export interface Sport {
  readonly id: string;
  readonly name: string;
  /** Whether people can register for it. */
  readonly isOpen: boolean;
}

export interface Registration {
  readonly id: string;
  readonly sport: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What people read off their ticket, and administrators find it by: short, and different enough. */
export function ticketNumber(id: string): string {
  return id.slice(0, 4).toUpperCase();
}

/** The sports that people can register for, by name. */
export async function openSports(on: Queryable): Promise<Sport[]> {
  const rows = await on
    .selectFrom("sports")
    .select(["id", "name"])
    .where("closedAt", "is", null)
    .orderBy("nameKey")
    .execute();
  return rows.map((row) => ({ ...row, isOpen: true }));
}

/** Of these sports, those that there are, open or not, by name. */
export function namesOfSports(on: Queryable, ids: readonly string[]): Promise<Pick<Sport, "id" | "name">[]> {
  return on.selectFrom("sports").select(["id", "name"]).where("id", "in", ids).orderBy("nameKey").execute();
}

/** The sports that this person could still register for, by name. */
export async function sportsLeftFor(on: Queryable, personId: string): Promise<Sport[]> {
  const rows = await on
    .selectFrom("sports")
    .select(["id", "name"])
    .where("closedAt", "is", null)
    .where("id", "not in", (query) =>
      query.selectFrom("registrations").select("sportId").where("personId", "=", personId),
    )
    .orderBy("nameKey")
    .execute();
  return rows.map((row) => ({ ...row, isOpen: true }));
}

/** A person's registrations, oldest first; those of one instant by name. */
export function registrationsOf(on: Queryable, personId: string): Promise<Registration[]> {
  return ownRegistrations(on, personId)
    .orderBy("registrations.createdAt")
    .orderBy("sports.nameKey")
    .execute();
}

/** One of a person's registrations; `undefined` when this person has none of that id, whoever else might. */
export function registrationOf(
  on: Queryable,
  personId: string,
  id: string,
): Promise<Registration | undefined> {
  return ownRegistrations(on, personId).where("registrations.id", "=", id).executeTakeFirst();
}

/** What came of wanting to register: `already` was before, and `closed` is a sport that takes nobody or is not there. */
export type Outcome = "added" | "already" | "closed";

/** Registers a person for a sport. */
export async function register(
  on: Queryable,
  { personId, sportId, now }: { personId: string; sportId: string; now: number },
): Promise<Outcome> {
  // One statement, so that a sport that closes meanwhile takes nobody in.
  const { numInsertedOrUpdatedRows: added } = await on
    .insertInto("registrations")
    .columns(["id", "personId", "sportId", "createdAt"])
    .expression((query) =>
      query
        .selectFrom("sports")
        .select((row) => [
          row.val(randomUUID()).as("id"),
          row.val(personId).as("personId"),
          "sports.id as sportId",
          row.val(now).as("createdAt"),
        ])
        .where("sports.id", "=", sportId)
        .where("sports.closedAt", "is", null),
    )
    .onConflict((conflict) => conflict.columns(["personId", "sportId"]).doNothing())
    .executeTakeFirst();
  if (added === 1n) return "added";
  const existing = await on
    .selectFrom("registrations")
    .select("id")
    .where("personId", "=", personId)
    .where("sportId", "=", sportId)
    .executeTakeFirst();
  return existing === undefined ? "closed" : "already";
}

/** Takes back a person's own registration. False when this person has none of that id. */
export async function takeBack(on: Queryable, personId: string, id: string): Promise<boolean> {
  const { numDeletedRows: removed } = await on
    .deleteFrom("registrations")
    .where("id", "=", id)
    .where("personId", "=", personId)
    .executeTakeFirst();
  return removed === 1n;
}

function ownRegistrations(on: Queryable, personId: string) {
  return on
    .selectFrom("registrations")
    .innerJoin("sports", "sports.id", "registrations.sportId")
    .select(["registrations.id", "sports.name as sport", "registrations.createdAt"])
    .where("registrations.personId", "=", personId);
}
