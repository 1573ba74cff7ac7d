// The part of the account page about providers: those that are linked, and those that could be.

import { html } from "hono/html";
import { dateTime } from "../i18n/dates.ts";
import { actions, buttonLink, section } from "../pages/components.ts";
import { button, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { entries } from "../pages/lists.ts";
import type { Services } from "../services.ts";
import { type AppContext, signedIn } from "../web/visit.ts";
import { identitiesOf, isAt, type LinkedIdentity, providerLabel } from "./identities.ts";

/** The section of whoever is signed in; nothing where there are no providers. */
export async function providerSection({ database, settings }: Services, c: AppContext): Promise<Markup> {
  const { t, language } = c.var;
  const identities = await identitiesOf(database, signedIn(c).id);
  if (settings.providers.length === 0 && identities.length === 0) return html``;
  const entry = (identity: LinkedIdentity) => {
    const { id, label, createdAt, lastUsedAt } = identity;
    const provider = providerLabel(settings.providers, identity);
    const linked = t("provider.since", { date: dateTime(language, createdAt) });
    const used = lastUsedAt === null ? "" : t("provider.used", { date: dateTime(language, lastUsedAt) });
    return {
      title: provider,
      details: [label, linked, used].filter((part) => part !== "").join(" · "),
      action: buttonLink(
        `/providers/identities/${id}/unlink`,
        t("provider.unlink"),
        "quiet-danger",
        provider,
      ),
    };
  };
  const others = settings.providers.filter((provider) => !identities.some((own) => isAt(provider, own)));
  const linkButton = ({ name, label }: (typeof others)[number]) =>
    postForm(`/providers/${name}/link`, button(t("provider.link", { provider: label }), "quiet"));
  return section(
    { id: "providers", title: t("provider.title"), lead: t("provider.lead") },
    html`${identities.length > 0 && entries(identities.map(entry))}
        ${others.length > 0 && actions(...others.map(linkButton))}`,
  );
}
