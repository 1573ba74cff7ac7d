// Who is signed in, a page of sessions at a time. Ending them is part of the person's routes: whose session it is belongs
// to the question.

import { Hono } from "hono";
import { InvalidValueError, type SessionInfo, UnsupportedError } from "vestiaire";
import type { Queryable } from "../database/schema.ts";
import type { Services } from "../services.ts";
import type { AppEnv, Visit } from "../web/visit.ts";
import { type SessionsPage, type SignedIn, sessionsPage, unlistedSessionsPage } from "./sessions-pages.ts";

const PAGE_SIZE = 50;
/** How many of the store's pages one of ours looks through: most sessions may be of visitors who are not signed in. */
const MOST_PAGES = 20;

export function sessionsRoutes({ database, sessions }: Services): Hono<AppEnv> {
  /** The sessions at this place; the first, where no page of this store can have given the cursor. */
  async function listed(cursor: string) {
    try {
      return await sessions.list({ cursor, limit: PAGE_SIZE });
    } catch (error) {
      if (error instanceof InvalidValueError) return sessions.list({ limit: PAGE_SIZE });
      throw error;
    }
  }

  /** Of these sessions, those of people who are signed in. */
  async function signedInOf(found: readonly SessionInfo<Visit>[]): Promise<SignedIn[]> {
    const ids = found.map(({ userId }) => userId).filter((id) => id !== null);
    const people = new Map((await enabledPeople(database, ids)).map((person) => [person.id, person]));
    return found.flatMap((session) => {
      const person = people.get(session.userId ?? "");
      return person === undefined ? [] : [{ person, session }];
    });
  }

  /** A page of who is signed in, from this place on, and how many sessions were looked at for it. */
  async function pageFrom(start: string): Promise<SessionsPage> {
    const rows = new Map<string, SignedIn>();
    let looked = 0;
    let cursor: string | null = start;
    for (let pages = 0; cursor !== null && rows.size < PAGE_SIZE && pages < MOST_PAGES; pages++) {
      const page: Awaited<ReturnType<typeof listed>> = await listed(cursor);
      looked += page.sessions.length;
      // A store may list a session twice.
      for (const row of await signedInOf(page.sessions)) rows.set(row.session.id, row);
      cursor = page.cursor;
    }
    return { rows: [...rows.values()], looked, next: cursor };
  }

  return new Hono<AppEnv>().get("/", async (c) => {
    try {
      return sessionsPage(c, await pageFrom(c.req.query("cursor") ?? ""));
    } catch (error) {
      // As memcached.
      if (error instanceof UnsupportedError) return unlistedSessionsPage(c);
      throw error;
    }
  });
}

/** Whoever is disabled or gone is not signed in any more, whatever the store still holds. */
async function enabledPeople(on: Queryable, ids: readonly string[]): Promise<SignedIn["person"][]> {
  // PostgreSQL knows no empty list.
  if (ids.length === 0) return [];
  return on
    .selectFrom("people")
    .select(["id", "name"])
    .where("id", "in", ids)
    .where("disabledAt", "is", null)
    .execute();
}
