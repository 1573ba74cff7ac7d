// The first administrator. There is no default account: while nobody is one, each start prints a link that works once,
// and whoever runs the server opens it (OWASP ASVS 5.0, 6.3.2).

import { Hono } from "hono";
import { z } from "zod";
import type { Queryable } from "../database/schema.ts";
import type { Services } from "../services.ts";
import { readForm } from "../web/forms.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { hasAdministrator, holdAdministrators, promote } from "./administrators.ts";
import { enter } from "./entrance.ts";
import { firstAdministratorPage, promotionPage } from "./first-administrator-pages.ts";
import { linkOverPage } from "./link-over-page.ts";
import { newPasswordProblem } from "./new-password.ts";
import { createLink, findLink, useLink } from "./one-time-links.ts";
import { addPerson, findPerson, type Person } from "./people.ts";
import { Name } from "./sign-up.ts";

const NewAdministrator = z.object({ name: Name, newPassword: z.string() });

/** A link that makes the first administrator, once, within a day; `null` when there is one already. */
export async function firstAdministratorLink(services: Services, origin: string): Promise<string | null> {
  const { clock, database } = services;
  if (await hasAdministrator(database)) return null;
  const secret = await createLink(database, { purpose: "administrator", personId: null }, clock.now());
  return `${origin}/first-administrator/${secret}`;
}

export function firstAdministratorRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, passwords } = services;

  async function isOpen(secret: string, on: Queryable = database): Promise<boolean> {
    if (await hasAdministrator(on)) return false;
    return (await findLink(on, "administrator", secret, clock.now())) !== null;
  }

  /** Makes this person the first administrator. Nothing happens when the link is over, or there is nobody to promote. */
  function promoteFirst(c: AppContext, secret: string, candidate: (on: Queryable) => Promise<Person | null>) {
    return database.transaction().execute(async (transaction): Promise<Person | "over" | "nobody"> => {
      await holdAdministrators(transaction);
      if (!(await isOpen(secret, transaction))) return "over";
      const person = await candidate(transaction);
      if (person === null) return "nobody";
      await useLink(transaction, "administrator", secret, clock.now());
      await promote(transaction, person.id);
      await audit.record(c, { action: "administrator.first", result: "done", actor: person }, transaction);
      return person;
    });
  }

  async function refuse(c: AppContext) {
    await audit.record(c, { action: "administrator.first", result: "denied" });
    return linkOverPage(c, "firstAdministrator.over");
  }

  async function promoteSelf(c: AppContext, secret: string, { id }: Person) {
    const made = await promoteFirst(c, secret, (on) => findPerson(on, id));
    if (typeof made === "string") return refuse(c);
    // More rights: whoever might know this session's secret is not to have them.
    c.var.session.rotate();
    return c.redirect("/admin", 303);
  }

  return new Hono<AppEnv>()
    .get("/first-administrator/:secret", async (c) => {
      if (!(await isOpen(c.req.param("secret")))) return linkOverPage(c, "firstAdministrator.over");
      return c.var.person === null ? firstAdministratorPage(c) : promotionPage(c, c.var.person);
    })
    .post("/first-administrator/:secret", async (c) => {
      const { t, person } = c.var;
      const secret = c.req.param("secret");
      if (!(await isOpen(secret))) return refuse(c);
      if (person !== null) return promoteSelf(c, secret, person);
      const form = await readForm(c, NewAdministrator);
      if (!form.valid) return firstAdministratorPage(c, form.given.name, form.errors);
      const { name, newPassword } = form.values;
      const about = { password: newPassword, name, action: "administrator.first" } as const;
      const problem = await newPasswordProblem(services, c, about);
      if (problem !== null)
        return firstAdministratorPage(c, name, { newPassword: problem.message }, problem.status);
      const passwordHash = await passwords.hash(newPassword);
      const made = await promoteFirst(c, secret, (on) =>
        addPerson(on, { name, passwordHash, now: clock.now() }),
      );
      if (made === "over") return refuse(c);
      if (made === "nobody") return firstAdministratorPage(c, name, { name: t("account.nameTaken") }, 409);
      await enter(services, c, made, { method: "sign-up" });
      return c.redirect("/admin", 303);
    });
}
