// The fields with which a password is chosen, the same wherever that is, so that password managers understand each.

import { html } from "hono/html";
import type { Translate } from "../i18n/translate.ts";
import { field } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";

/** Tells password managers whose password it is, where nobody has to type the name. */
export function nameForManagers(name: string): Markup {
  return html`<input type="text" name="name" value="${name}" autocomplete="username" readonly hidden>`;
}

/** A field named `newPassword`. */
export function newPasswordField(t: Translate, label: string, error: string | undefined): Markup {
  return field({
    name: "newPassword",
    type: "password",
    label,
    hint: t("account.passwordHint"),
    autocomplete: "new-password",
    required: true,
    minLength: 15,
    error,
  });
}
