// The account's page: a section for each of its parts.

import { html } from "hono/html";
import { dateTime } from "../i18n/dates.ts";
import type { Translate } from "../i18n/translate.ts";
import { buttonLink, pageHead, section, time } from "../pages/components.ts";
import type { Markup } from "../pages/layout.ts";
import { keyValues } from "../pages/lists.ts";
import { passkeySection } from "../passkeys/account-section.ts";
import { providerSection } from "../providers/account-section.ts";
import type { Services } from "../services.ts";
import { page } from "../web/page.ts";
import { type AppContext, signedIn } from "../web/visit.ts";
import { deviceSection } from "./devices.ts";
import { ownDataSection } from "./own-data.ts";
import type { Person } from "./people.ts";

export async function accountPage(services: Services, c: AppContext) {
  const { t, language } = c.var;
  const person = signedIn(c);
  const content = html`${pageHead(t("ownAccount.title"), t("ownAccount.lead"))}
      ${section(
        { id: "person", title: t("ownAccount.person") },
        keyValues([
          [t("account.name"), person.name],
          [t("ownAccount.since"), time(person.createdAt, dateTime(language, person.createdAt))],
        ]),
      )}
      ${passwordSection(t, person)}
      ${await passkeySection(services, c)}
      ${await providerSection(services, c)}
      ${await deviceSection(services, c)}
      ${ownDataSection(t)}`;
  return page(c, { title: t("ownAccount.title"), section: "account", script: "passkeys.js" }, content);
}

function passwordSection(t: Translate, { hasPassword }: Person): Markup {
  return section(
    {
      id: "password",
      title: t("account.password"),
      lead: t(hasPassword ? "ownAccount.hasPassword" : "ownAccount.hasNoPassword"),
    },
    buttonLink(
      "/account/password",
      t(hasPassword ? "passwordChange.title" : "passwordChange.setTitle"),
      "quiet",
    ),
  );
}
