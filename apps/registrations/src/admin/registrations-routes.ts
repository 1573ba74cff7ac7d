// Everybody's registrations: find them, add one, remove one, and take a copy of them all to a spreadsheet.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { findCredentials } from "../accounts/people.ts";
import { register } from "../registrations/registrations.ts";
import type { Services } from "../services.ts";
import { readForm, says } from "../web/forms.ts";
import { notify } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import type { Returned } from "./back-office.ts";
import { csvFile } from "./csv.ts";
import { readPlace, SearchText } from "./listing.ts";
import {
  everyRegistration,
  findRegistration,
  listRegistrations,
  type RegistrationFilter,
  removeRegistration,
} from "./registrations.ts";
import { registrationsPage, removeRegistrationPage } from "./registrations-pages.ts";
import { findSport, listSports } from "./sports.ts";

const Filter = z.object({ name: SearchText, sport: SearchText });

const NewRegistration = z.object({
  person: z.string().min(1, says("account.nameRequired")),
  for: z.string(),
});

export function registrationsRoutes({ audit, clock, database }: Services): Hono<AppEnv> {
  async function list(c: AppContext, returned?: Returned) {
    const filter = Filter.parse(c.req.query());
    const [registrations, sports] = await Promise.all([
      listRegistrations(database, filter, readPlace(c)),
      listSports(database),
    ]);
    return registrationsPage(c, { registrations, sports, filter }, returned);
  }

  async function* everyRow(filter: RegistrationFilter) {
    for await (const registrations of everyRegistration(database, filter)) {
      yield registrations.map(({ person, sport, createdAt }) => [
        person,
        sport,
        new Date(createdAt).toISOString(),
      ]);
    }
  }

  /** The registration of the address; 404 when there is none. */
  async function subject(c: AppContext) {
    const registration = await findRegistration(database, c.req.param("id") ?? "");
    if (registration === undefined) throw new HTTPException(404);
    return registration;
  }

  return new Hono<AppEnv>()
    .get("/", (c) => list(c))
    .post("/", async (c) => {
      const { t } = c.var;
      const form = await readForm(c, NewRegistration);
      if (!form.valid) return list(c, { ...form, status: 400 });
      const given = form.values;
      const person = (await findCredentials(database, given.person))?.person;
      const sport = await findSport(database, given.for);
      if (person === undefined)
        return list(c, { given, errors: { person: t("admin.registrations.unknownPerson") }, status: 400 });
      if (sport === undefined) return list(c, { given, errors: { for: t("form.invalid") }, status: 400 });
      const outcome = await database.transaction().execute(async (transaction) => {
        const choice = { personId: person.id, sportId: sport.id, now: clock.now() };
        const outcome = await register(transaction, choice);
        if (outcome !== "added") return outcome;
        const about = { target: person.name, detail: `${person.id}, ${sport.name}` };
        await audit.record(c, { action: "registration.add", result: "done", ...about }, transaction);
        return outcome;
      });
      const about = { name: person.name, sport: sport.name };
      if (outcome !== "added")
        return list(c, { given, errors: { for: t(`admin.registrations.${outcome}`, about) }, status: 409 });
      notify(c, "done", t("admin.registrations.added", about));
      return c.redirect("/admin/registrations", 303);
    })
    .post("/export", async (c) => {
      const { t } = c.var;
      const form = await readForm(c, Filter);
      if (!form.valid) throw new HTTPException(400);
      const detail = new URLSearchParams(form.values).toString();
      await audit.record(c, { action: "registrations.export", result: "done", detail });
      const heading = [t("admin.name"), t("admin.sport"), t("admin.registered")];
      const date = new Date(clock.now()).toISOString().slice(0, 10);
      return c.body(csvFile(heading, everyRow(form.values)), 200, {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="registrations-${date}.csv"`,
      });
    })
    .get("/:id/remove", async (c) => removeRegistrationPage(c, await subject(c)))
    .post("/:id/remove", async (c) => {
      const { id, person, personId, sport } = await subject(c);
      await database.transaction().execute(async (transaction) => {
        if (!(await removeRegistration(transaction, id))) return;
        const about = { target: person, detail: `${personId}, ${sport}` };
        await audit.record(c, { action: "registration.remove", result: "done", ...about }, transaction);
      });
      notify(c, "done", c.var.t("admin.registrations.removed", { name: person, sport }));
      return c.redirect("/admin/registrations", 303);
    });
}
