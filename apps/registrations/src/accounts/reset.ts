// Choosing a new password with a one-time link that an administrator made. Looking at the page does not use the link up,
// so that a mail program may look, too. The secret is nowhere but in the address and in the form that goes back to it.

import { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { pageHead } from "../pages/components.ts";
import { button, errorSummary, postForm } from "../pages/forms.ts";
import type { Services } from "../services.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { notify, page } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { clearOtherSessions } from "./clear-sessions.ts";
import { enter } from "./entrance.ts";
import { linkOverPage } from "./link-over-page.ts";
import { newPasswordProblem } from "./new-password.ts";
import { findLink, useLink } from "./one-time-links.ts";
import { nameForManagers, newPasswordField } from "./password-fields.ts";
import { findPerson, holdPerson, type Person, setPassword } from "./people.ts";
import { otherWaysIn } from "./ways-in.ts";

const NewPassword = z.object({ newPassword: z.string() });

export function resetRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, passwords, sessions } = services;

  /** Whose password the link is for; `null` when it is over, or the account is gone or disabled. */
  async function ownerOf(secret: string): Promise<Person | null> {
    const link = await findLink(database, "reset", secret, clock.now());
    const person = link?.personId == null ? null : await findPerson(database, link.personId);
    return person?.isDisabled ? null : person;
  }

  /** Uses the link up for this password: of two who come with it at once, one gets it, and the other gets `null`. */
  function reset(c: AppContext, secret: string, { id }: Person, passwordHash: string) {
    return database.transaction().execute(async (transaction) => {
      const owner = await holdPerson(transaction, id);
      if (owner === null || owner.isDisabled) return null;
      if ((await useLink(transaction, "reset", secret, clock.now())) === null) return null;
      await audit.record(c, { action: "password.reset", result: "done", actor: owner }, transaction);
      return setPassword(transaction, owner, passwordHash);
    });
  }

  async function refuse(c: AppContext) {
    await audit.record(c, { action: "password.reset", result: "denied" });
    return linkOverPage(c, "reset.over");
  }

  return new Hono<AppEnv>()
    .get("/reset/:secret", async (c) => {
      const person = await ownerOf(c.req.param("secret"));
      return person === null ? linkOverPage(c, "reset.over") : resetPage(c, person);
    })
    .post("/reset/:secret", async (c) => {
      const { t } = c.var;
      const secret = c.req.param("secret");
      const form = await readForm(c, NewPassword);
      const person = await ownerOf(secret);
      if (person === null) return refuse(c);
      if (!form.valid) return resetPage(c, person, form.errors);
      const { newPassword } = form.values;
      const about = { password: newPassword, name: person.name, action: "password.reset" } as const;
      const problem = await newPasswordProblem(services, c, about);
      if (problem !== null) return resetPage(c, person, { newPassword: problem.message }, problem.status);
      const passwordHash = await passwords.hash(newPassword);
      // Throws while the store is away: the link would be used up, and nobody signed in.
      await sessions.ofUser(person.id);
      const owner = await reset(c, secret, person, passwordHash);
      if (owner === null) return refuse(c);
      await enter(services, c, owner, { method: "reset-link" });
      notify(c, "done", t("reset.done") + (await otherWaysIn(services, c, owner.id)));
      await clearOtherSessions(services, c, owner.id);
      return c.redirect("/account", 303);
    });
}

function resetPage(c: AppContext, { name }: Person, errors: FieldErrors = {}, failed: 400 | 429 = 400) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("reset.title"), t("reset.lead", { name }))}
      ${postForm(
        c.req.path,
        html`${nameForManagers(name)}
        ${newPasswordField(t, t("passwordChange.new"), errors.newPassword)}
        ${button(t("reset.submit"))}`,
      )}`;
  return page(c, { title: t("reset.title") }, content, Object.keys(errors).length === 0 ? 200 : failed);
}
