// What a form that came too late would do, as a question: people see what they are about to send, and to whom. Every form
// that wants a recent sign-in has its line here, a test says.

import { findRegistration } from "../admin/registrations.ts";
import { findSport } from "../admin/sports.ts";
import { findPasskey } from "../passkeys/keys.ts";
import { identitiesOf, providerLabel } from "../providers/identities.ts";
import type { Services } from "../services.ts";
import type { LateForm } from "../web/late-form.ts";
import { type AppContext, signedIn } from "../web/visit.ts";
import { deviceName } from "./devices.ts";
import { findPerson } from "./people.ts";

/** Makes the question of an action; `null` when what it names is not there, or not this person's. */
type Ask = (
  on: { readonly c: AppContext; readonly services: Services; readonly fields: ReadonlyMap<string, string> },
  names: readonly string[],
) => Promise<string | null> | string | null;

const own: Readonly<Record<string, Ask>> = {
  "/account/data": ({ c }) => c.var.t("late.download"),
  "/account/delete": ({ c }) => c.var.t("deleteAccount.title"),
  "/account/devices/end-others": ({ c }) => c.var.t("devices.endOthers.title"),
  "/account/devices/([^/]+)/end": async ({ c, services }, [id = ""]) => {
    const device = await deviceOf(c, services, signedIn(c).id, id);
    return device && c.var.t("late.device", { device });
  },
  "/account/passkeys/([^/]+)/remove": async ({ c, services }, [id = ""]) => {
    const passkey = await findPasskey(services.database, id);
    return passkey?.personId === signedIn(c).id ? c.var.t("late.passkey", { label: passkey.label }) : null;
  },
  "/providers/([^/]+)/link": ({ c, services }, [name]) => {
    const provider = services.settings.providers.find((one) => one.name === name);
    return provider === undefined ? null : c.var.t("late.link", { provider: provider.label });
  },
  "/providers/identities/([^/]+)/unlink": async ({ c, services }, [id]) => {
    const identity = (await identitiesOf(services.database, signedIn(c).id)).find((one) => one.id === id);
    if (identity === undefined) return null;
    const provider = providerLabel(services.settings.providers, identity);
    return c.var.t("provider.unlinkTitle", { provider });
  },
};

const PERSON = "/admin/people/([^/]+)";
const SPORT = "/admin/sports/([^/]+)";

const administration: Readonly<Record<string, Ask>> = {
  "/admin/people": ({ c, fields }) => c.var.t("late.person", { name: fields.get("name") ?? "" }),
  [`${PERSON}/disable`]: aboutPerson("admin.person.disable.title"),
  [`${PERSON}/enable`]: aboutPerson("late.enable"),
  [`${PERSON}/promote`]: aboutPerson("admin.person.promote.title"),
  [`${PERSON}/demote`]: aboutPerson("admin.person.demote.title"),
  [`${PERSON}/remove`]: aboutPerson("admin.person.remove.title"),
  [`${PERSON}/reset-link`]: aboutPerson("late.resetLink"),
  [`${PERSON}/sessions/end`]: aboutPerson("admin.sessions.endAll.title"),
  [`${PERSON}/sessions/([^/]+)/end`]: async ({ c, services }, [id = "", session = ""]) => {
    const person = await findPerson(services.database, id);
    const device = person && (await deviceOf(c, services, id, session));
    return device && c.var.t("late.session", { name: person.name, device });
  },
  "/admin/registrations": async ({ c, services, fields }) => {
    const sport = await findSport(services.database, fields.get("for") ?? "");
    const name = fields.get("person") ?? "";
    return sport === undefined ? null : c.var.t("late.registration", { name, sport: sport.name });
  },
  "/admin/registrations/export": ({ c }) => c.var.t("late.export"),
  "/admin/registrations/([^/]+)/remove": async ({ c, services }, [id = ""]) => {
    const found = await findRegistration(services.database, id);
    if (found === undefined) return null;
    return c.var.t("admin.registrations.remove.title", { name: found.person, sport: found.sport });
  },
  "/admin/sports": ({ c, fields }) => c.var.t("late.sport", { name: fields.get("name") ?? "" }),
  [`${SPORT}/rename`]: async ({ c, services, fields }, [id = ""]) => {
    const sport = await findSport(services.database, id);
    const name = fields.get("name") ?? "";
    return sport === undefined ? null : c.var.t("late.rename", { sport: sport.name, name });
  },
  [`${SPORT}/close`]: aboutSport("late.close"),
  [`${SPORT}/open`]: aboutSport("late.open"),
  [`${SPORT}/remove`]: aboutSport("admin.sports.remove.title"),
};

/**
 * What would be done, as a question. `null` when that can no longer be said: what it is about is gone, or the person may
 * not look at it any more.
 */
export async function questionOf(
  services: Services,
  c: AppContext,
  { action, fields }: LateForm,
): Promise<string | null> {
  const asks = { ...own, ...(signedIn(c).isAdministrator && administration) };
  for (const [path, ask] of Object.entries(asks)) {
    const [found, ...names] = new RegExp(`^${path}$`).exec(action) ?? [];
    if (found === undefined) continue;
    const given = new Map(fields.map(({ name, value }) => [name, value]));
    return ask({ c, services, fields: given }, names);
  }
  return null;
}

type PersonText =
  | `admin.person.${"disable" | "promote" | "demote" | "remove"}.title`
  | "admin.sessions.endAll.title"
  | `late.${"enable" | "resetLink"}`;

function aboutPerson(text: PersonText): Ask {
  return async ({ c, services }, [id = ""]) => {
    const person = await findPerson(services.database, id);
    return person && c.var.t(text, { name: person.name });
  };
}

function aboutSport(text: "late.close" | "late.open" | "admin.sports.remove.title"): Ask {
  return async ({ c, services }, [id = ""]) => {
    const sport = await findSport(services.database, id);
    return sport === undefined ? null : c.var.t(text, { name: sport.name });
  };
}

async function deviceOf(c: AppContext, { sessions }: Services, personId: string, id: string) {
  const session = (await sessions.ofUser(personId)).find((one) => one.id === id);
  return session === undefined ? null : deviceName(c, session);
}
