// What the lists of the back office share: searching by name, and pages that begin beyond a row instead of at a number, so
// that nothing is skipped or repeated when rows come and go, and a late page costs no more than the first.

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { z } from "zod";
import { nameKey } from "../accounts/people.ts";
import type { Schema } from "../database/schema.ts";
import { type Neighbours, pagination } from "../pages/lists.ts";
import type { AppContext } from "../web/visit.ts";

const PAGE_SIZE = 50;

type Column = { [Table in keyof Schema]: `${Table}.${keyof Schema[Table] & string}` }[keyof Schema];
type Order = "asc" | "desc";

/** The two values that order a row in its list, unique together. */
export type Keys = readonly [string | number, string];

/** Where a page is: after the row with these keys, or before it. With `null`, the list begins. */
export interface Place {
  readonly keys: Keys | null;
  readonly backwards: boolean;
}

/** Some rows of a list, and the places of the pages around them; `null` where there are none. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly previous: Keys | null;
  readonly next: Keys | null;
}

export const START: Place = { keys: null, backwards: false };

/** What somebody searches for; nothing, where it is longer than any name. */
export const SearchText = z.string().max(200).catch("");

/** A key that is text. NUL, which PostgreSQL does not know, could come in a form that JSON has for it. */
const TextKey = z.string().regex(/^[^\0]*$/);

/** The place in the address of the request; `first` is what the list's first key must be. Else the list begins. */
export function readPlace(c: AppContext, first: z.ZodType<string | number> = TextKey): Place {
  const { after, before } = c.req.query();
  const keys = parseKeys(after ?? before ?? "", first);
  return { keys, backwards: keys !== null && after === undefined };
}

/** The direction to read in, for a list of this order: towards the start for the page before. */
export function direction({ backwards }: Place, order: Order): Order {
  if (!backwards) return order;
  return order === "asc" ? "desc" : "asc";
}

/** Holds for the rows beyond the place, in a list that is ordered by these columns. */
export function beyond(place: Place, order: Order, columns: readonly [Column, Column]): RawBuilder<SqlBool> {
  if (place.keys === null) return sql<SqlBool>`1 = 1`;
  const [first, second] = columns;
  const [from, then] = place.keys;
  const compared = sql.raw(direction(place, order) === "asc" ? ">" : "<");
  return sql<SqlBool>`(${sql.ref(first)}, ${sql.ref(second)}) ${compared} (${from}, ${then})`;
}

/** The page at a place. `fetch` answers at most so many rows beyond it, nearest first. */
export async function pageOf<Row>(
  { keys, backwards }: Place,
  keysOf: (row: Row) => Keys,
  fetch: (limit: number) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  const found = await fetch(PAGE_SIZE + 1);
  const isMore = found.length > PAGE_SIZE;
  const nearest = found.slice(0, PAGE_SIZE);
  const rows = backwards ? nearest.toReversed() : nearest;
  const [first, last] = [rows[0], rows.at(-1)].map((row) => (row === undefined ? null : keysOf(row)));
  return {
    rows,
    previous: (backwards ? isMore : keys !== null) ? (first ?? null) : null,
    next: backwards || isMore ? (last ?? null) : null,
  };
}

/** The links to the pages around this one. Everything else in the address, such as a search, stays. */
export function pageLinks(c: AppContext, { previous, next }: Page<unknown>) {
  const { t } = c.var;
  return neighbours(c, {
    previous:
      previous === null
        ? undefined
        : { href: linkTo(c, "before", previous), text: t("admin.pages.previous") },
    next: next === null ? undefined : { href: linkTo(c, "after", next), text: t("admin.pages.next") },
  });
}

/** The way to the pages before and after, under its name. */
export function neighbours(c: AppContext, links: Neighbours) {
  return pagination(c.var.t("admin.pages"), links);
}

/**
 * Holds where the column contains what was searched, in the form that names are compared in; everywhere, where nothing
 * was searched. Beyond ASCII, capitals only match in a column that holds that form: SQLite's `lower` leaves them.
 */
export function contains(column: Column, search: string): RawBuilder<SqlBool> {
  const pattern = `%${nameKey(search).replace(/[\\%_]/g, "\\$&")}%`;
  return sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
}

function linkTo(c: AppContext, name: "after" | "before", keys: Keys): string {
  const { searchParams } = new URL(c.req.url);
  searchParams.delete("after");
  searchParams.delete("before");
  searchParams.set(name, JSON.stringify(keys));
  return `${c.req.path}?${searchParams}`;
}

function parseKeys(text: string, first: z.ZodType<string | number>): Keys | null {
  try {
    return z.tuple([first, TextKey]).parse(JSON.parse(text));
  } catch {
    return null;
  }
}
