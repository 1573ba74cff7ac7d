// One person, as an administrator sees and changes them. Nobody changes their own account here: so an administrator
// always is left, and what needs a password on the account page needs it.

import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { createLink } from "../accounts/one-time-links.ts";
import { findPerson, type Person } from "../accounts/people.ts";
import { registrationsOf } from "../registrations/registrations.ts";
import type { Services } from "../services.ts";
import { readForm } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { notify } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { type Change, changes, mayChange } from "./people.ts";
import { linkPage } from "./people-pages.ts";
import { confirmChangePage, personPage } from "./person-pages.ts";

const Return = z.object({ next: z.string().optional() });

/** Mounted where the address says whose account it is, as `id`. */
export function personRoutes({ audit, clock, database, sessions }: Services): Hono<AppEnv> {
  /** The person of the address; 404 when there is none. */
  async function subject(c: AppContext): Promise<Person> {
    const person = await findPerson(database, c.req.param("id") ?? "");
    if (person === null) throw new HTTPException(404);
    return person;
  }

  const denied = (c: AppContext) =>
    audit.record(c, { action: "access.denied", result: "denied", target: c.req.path });

  const notOneself = createMiddleware<AppEnv>(async (c, next) => {
    if (c.req.method !== "POST" || c.req.param("id") !== signedIn(c).id) return next();
    await denied(c);
    notify(c, "failed", c.var.t("admin.person.notOneself"));
    return c.redirect(`/admin/people/${signedIn(c).id}`, 303);
  });

  const change = (what: Change) => async (c: AppContext) => {
    const person = await subject(c);
    const allowed = await database.transaction().execute(async (transaction) => {
      if (!(await mayChange(transaction, signedIn(c).id, person.id))) return false;
      await changes[what](transaction, person.id, clock.now());
      const event = {
        action: `person.${what}`,
        result: "done",
        target: person.name,
        detail: person.id,
      } as const;
      await audit.record(c, event, transaction);
      return true;
    });
    if (!allowed) {
      await denied(c);
      throw new HTTPException(403);
    }
    if (what === "disable" || what === "remove") await sessions.endAllOf(person.id);
    notify(c, "done", c.var.t(`admin.person.${what}.done`, { name: person.name }));
    return c.redirect(what === "remove" ? "/admin/people" : `/admin/people/${person.id}`, 303);
  };

  return new Hono<AppEnv>()
    .use(notOneself)
    .get("/", async (c) => {
      const person = await subject(c);
      const registrations = await registrationsOf(database, person.id);
      return personPage(c, person, { registrations, sessions: await sessions.ofUser(person.id) });
    })
    .post("/disable", change("disable"))
    .post("/enable", change("enable"))
    .get("/promote", async (c) => confirmChangePage(c, await subject(c), "promote"))
    .post("/promote", change("promote"))
    .post("/demote", change("demote"))
    .get("/remove", async (c) => confirmChangePage(c, await subject(c), "remove"))
    .post("/remove", change("remove"))
    .post("/reset-link", async (c) => {
      const person = await subject(c);
      const secret = await database.transaction().execute(async (transaction) => {
        const about = { result: "done", target: person.name, detail: person.id } as const;
        await audit.record(c, { action: "person.reset-link", ...about }, transaction);
        return createLink(transaction, { purpose: "reset", personId: person.id }, clock.now());
      });
      return linkPage(c, person, secret, false);
    })
    .post("/sessions/end", async (c) => {
      const person = await subject(c);
      await audit.record(c, {
        action: "session.end",
        result: "done",
        target: person.name,
        detail: person.id,
      });
      await sessions.endAllOf(person.id);
      notify(c, "done", c.var.t("admin.sessions.allEnded", { name: person.name }));
      return c.redirect(`/admin/people/${person.id}`, 303);
    })
    .post("/sessions/:session/end", async (c) => {
      const person = await subject(c);
      const form = await readForm(c, Return);
      const next = form.valid ? form.values.next : undefined;
      const session = (await sessions.ofUser(person.id)).find(({ id }) => id === c.req.param("session"));
      if (session === undefined) throw new HTTPException(404);
      await audit.record(c, {
        action: "session.end",
        result: "done",
        target: person.name,
        detail: session.id,
      });
      await sessions.end(session.id);
      notify(c, "done", c.var.t("admin.sessions.ended", { name: person.name }));
      return c.redirect(safePath(next ?? "/admin/sessions"), 303);
    });
}
