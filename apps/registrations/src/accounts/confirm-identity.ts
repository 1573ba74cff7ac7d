// Confirming who one is, before what needs a recent sign-in; and going on with the form that came too late for it.

import { Hono } from "hono";
import { html } from "hono/html";
import type { DeepReadonly } from "vestiaire";
import type { Translate } from "../i18n/translate.ts";
import { actions, buttonLink, pageHead } from "../pages/components.ts";
import { button, errorSummary, field, hidden, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { passkeysOf } from "../passkeys/keys.ts";
import { identitiesOf, isAt } from "../providers/identities.ts";
import type { Services } from "../services.ts";
import { requirePerson } from "../web/access.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn, type Visit } from "../web/visit.ts";
import { enter } from "./entrance.ts";
import { otherWays, type Ways } from "./other-ways.ts";
import { checkOwn, messageFor, statusFor } from "./password-check.ts";
import { nameForManagers } from "./password-fields.ts";
import { Credentials } from "./sign-in.ts";

const Confirmation = Credentials.pick({ password: true, next: true });

export function confirmIdentityRoutes(services: Services): Hono<AppEnv> {
  const { database, settings } = services;

  async function confirmPage(
    c: AppContext,
    next: string,
    errors: FieldErrors = {},
    status: 200 | 400 | 429 = 200,
  ) {
    const { id } = signedIn(c);
    const identities = await identitiesOf(database, id);
    const providers = settings.providers.filter((provider) => identities.some((own) => isAt(provider, own)));
    const passkey = (await passkeysOf(database, id)).length > 0;
    const content = confirmation(c, { passkey, providers }, next, errors);
    return page(c, { title: c.var.t("confirm.title"), script: "passkeys.js" }, content, status);
  }

  return new Hono<AppEnv>()
    .use("/confirm-identity", requirePerson)
    .get("/confirm-identity", (c) => confirmPage(c, safePath(c.req.query("next"))))
    .post("/confirm-identity", async (c) => {
      const person = signedIn(c);
      const form = await readForm(c, Confirmation);
      if (!form.valid) return confirmPage(c, safePath(form.given.next), form.errors, 400);
      const { password, next } = form.values;
      const check = await checkOwn(services, c, person, password);
      if (check.outcome === "right") {
        const entered = await enter(services, c, person, { method: "password" });
        return c.redirect(entered ? next : "/sign-in", 303);
      }
      const error = messageFor(c, check, c.var.t("confirm.wrong"));
      return confirmPage(c, next, { password: error }, statusFor(c, check));
    })
    .use("/resume", requirePerson)
    .get("/resume", async (c) => {
      const { pending } = c.var.session.data;
      return pending === undefined
        ? c.redirect("/", 303)
        : page(c, { title: c.var.t("resume.title") }, resumption(c.var.t, pending));
    });
}

/** Asks who is signed in to prove it again, in one of their own ways. */
function confirmation(c: AppContext, ways: Ways, next: string, errors: FieldErrors): Markup {
  const { t } = c.var;
  const { name, hasPassword } = signedIn(c);
  const byPassword = postForm(
    "/confirm-identity",
    html`${hidden("next", next)}${nameForManagers(name)}
        ${field({ name: "password", type: "password", label: t("account.password"), autocomplete: "current-password", required: true, error: errors.password })}
        ${button(t("confirm.submit"))}`,
  );
  return html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("confirm.title"), t("confirm.lead", { name }))}
      ${hasPassword && byPassword}
      ${otherWays(t, ways, { purpose: "confirm", next })}`;
}

/** Shows what was filled in before the confirmation, and sends it with one press. */
function resumption(t: Translate, { action, fields }: DeepReadonly<Visit["pending"]>): Markup {
  return html`${pageHead(t("resume.title"), t("resume.lead"))}
      ${postForm(
        action,
        html`${fields.map(({ name, value }) => hidden(name, value))}
        ${actions(button(t("resume.submit")), buttonLink("/", t("form.cancel"), "quiet"))}`,
      )}`;
}
