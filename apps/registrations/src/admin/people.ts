// What administrators do to people's accounts. Whoever does it must be an administrator at the moment it happens, and does
// it to somebody else: so one is always left, whatever several of them do to each other at once.

import type { Transaction, Updateable } from "kysely";
import { holdAdministrators, promote } from "../accounts/administrators.ts";
import { findPerson, type Person, personOf, removePerson } from "../accounts/people.ts";
import type { PeopleTable, Queryable, Schema } from "../database/schema.ts";
import { beyond, contains, direction, type Page, type Place, pageOf } from "./listing.ts";

/** A person, as the list of people shows them. */
export type ListedPerson = Person & { readonly nameKey: string; readonly registrations: number };

/** The people whose name contains this, by name. */
export function searchPeople(on: Queryable, search: string, place: Place): Promise<Page<ListedPerson>> {
  const order = direction(place, "asc");
  return pageOf(
    place,
    ({ nameKey, id }) => [nameKey, id],
    async (limit) => {
      const rows = await on
        .selectFrom("people")
        .selectAll()
        .select((row) =>
          row
            .selectFrom("registrations")
            .select((registration) => registration.fn.countAll<number>().as("count"))
            .whereRef("registrations.personId", "=", "people.id")
            .as("registrations"),
        )
        .where(contains("people.nameKey", search))
        .where(beyond(place, "asc", ["people.nameKey", "people.id"]))
        .orderBy("people.nameKey", order)
        .orderBy("people.id", order)
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        ...personOf(row),
        nameKey: row.nameKey,
        registrations: row.registrations ?? 0,
      }));
    },
  );
}

/**
 * Whether `actorId` may change the account of `personId`: is an administrator still, and somebody else. Stays true until
 * the transaction ends, whose first statement this must be.
 */
export async function mayChange(
  on: Transaction<Schema>,
  actorId: string,
  personId: string,
): Promise<boolean> {
  await holdAdministrators(on);
  const actor = await findPerson(on, actorId);
  return actorId !== personId && actor?.isAdministrator === true && !actor.isDisabled;
}

type Update = (on: Transaction<Schema>, id: string, now: number) => Promise<unknown>;

/** The changes to an account, where {@link mayChange} allows them. The audit log calls them `person.<name>`. */
export const changes = {
  disable,
  enable: (on, id) => update(on, id, { disabledAt: null }),
  promote,
  demote: (on, id) => update(on, id, { administrator: 0 }),
  remove: removePerson,
} as const satisfies Readonly<Record<string, Update>>;

export type Change = keyof typeof changes;

/** Ends all sign-ins as well: none comes back when the account is enabled again. */
function disable(on: Queryable, id: string, now: number) {
  return on
    .updateTable("people")
    .set(({ eb }) => ({ disabledAt: now, securityStamp: eb("securityStamp", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

function update(on: Queryable, id: string, values: Updateable<PeopleTable>) {
  return on.updateTable("people").set(values).where("id", "=", id).execute();
}
