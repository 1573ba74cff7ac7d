// People: the list of them, and adding one. An administrator never chooses a password for anybody: the new person gets a
// one-time link to choose their own.

import { Hono } from "hono";
import { z } from "zod";
import { createLink } from "../accounts/one-time-links.ts";
import { addPerson } from "../accounts/people.ts";
import { Name } from "../accounts/sign-up.ts";
import type { Services } from "../services.ts";
import { readForm } from "../web/forms.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import type { Returned } from "./back-office.ts";
import { readPlace, SearchText } from "./listing.ts";
import { searchPeople } from "./people.ts";
import { linkPage, peoplePage } from "./people-pages.ts";
import { personRoutes } from "./person-routes.ts";

const NewPerson = z.object({ name: Name });

export function peopleRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database } = services;
  async function list(c: AppContext, returned?: Returned) {
    const search = SearchText.parse(c.req.query("search"));
    return peoplePage(c, await searchPeople(database, search, readPlace(c)), search, returned);
  }

  return new Hono<AppEnv>()
    .get("/", (c) => list(c))
    .post("/", async (c) => {
      const form = await readForm(c, NewPerson);
      if (!form.valid) return list(c, { ...form, status: 400 });
      const { name } = form.values;
      const added = await database.transaction().execute(async (transaction) => {
        const now = clock.now();
        const person = await addPerson(transaction, { name, passwordHash: null, now });
        if (person === null) return null;
        const about = { result: "done", target: person.name, detail: person.id } as const;
        await audit.record(c, { action: "person.add", ...about }, transaction);
        const secret = await createLink(transaction, { purpose: "reset", personId: person.id }, now);
        await audit.record(c, { action: "person.reset-link", ...about }, transaction);
        return { person, secret };
      });
      if (added !== null) return linkPage(c, added.person, added.secret, true);
      return list(c, { given: { name }, errors: { name: c.var.t("admin.people.taken") }, status: 409 });
    })
    .route("/:id", personRoutes(services));
}
