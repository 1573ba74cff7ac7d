// The start page, and one's own registrations: see them, add to them, take one back after being asked.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Services } from "../services.ts";
import { requirePerson, signInFirst } from "../web/access.ts";
import { readForm, says } from "../web/forms.ts";
import { notify } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { homePage, registrationsPage, takeBackPage } from "./pages.ts";
import {
  namesOfSports,
  type Outcome,
  openSports,
  register,
  registrationOf,
  registrationsOf,
  sportsLeftFor,
  takeBack,
} from "./registrations.ts";

const Choice = z.object({
  sport: z
    .union([z.string(), z.array(z.string()).max(100)], says("registrations.choose"))
    .transform((given) => [given].flat()),
});

export function homeRoute({ database }: Services): Hono<AppEnv> {
  return new Hono<AppEnv>().get("/", async (c) => homePage(c, await openSports(database)));
}

export function registrationRoutes({ audit, clock, database }: Services): Hono<AppEnv> {
  /** The registration of the address; 404, and an event, when it is not this person's own. */
  async function ownRegistration(c: AppContext) {
    const id = c.req.param("id") ?? "";
    const registration = await registrationOf(database, signedIn(c).id, id);
    if (registration !== undefined) return registration;
    await audit.record(c, { action: "access.denied", result: "denied", target: `registration ${id}` });
    throw new HTTPException(404);
  }

  async function list(c: AppContext, errors = {}) {
    const { id } = signedIn(c);
    const [registrations, left] = [await registrationsOf(database, id), await sportsLeftFor(database, id)];
    return registrationsPage(c, { registrations, left, ticked: c.req.queries("sport") ?? [] }, errors);
  }

  /** Registers the person for the sports of these ids, as far as there are any. Answers what came of each. */
  function registerFor(c: AppContext, personId: string, ids: readonly string[]) {
    return database.transaction().execute(async (transaction) => {
      const outcomes: { readonly name: string; readonly outcome: Outcome }[] = [];
      for (const sport of await namesOfSports(transaction, ids)) {
        const outcome = await register(transaction, { personId, sportId: sport.id, now: clock.now() });
        outcomes.push({ name: sport.name, outcome });
        if (outcome !== "added") continue;
        await audit.record(
          c,
          { action: "registration.add", result: "done", target: sport.name },
          transaction,
        );
      }
      return outcomes;
    });
  }

  return new Hono<AppEnv>()
    .post("/", async (c, next) => {
      if (c.var.person !== null) return next();
      // Back to the form, with the same boxes ticked, once there is somebody to register.
      const form = await readForm(c, Choice);
      const ticked = new URLSearchParams(form.valid ? form.values.sport.map((id) => ["sport", id]) : []);
      return signInFirst(c, `/registrations?${ticked}`);
    })
    .use(requirePerson)
    .get("/", (c) => list(c))
    .post("/", async (c) => {
      const { t } = c.var;
      const person = signedIn(c);
      const form = await readForm(c, Choice);
      if (!form.valid) return list(c, form.errors);
      const wanted = [...new Set(form.values.sport)];
      const outcomes = await registerFor(c, person.id, wanted);
      const named = (which: Outcome) =>
        outcomes.flatMap(({ name, outcome }) => (outcome === which ? [name] : [])).join(", ");
      const [added, already, closed] = [named("added"), named("already"), named("closed")];
      if (added) notify(c, "done", t("registrations.added", { sports: added }));
      if (already) notify(c, "failed", t("registrations.alreadyThere", { sports: already }));
      if (closed) notify(c, "failed", t("registrations.closed", { sports: closed }));
      const gone = wanted.length - outcomes.length;
      if (gone > 0) notify(c, "failed", t("registrations.gone", { count: gone }));
      return c.redirect("/registrations", 303);
    })
    .get("/:id/take-back", async (c) => takeBackPage(c, await ownRegistration(c)))
    .post("/:id/take-back", async (c) => {
      const { t } = c.var;
      const person = signedIn(c);
      const { id, sport } = await ownRegistration(c);
      await database.transaction().execute(async (transaction) => {
        // Somebody who pressed twice at once has taken it back once.
        if (!(await takeBack(transaction, person.id, id))) throw new HTTPException(404);
        await audit.record(
          c,
          { action: "registration.remove", result: "done", target: sport, detail: id },
          transaction,
        );
      });
      notify(c, "done", t("registrations.removed", { sport }));
      return c.redirect("/registrations", 303);
    });
}
