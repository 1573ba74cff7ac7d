// Choosing a new password with a one-time link that an administrator made. Looking at the page does not use the link up,
// so that a mail program may look, too. The secret is nowhere but in the address and in the form that goes back to it.

import { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import type { Queryable } from "../database/schema.ts";
import { pageHead } from "../pages/components.ts";
import { button, errorSummary, postForm } from "../pages/forms.ts";
import type { Services } from "../services.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { notify, page } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { enter } from "./entrance.ts";
import { linkOverPage } from "./link-over-page.ts";
import { findLink, type Link, useLink } from "./one-time-links.ts";
import { nameForManagers, newPasswordField } from "./password-fields.ts";
import { passwordProblem } from "./password-policy.ts";
import { findPerson, type Person, setPassword } from "./people.ts";

const NewPassword = z.object({ newPassword: z.string() });

export function resetRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, passwords, sessions } = services;

  /** Whose password the link is for; `null` when it is over, or the account is gone or disabled. */
  async function personOf(link: Link | null, on: Queryable = database): Promise<Person | null> {
    const person = link?.personId == null ? null : await findPerson(on, link.personId);
    return person?.isDisabled ? null : person;
  }

  async function refuse(c: AppContext) {
    await audit.record(c, { action: "password.reset", result: "denied" });
    return linkOverPage(c, "reset.over");
  }

  return new Hono<AppEnv>()
    .get("/reset/:secret", async (c) => {
      const person = await personOf(await findLink(database, "reset", c.req.param("secret"), clock.now()));
      return person === null ? linkOverPage(c, "reset.over") : resetPage(c, person);
    })
    .post("/reset/:secret", async (c) => {
      const { t, session } = c.var;
      const secret = c.req.param("secret");
      const form = await readForm(c, NewPassword);
      const person = await personOf(await findLink(database, "reset", secret, clock.now()));
      if (person === null) return refuse(c);
      if (!form.valid) return resetPage(c, person, form.errors);
      const { newPassword } = form.values;
      const problem = passwordProblem(newPassword, person);
      if (problem !== null) return resetPage(c, person, { newPassword: t(problem) });
      const passwordHash = await passwords.hash(newPassword);
      const isReset = await database.transaction().execute(async (transaction) => {
        // Asked again: of two who come with the same link at once, one gets it.
        const owner = await personOf(await useLink(transaction, "reset", secret, clock.now()), transaction);
        if (owner === null) return false;
        await setPassword(transaction, owner.id, passwordHash);
        await audit.record(c, { action: "password.reset", result: "done", actor: owner }, transaction);
        return true;
      });
      if (!isReset) return refuse(c);
      await enter(services, c, person, { method: "reset-link" });
      notify(c, "done", t("reset.done"));
      await sessions.endAllOf(person.id, { except: session });
      return c.redirect("/account", 303);
    });
}

function resetPage(c: AppContext, { name }: Person, errors: FieldErrors = {}) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("reset.title"), t("reset.lead", { name }))}
      ${postForm(
        c.req.path,
        html`${nameForManagers(name)}
        ${newPasswordField(t, t("passwordChange.new"), errors.newPassword)}
        ${button(t("reset.submit"))}`,
      )}`;
  return page(c, { title: t("reset.title") }, content, Object.keys(errors).length === 0 ? 200 : 400);
}
