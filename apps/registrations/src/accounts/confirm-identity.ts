// Confirming who one is, before what needs a recent sign-in; and what becomes of the form that came too late
// for it: it is shown as a question, and then sent or dropped.

import { Hono } from "hono";
import { html } from "hono/html";
import { actions, pageHead } from "../pages/components.ts";
import { button, errorSummary, field, hidden, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { passkeysOf } from "../passkeys/keys.ts";
import { identitiesOf, isAt } from "../providers/identities.ts";
import type { Services } from "../services.ts";
import { requirePerson, signedInRecently } from "../web/access.ts";
import { type FieldErrors, readForm } from "../web/forms.ts";
import { forgetLateForm, type LateForm, lateForm } from "../web/late-form.ts";
import { safePath } from "../web/navigation.ts";
import { notify, page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { enter } from "./entrance.ts";
import { questionOf } from "./late-forms.ts";
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
    .use("/resume/*", requirePerson)
    .get("/resume", async (c) => {
      const form = lateForm(c, services.clock);
      if (form === null) return c.redirect("/", 303);
      if (form === "over") return page(c, { title: c.var.t("late.over") }, overPage(c));
      if (!signedInRecently(services, c)) return c.redirect("/confirm-identity?next=/resume", 303);
      const question = await questionOf(services, c, form);
      return page(c, { title: question ?? c.var.t("late.gone") }, resumption(c, form, question));
    })
    .post("/resume/drop", async (c) => {
      const form = lateForm(c, services.clock);
      forgetLateForm(c);
      notify(c, "done", c.var.t("late.dropped"));
      return c.redirect(form === null || form === "over" ? "/" : cameFrom(form), 303);
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

/** Asks whether to send what waited for the confirmation, or to drop it; without a `question` it can only be dropped. */
function resumption(c: AppContext, { action, fields }: LateForm, question: string | null): Markup {
  const { t } = c.var;
  const sending = postForm(
    action,
    html`${fields.map(({ name, value }) => hidden(name, value))}${button(t("late.send"))}`,
  );
  return html`
      <div class="card">
        <h1>${question ?? t("late.gone")}</h1>
        <p>${t(question === null ? "late.goneLead" : "late.lead")}</p>
        ${actions(
          html`${question !== null && sending}`,
          postForm("/resume/drop", button(t("late.drop"), "quiet")),
        )}
      </div>`;
}

function overPage(c: AppContext): Markup {
  const { t } = c.var;
  return html`${pageHead(t("late.over"), t("late.overLead"))}
      ${actions(postForm("/resume/drop", button(t("error.home"))))}`;
}

/** Where the form was: nothing has to be known of it for that but its part of the site. */
function cameFrom({ action }: LateForm): string {
  return action.startsWith("/admin") ? "/admin" : "/account";
}
