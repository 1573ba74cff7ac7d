// What the tests of the back office begin with: an administrator who has just signed in, people to work on, and what a
// page says in its list.

import { addPerson, type Person } from "../../src/accounts/people.ts";
import type { Queryable } from "../../src/database/schema.ts";
import { type Application, promote, signedUp } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";

/** A browser in which an administrator has just signed in. */
export async function administrator(application: Application, name = "Ada"): Promise<Browser> {
  const browser = await signedUp(application, name);
  await promote(application, name);
  return browser;
}

/** People who have no password, in the database only. */
export async function addPeople(on: Queryable, names: readonly string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of names) {
    const person = await addPerson(on, { name, passwordHash: null, now: 1_790_000_000_000 });
    if (person === null) throw new Error(`The name ${name} is taken.`);
    people.push(person);
  }
  return people;
}

/** What the first cells of a page's table say, in their order. */
export function firstCells({ body }: Answer): string[] {
  return [...body.matchAll(/<th scope="row"[^>]*>(.*?)<\/th>/gs)].map(([, cell = ""]) =>
    cell.replaceAll(/<[^>]*>/g, "").trim(),
  );
}

/** Where a page's link of this relation leads; `undefined` without one. */
export function linkOf({ body }: Answer, relation: "prev" | "next"): string | undefined {
  return new RegExp(`rel="${relation}" href="([^"]*)"`).exec(body)?.[1]?.replaceAll("&amp;", "&");
}
