// The ways in that need no password, under the forms that take one.

import { html } from "hono/html";
import type { Translate } from "../i18n/translate.ts";
import { section } from "../pages/components.ts";
import type { Markup } from "../pages/layout.ts";
import { passkeyButton } from "../passkeys/button.ts";
import { providerButtons } from "../providers/buttons.ts";
import type { ProviderSettings } from "../settings-providers.ts";

/** What proving who one is is for. */
export type Purpose = "sign-in" | "sign-up" | "confirm";

/** The ways that there are. */
export interface Ways {
  readonly passkey: boolean;
  readonly providers: readonly ProviderSettings[];
}

/** A button for passkeys, and one for each provider; nothing where there is neither. `next` is where they lead. */
export function otherWays(
  t: Translate,
  { passkey, providers }: Ways,
  way: { readonly purpose: Purpose; readonly next: string },
): Markup {
  if (!passkey && providers.length === 0) return html``;
  const buttons = html`${passkey && passkeyButton(t, way)}${providerButtons(t, providers, way)}`;
  return section({ id: "other-ways", title: t("otherWays.title") }, html`<div class="ways">${buttons}</div>`);
}
