// The pages behind the link for the first administrator: one for whoever has no account yet, one for who is signed in.

import { html } from "hono/html";
import { actions, buttonLink, pageHead } from "../pages/components.ts";
import { button, errorSummary, field, postForm } from "../pages/forms.ts";
import type { FieldErrors } from "../web/forms.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import { newPasswordField } from "./password-fields.ts";
import type { Person } from "./people.ts";

/** Asks for a name and a password; with the name that was typed and what was wrong, when it comes back. */
export function firstAdministratorPage(
  c: AppContext,
  name = "",
  errors: FieldErrors = {},
  failed: 400 | 409 | 429 = 400,
) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("firstAdministrator.title"), t("firstAdministrator.lead"))}
      ${postForm(
        c.req.path,
        html`${field({ name: "name", label: t("account.name"), value: name, autocomplete: "username", required: true, maxLength: 60, error: errors.name })}
        ${newPasswordField(t, t("account.password"), errors.newPassword)}
        ${button(t("firstAdministrator.submit"))}`,
      )}`;
  const status = Object.keys(errors).length === 0 ? 200 : failed;
  return page(c, { title: t("firstAdministrator.title") }, content, status);
}

/** Asks whether the person who is signed in is to be the administrator. */
export function promotionPage(c: AppContext, { name }: Person) {
  const { t } = c.var;
  const content = html`${pageHead(t("firstAdministrator.title"), t("firstAdministrator.promotion", { name }))}
      ${postForm(
        c.req.path,
        actions(button(t("firstAdministrator.promote")), buttonLink("/", t("form.cancel"), "quiet")),
      )}`;
  return page(c, { title: t("firstAdministrator.title") }, content);
}
