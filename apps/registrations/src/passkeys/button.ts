// The button that asks for a passkey, under the forms that take a password.

import { html } from "hono/html";
import type { Purpose } from "../accounts/other-ways.ts";
import type { Translate } from "../i18n/translate.ts";
import { button, hidden } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { passkeyForm, type Question } from "./pages.ts";

const questions = {
  "sign-in": { ceremony: "get", action: "/sign-in/passkey" },
  confirm: { ceremony: "get", action: "/sign-in/passkey" },
  "sign-up": { ceremony: "create", action: "/sign-up/passkey", along: "name" },
} as const satisfies Record<Purpose, Question>;

const texts = {
  "sign-in": "passkey.signIn",
  confirm: "passkey.confirm",
  "sign-up": "passkey.signUp",
} as const;

/** `next` is where it leads afterwards. For `sign-up` the page has an input called `name`. */
export function passkeyButton(
  t: Translate,
  { purpose, next }: { readonly purpose: Purpose; readonly next: string },
): Markup {
  return passkeyForm(
    t,
    questions[purpose],
    html`${hidden("next", next)}${button(t(texts[purpose]), "quiet")}`,
  );
}
