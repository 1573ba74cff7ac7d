// Making an account with a name and a password.

import { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { pageHead } from "../pages/components.ts";
import { button, errorSummary, field, hidden, postForm } from "../pages/forms.ts";
import type { Services } from "../services.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import { type FieldErrors, readForm, says } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { notify, page } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { enter } from "./entrance.ts";
import { isReadable } from "./names.ts";
import { newPasswordProblem } from "./new-password.ts";
import { otherWays } from "./other-ways.ts";
import { addPerson } from "./people.ts";

/** A name as people may choose it: it can be read. */
export const Name = z
  .string()
  .trim()
  .min(1, says("account.nameRequired"))
  .max(60, says("form.tooLong"))
  .refine((name) => name === "" || isReadable(name), says("account.nameUnreadable"));

/** Where somebody who came by themselves goes next: what the account is for. */
const afterwards = (next: unknown) => safePath(next ?? "/registrations");

const NewAccount = z.object({
  name: Name,
  password: z.string(),
  next: z.unknown().optional().transform(afterwards),
});

export function signUpRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, passwords, settings, throttle } = services;
  return new Hono<AppEnv>()
    .get("/sign-up", async (c) =>
      c.var.person === null
        ? signUpPage(c, settings.providers, { next: afterwards(c.req.query("next")) })
        : c.redirect("/registrations", 303),
    )
    .post("/sign-up", async (c) => {
      const { t } = c.var;
      const form = await readForm(c, NewAccount);
      if (!form.valid) {
        const given = { ...form.given, next: afterwards(form.given.next) };
        return signUpPage(c, settings.providers, given, form.errors);
      }
      const { name, password, next } = form.values;
      const problem = await newPasswordProblem(services, c, { password, name, action: "sign-up" });
      if (problem !== null) {
        const { message, status } = problem;
        return signUpPage(c, settings.providers, { name, next }, { password: message }, status);
      }
      const seconds = await throttle.signUp(c.var.address);
      if (seconds > 0) {
        await audit.record(c, { action: "sign-up", result: "denied", detail: "throttled" });
        c.header("Retry-After", String(seconds));
        return signUpPage(
          c,
          settings.providers,
          { name, next },
          { name: t("signIn.wait", { minutes: Math.ceil(seconds / 60) }) },
          429,
        );
      }
      const passwordHash = await passwords.hash(password);
      const person = await database.transaction().execute(async (transaction) => {
        const added = await addPerson(transaction, { name, passwordHash, now: clock.now() });
        if (added !== null)
          await audit.record(c, { action: "sign-up", result: "done", actor: added }, transaction);
        return added;
      });
      if (person === null) {
        await audit.record(c, { action: "sign-up", result: "failed", target: name });
        return signUpPage(c, settings.providers, { name, next }, { name: t("account.nameTaken") }, 409);
      }
      await enter(services, c, person, { method: "sign-up" });
      notify(c, "done", t("signUp.done", { name: person.name }));
      return c.redirect(next, 303);
    });
}

type Given = { readonly name?: string; readonly next: string };

function signUpPage(
  c: AppContext,
  providers: readonly ProviderSettings[],
  given: Given,
  errors: FieldErrors = {},
  failed: 400 | 409 | 429 = 400,
) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("signUp.title"), t("signUp.lead"))}
      ${postForm(
        "/sign-up",
        html`${hidden("next", given.next)}
        ${field({ name: "name", label: t("account.name"), value: given.name, autocomplete: "username", required: true, maxLength: 60, error: errors.name })}
        ${field({ name: "password", type: "password", label: t("account.password"), hint: t("account.passwordHint"), autocomplete: "new-password", required: true, minLength: 15, error: errors.password })}
        ${button(t("signUp.submit"))}`,
      )}
      ${otherWays(t, { passkey: true, providers }, { purpose: "sign-up", next: given.next })}
      <p><a href="/sign-in?${new URLSearchParams({ next: given.next })}">${t("signUp.haveAccount")}</a></p>`;
  const status = Object.keys(errors).length === 0 ? 200 : failed;
  return page(c, { title: t("signUp.title"), script: "passkeys.js" }, content, status);
}
