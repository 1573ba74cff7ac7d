// The pages of going to a provider, coming back from one, and unlinking one.

import { html } from "hono/html";
import { actions, buttonLink, confirmation, pageHead } from "../pages/components.ts";
import { button, errorSummary, field, postForm } from "../pages/forms.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import type { FieldErrors } from "../web/forms.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import type { LinkedIdentity } from "./identities.ts";
import type { RefusalReason } from "./refusal.ts";

/**
 * Sends the browser to a provider. By itself, from a page: Chromium holds a redirect after a form to `form-action 'self'`
 * as well, and the policy need not be opened to other sites for this.
 */
export function leavingPage(c: AppContext, { label: provider }: ProviderSettings, url: string) {
  const { t } = c.var;
  const content = html`${pageHead(t("provider.leaving", { provider }), t("provider.leavingLead"))}
      ${actions(buttonLink(url, t("provider.go", { provider })))}`;
  return page(c, { title: t("provider.leaving", { provider }), refresh: url }, content);
}

/** Says why nobody was let in, and leads back to try again. */
export function refusedPage(
  c: AppContext,
  { label: provider }: ProviderSettings,
  reason: RefusalReason,
  back: string,
) {
  const { t } = c.var;
  const title = t("provider.refused", { provider });
  const content = html`${pageHead(title, t(`provider.refused.${reason}`, { provider }))}
      ${actions(buttonLink(back, t("provider.back")))}`;
  return page(c, { title }, content, reason === "unavailable" ? 503 : 400);
}

/** Asks a newcomer for a name. */
export function chooseNamePage(
  c: AppContext,
  { label: provider }: ProviderSettings,
  given: { readonly name: string },
  errors: FieldErrors = {},
  status: 200 | 400 | 409 | 429 = 200,
) {
  const { t } = c.var;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("provider.chooseName"), t("provider.chooseNameLead", { provider }))}
      ${postForm(
        "/providers/choose-name",
        html`${field({
          name: "name",
          label: t("account.name"),
          value: given.name,
          autocomplete: "username",
          required: true,
          maxLength: 60,
          error: errors.name,
        })}
        ${button(t("signUp.submit"))}`,
      )}
      <p>${t("provider.haveAccount", { provider })} <a href="/sign-in?next=/account">${t("signIn.title")}</a></p>`;
  return page(c, { title: t("provider.chooseName") }, content, status);
}

/** Asks before a provider is taken off the account. */
export function unlinkPage(
  c: AppContext,
  { identity, provider }: { readonly identity: LinkedIdentity; readonly provider: string },
) {
  const { t } = c.var;
  const title = t("provider.unlinkTitle", { provider });
  const content = confirmation({
    title,
    consequence: t("provider.unlinkConsequence", { provider }),
    action: `/providers/identities/${identity.id}/unlink`,
    confirm: t("provider.unlink"),
    cancel: { href: "/account", text: t("form.cancel") },
  });
  return page(c, { title, section: "account" }, content);
}
