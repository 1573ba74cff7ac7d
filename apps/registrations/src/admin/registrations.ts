// Everybody's registrations, for administrators: by the person's name, of one sport or of all, and as the rows of an
// export. What people do with their own is in `registrations/`, where every query asks for its owner.

import type { Queryable } from "../database/schema.ts";
import { beyond, contains, direction, type Keys, type Page, type Place, pageOf, START } from "./listing.ts";

export interface RegistrationFilter {
  /** A sport's id; empty for all. */
  readonly sport: string;
  /** What the person's name contains, or the number on the ticket. */
  readonly name: string;
}

const EXPORT_BATCH = 1_000;

export type ListedRegistration = Awaited<ReturnType<typeof fetchRegistrations>>[number];

/** The registrations that the filter lets through, by the person's name, then the sport's. */
export function listRegistrations(
  on: Queryable,
  filter: RegistrationFilter,
  place: Place,
): Promise<Page<ListedRegistration>> {
  return pageOf(place, keysOf, (limit) => fetchRegistrations(on, filter, place, limit));
}

/** All that the filter lets through, in the same order, batch by batch: the database is free in between. */
export async function* everyRegistration(
  on: Queryable,
  filter: RegistrationFilter,
): AsyncGenerator<readonly ListedRegistration[]> {
  for (let place = START; ; ) {
    const rows = await fetchRegistrations(on, filter, place, EXPORT_BATCH);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < EXPORT_BATCH) return;
    place = { keys: keysOf(last), backwards: false };
  }
}

/** One registration, whoever's it is; `undefined` when there is none of this id. */
export function findRegistration(on: Queryable, id: string): Promise<ListedRegistration | undefined> {
  return selectRegistrations(on).where("registrations.id", "=", id).executeTakeFirst();
}

/** Takes a registration away. False when there is none of this id. */
export async function removeRegistration(on: Queryable, id: string): Promise<boolean> {
  const { numDeletedRows } = await on.deleteFrom("registrations").where("id", "=", id).executeTakeFirst();
  return numDeletedRows === 1n;
}

function fetchRegistrations(on: Queryable, { sport, name }: RegistrationFilter, place: Place, limit: number) {
  const order = direction(place, "asc");
  return selectRegistrations(on)
    .where(({ eb, or }) => {
      const isNumber = /^[0-9a-f]{4}$/i.test(name);
      const byNumber = isNumber ? [eb("registrations.id", "like", `${name.toLowerCase()}%`)] : [];
      return or([contains("people.nameKey", name), ...byNumber]);
    })
    .$if(sport !== "", (query) => query.where("registrations.sportId", "=", sport))
    .where(beyond(place, "asc", ["people.nameKey", "sports.nameKey"]))
    .orderBy("people.nameKey", order)
    .orderBy("sports.nameKey", order)
    .limit(limit)
    .execute();
}

function selectRegistrations(on: Queryable) {
  return on
    .selectFrom("registrations")
    .innerJoin("people", "people.id", "registrations.personId")
    .innerJoin("sports", "sports.id", "registrations.sportId")
    .select([
      "registrations.id",
      "registrations.createdAt",
      "registrations.personId",
      "people.name as person",
      "people.nameKey as personKey",
      "sports.name as sport",
      "sports.nameKey as sportKey",
    ]);
}

function keysOf({ personKey, sportKey }: { readonly personKey: string; readonly sportKey: string }): Keys {
  return [personKey, sportKey];
}
