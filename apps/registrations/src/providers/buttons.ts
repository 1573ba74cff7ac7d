// A button for each OpenID Connect provider.

import { html } from "hono/html";
import type { Purpose } from "../accounts/other-ways.ts";
import type { Translate } from "../i18n/translate.ts";
import { button, hidden, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import type { ProviderSettings } from "../settings-providers.ts";

/** The buttons; nothing without providers. `next` is where they lead afterwards. */
export function providerButtons(
  t: Translate,
  providers: readonly ProviderSettings[],
  { purpose, next }: { readonly purpose: Purpose; readonly next: string },
): Markup {
  return html`${providers.map(({ name, label }) =>
    postForm(
      `/providers/${name}`,
      html`${hidden("purpose", purpose)}${hidden("next", next)}${button(t("provider.continue", { provider: label }), "quiet")}`,
    ),
  )}`;
}
