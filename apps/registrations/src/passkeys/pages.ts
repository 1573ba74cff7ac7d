// The pages for adding a passkey and for removing one, and the form that a script turns into a question for a passkey.

import { html } from "hono/html";
import type { Translate } from "../i18n/translate.ts";
import { actions, buttonLink, confirmation, pageHead } from "../pages/components.ts";
import { button, field, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import type { AppContext } from "../web/visit.ts";
import type { Passkey } from "./keys.ts";

/** What `passkeyForm` asks of the browser. */
export interface Question {
  readonly ceremony: "create" | "get";
  /** Where the answer goes; the options come from `/options` below it. */
  readonly action: string;
  /** The name of an input elsewhere in the page that belongs to it. */
  readonly along?: string;
}

/**
 * A form that `passkeys.js` sends in its own way. It stays hidden without the script, and in browsers without passkeys.
 * What goes wrong is announced in it.
 */
export function passkeyForm(t: Translate, { ceremony, action, along }: Question, content: Markup): Markup {
  return html`
      <div hidden data-passkey="${ceremony}"${along && html` data-along="${along}"`} data-cancelled="${t("passkey.cancelled")}" data-known="${t("passkey.known")}" data-failed="${t("passkey.failed")}">
        ${postForm(action, html`${content}<p class="error" role="alert"></p>`)}
      </div>`;
}

/** Asks how the new passkey shall be called, and then for the passkey. */
export function newPasskeyPage(c: AppContext): Markup {
  const { t, session } = c.var;
  const { browser = "", system = "" } = session.data.device ?? {};
  const label = [browser, system].filter(Boolean).join(", ").slice(0, 60);
  return html`${pageHead(t("passkey.new"), t("passkey.newLead"))}
      <p data-without-passkeys>${t("passkey.unsupported")}</p>
      ${passkeyForm(
        t,
        { ceremony: "create", action: "/account/passkeys" },
        html`${field({ name: "label", label: t("passkey.label"), hint: t("passkey.labelHint"), value: label, required: true, maxLength: 60 })}
        ${actions(button(t("passkey.create")), buttonLink("/account", t("form.cancel"), "quiet"))}`,
      )}`;
}

/** Asks before a passkey is removed. */
export function removalPage(t: Translate, { id, label }: Passkey): Markup {
  return confirmation({
    title: t("passkey.removeTitle"),
    consequence: t("passkey.removeText", { label }),
    action: `/account/passkeys/${id}/remove`,
    confirm: t("passkey.remove"),
    cancel: { href: "/account", text: t("form.cancel") },
  });
}
