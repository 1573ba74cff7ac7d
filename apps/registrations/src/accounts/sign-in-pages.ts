// The pages of signing in and out.

import { html } from "hono/html";
import type { Translate } from "../i18n/translate.ts";
import { actions, buttonLink, pageHead } from "../pages/components.ts";
import { button, checkbox, errorSummary, field, hidden, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import type { FieldErrors } from "../web/forms.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import { otherWays } from "./other-ways.ts";

type Given = { readonly name?: string; readonly next?: string };

/** The sign-in form; with what was typed and what was wrong with it, when it comes back. */
export function signInPage(
  c: AppContext,
  providers: readonly ProviderSettings[],
  given: Given,
  errors: FieldErrors = {},
  status: 200 | 400 | 429 = hasErrors(errors) ? 400 : 200,
) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("signIn.title"))}
      ${postForm(
        "/sign-in",
        html`${hidden("next", given.next ?? "/")}
        ${field({ name: "name", label: t("account.name"), value: given.name, autocomplete: "username", required: true, error: errors.name })}
        ${field({ name: "password", type: "password", label: t("account.password"), autocomplete: "current-password", required: true, error: errors.password })}
        ${checkbox({ name: "remember", label: t("signIn.remember") })}
        ${button(t("signIn.submit"))}`,
      )}
      ${otherWays(t, { passkey: true, providers }, { purpose: "sign-in", next: given.next ?? "/" })}
      <p><a href="/sign-up${toNext(given)}">${t("signIn.noAccount")}</a></p>`;
  return page(c, { title: t("signIn.title"), script: "passkeys.js" }, content, status);
}

export function signedOutPage(t: Translate): Markup {
  return html`${pageHead(t("signedOut.title"), t("signedOut.lead"))}
      ${actions(buttonLink("/sign-in", t("signIn.submit")), buttonLink("/", t("error.home"), "quiet"))}`;
}

/** Whoever makes an account first still gets to where they wanted. */
function toNext({ next = "/" }: Given): string {
  return next === "/" ? "" : `?${new URLSearchParams({ next })}`;
}

function hasErrors(errors: FieldErrors): boolean {
  return Object.keys(errors).length > 0;
}
