// The part of the account page about passkeys.

import { html } from "hono/html";
import { dateTime } from "../i18n/dates.ts";
import { buttonLink, emptyState, section, time } from "../pages/components.ts";
import type { Markup } from "../pages/layout.ts";
import { entries } from "../pages/lists.ts";
import type { Services } from "../services.ts";
import { type AppContext, signedIn } from "../web/visit.ts";
import { type Passkey, passkeysOf } from "./keys.ts";

/** The passkeys of who is signed in, each with a way to remove it, and a way to add one. */
export async function passkeySection({ database }: Services, c: AppContext): Promise<Markup> {
  const { t } = c.var;
  const own = await passkeysOf(database, signedIn(c).id);
  const list =
    own.length === 0 ? emptyState(t("passkey.none")) : entries(own.map((passkey) => entryOf(c, passkey)));
  return section(
    { id: "passkeys", title: t("passkey.title"), lead: t("passkey.lead") },
    html`${list}
        ${buttonLink("/account/passkeys/new", t("passkey.add"), "quiet")}`,
  );
}

function entryOf(c: AppContext, { id, label, createdAt, lastUsedAt }: Passkey) {
  const { language, t } = c.var;
  const instant = (at: number) => time(at, dateTime(language, at));
  const used =
    lastUsedAt === null ? t("passkey.neverUsed") : html`${t("passkey.lastUsed")} ${instant(lastUsedAt)}`;
  return {
    title: label,
    details: html`${t("passkey.addedOn")} ${instant(createdAt)} · ${used}`,
    action: buttonLink(`/account/passkeys/${id}/remove`, t("passkey.removeOne"), "quiet-danger", label),
  };
}
