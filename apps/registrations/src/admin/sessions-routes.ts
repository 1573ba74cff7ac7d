// Who is signed in, a page of sessions at a time. Ending them is part of the person's routes: whose session it is belongs
// to the question.

import { Hono } from "hono";
import { InvalidValueError, UnsupportedError } from "vestiaire";
import type { Queryable } from "../database/schema.ts";
import type { Services } from "../services.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { type SignedIn, sessionsPage, unlistedSessionsPage } from "./sessions-pages.ts";

const PAGE_SIZE = 50;

export function sessionsRoutes({ database, sessions }: Services): Hono<AppEnv> {
  /**
   * The page of the address; the first, where no page of this store can have given its cursor; `null` where the store
   * lists nothing, as memcached.
   */
  async function listed(c: AppContext) {
    const { cursor = "" } = c.req.query();
    try {
      return await sessions.list({ cursor, limit: PAGE_SIZE });
    } catch (error) {
      if (error instanceof InvalidValueError) return sessions.list({ limit: PAGE_SIZE });
      if (error instanceof UnsupportedError) return null;
      throw error;
    }
  }

  return new Hono<AppEnv>().get("/", async (c) => {
    const { t } = c.var;
    const page = await listed(c);
    if (page === null) return unlistedSessionsPage(c);
    const ids = page.sessions.map(({ userId }) => userId).filter((id) => id !== null);
    const people = await enabledPeople(database, ids);
    const byId = new Map(people.map((person) => [person.id, person]));
    const rows = page.sessions.flatMap((session) => {
      const person = byId.get(session.userId ?? "");
      return person === undefined ? [] : [{ person, session }];
    });
    const next =
      page.cursor === null ? undefined : `/admin/sessions?${new URLSearchParams({ cursor: page.cursor })}`;
    return sessionsPage(c, rows, {
      previous: c.req.query("cursor") ? { href: "/admin/sessions", text: t("admin.pages.first") } : undefined,
      next: next === undefined ? undefined : { href: next, text: t("admin.pages.next") },
    });
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
