// Changing one's password, or setting the first one of an account that was made without. Whoever else knew the old one
// is out: the other sessions end, and so do links that were made to reset it.

import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { html } from "hono/html";
import { z } from "zod";
import { actions, buttonLink, pageHead } from "../pages/components.ts";
import { button, errorSummary, field, postForm } from "../pages/forms.ts";
import type { Services } from "../services.ts";
import { signedInRecently } from "../web/access.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { notify, page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { clearOtherSessions } from "./clear-sessions.ts";
import { newPasswordProblem } from "./new-password.ts";
import { endLinks } from "./one-time-links.ts";
import { checkOwn, messageFor, statusFor } from "./password-check.ts";
import { nameForManagers, newPasswordField } from "./password-fields.ts";
import { setPassword } from "./people.ts";
import { otherWaysIn } from "./ways-in.ts";

const Change = z.object({ currentPassword: z.string().default(""), newPassword: z.string() });

/** The routes under `/account/password`. */
export function passwordRoutes(services: Services): Hono<AppEnv> {
  const { audit, database, passwords } = services;
  return new Hono<AppEnv>()
    .use(requireProof(services))
    .get("/", (c) => passwordPage(c))
    .post("/", async (c) => {
      const { t, session } = c.var;
      const person = signedIn(c);
      const form = await readForm(c, Change);
      if (!form.valid) return passwordPage(c, form.errors);
      const { currentPassword, newPassword } = form.values;
      const about = { password: newPassword, name: person.name, action: "password.change" } as const;
      const problem = await newPasswordProblem(services, c, about);
      if (problem !== null) return passwordPage(c, { newPassword: problem.message }, problem.status);
      if (person.hasPassword) {
        const check = await checkOwn(services, c, person, currentPassword);
        if (check.outcome !== "right") {
          const error = messageFor(c, check, t("passwordChange.wrong"));
          return passwordPage(c, { currentPassword: error }, statusFor(c, check));
        }
      }
      const passwordHash = await passwords.hash(newPassword);
      const changed = await database.transaction().execute(async (transaction) => {
        const changed = await setPassword(transaction, person, passwordHash);
        if (changed !== null) await endLinks(transaction, person.id);
        const result = changed === null ? "failed" : "done";
        await audit.record(c, { action: "password.change", result }, transaction);
        return changed;
      });
      if (changed === null) {
        notify(c, "failed", t("passwordChange.overtaken"));
        return c.redirect("/account/password", 303);
      }
      session.rotate().set("securityStamp", changed.securityStamp);
      notify(c, "done", t("passwordChange.done") + (await otherWaysIn(services, c, person.id)));
      await clearOtherSessions(services, c, person.id);
      return c.redirect("/account", 303);
    });
}

/**
 * Who has a password proves with it who they are; the others do by a recent sign-in. A form that is late for that is not
 * kept, since all that is in it is a password.
 */
function requireProof(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) =>
    signedIn(c).hasPassword || signedInRecently(services, c)
      ? next()
      : c.redirect("/confirm-identity?next=%2Faccount%2Fpassword", 303),
  );
}

function passwordPage(c: AppContext, errors: FieldErrors = {}, failed: 400 | 429 = 400) {
  const { t } = c.var;
  const { name, hasPassword } = signedIn(c);
  const title = t(hasPassword ? "passwordChange.title" : "passwordChange.setTitle");
  const current = field({
    name: "currentPassword",
    type: "password",
    label: t("passwordChange.current"),
    autocomplete: "current-password",
    required: true,
    error: errors.currentPassword,
  });
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(title, t("passwordChange.lead"))}
      ${postForm(
        "/account/password",
        html`${nameForManagers(name)}
        ${hasPassword && current}
        ${newPasswordField(t, t("passwordChange.new"), errors.newPassword)}
        ${actions(button(title), buttonLink("/account", t("form.cancel"), "quiet"))}`,
      )}`;
  const status = Object.keys(errors).length === 0 ? 200 : failed;
  return page(c, { title, section: "account" }, content, status);
}
