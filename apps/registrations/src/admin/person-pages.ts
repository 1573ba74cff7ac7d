// One person's page: what is known of them, where they are signed in, and what an administrator can do about it. On one's
// own there is nothing to do here.

import { html } from "hono/html";
import type { SessionInfo } from "vestiaire";
import { deviceName } from "../accounts/devices.ts";
import type { Person } from "../accounts/people.ts";
import { actions, badge, buttonLink, confirmation, emptyState, section } from "../pages/components.ts";
import { button, type Look, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { entries, keyValues } from "../pages/lists.ts";
import { type Registration, ticketNumber } from "../registrations/registrations.ts";
import { page } from "../web/page.ts";
import type { AppContext, Visit } from "../web/visit.ts";
import { backOfficePage, instant } from "./back-office.ts";
import { personBadges } from "./people-pages.ts";
import { endSessionForm, firstSeenAt } from "./sessions-pages.ts";

interface PersonFacts {
  readonly registrations: readonly Registration[];
  readonly sessions: readonly SessionInfo<Visit>[];
}

export function personPage(c: AppContext, person: Person, { registrations, sessions }: PersonFacts) {
  const { t } = c.var;
  const isOwn = person.id === c.var.person?.id;
  const content = html`${section(
    { id: "account", title: t("admin.person.account") },
    html`${keyValues([
      [t("admin.status"), personBadges(c, person)],
      [t("admin.since"), instant(c, person.createdAt)],
      [
        t("admin.person.password"),
        person.hasPassword ? t("admin.person.hasPassword") : t("admin.person.noPassword"),
      ],
    ])}
        ${isOwn ? ownAccount(c) : accountActions(c, person)}`,
  )}
      ${section({ id: "registrations", title: t("admin.registrations.title") }, registrationList(c, registrations))}
      ${section({ id: "sessions", title: t("admin.sessions.title") }, sessionList(c, person, sessions))}`;
  return backOfficePage(c, { part: "people", title: person.name }, content);
}

/** The changes that are asked about first, each by the end of its address. */
const questions = {
  disable: "admin.person.disable",
  promote: "admin.person.promote",
  demote: "admin.person.demote",
  remove: "admin.person.remove",
  "sessions/end": "admin.sessions.endAll",
} as const;

export type Question = keyof typeof questions;

/** Asks before a change that reaches far. */
export function questionPage(c: AppContext, { id, name }: Person, about: Question) {
  const { t } = c.var;
  const text = questions[about];
  const title = t(`${text}.title`, { name });
  const content = confirmation({
    title,
    consequence: t(`${text}.consequence`),
    action: `/admin/people/${id}/${about}`,
    confirm: t(text),
    cancel: { href: `/admin/people/${id}`, text: t("form.cancel") },
  });
  return page(c, { title, section: "admin" }, content);
}

function ownAccount({ var: { t } }: AppContext): Markup {
  return html`<p>${t("admin.person.own")}</p>
        ${actions(buttonLink("/account", t("admin.person.ownPage"), "quiet"))}`;
}

function accountActions({ var: { t } }: AppContext, person: Person): Markup {
  const { id, isAdministrator, isDisabled } = person;
  const at = `/admin/people/${id}`;
  const asking = (about: Exclude<Question, "sessions/end">, look: Look) =>
    buttonLink(`${at}/${about}`, t(`admin.person.${about}`), look);
  const act = (what: "reset-link" | "enable", text: string) =>
    postForm(`${at}/${what}`, button(text, "quiet"));
  return html`${actions(
    isDisabled ? act("enable", t("admin.person.enable")) : act("reset-link", t("admin.person.resetLink")),
    isAdministrator ? asking("demote", "quiet-danger") : asking("promote", "quiet"),
    isDisabled ? html`` : asking("disable", "quiet-danger"),
    asking("remove", "quiet-danger"),
  )}
        ${isDisabled && html`<p>${t("admin.person.noLink", { name: person.name })}</p>`}`;
}

function registrationList(c: AppContext, registrations: readonly Registration[]): Markup {
  const { t } = c.var;
  if (registrations.length === 0) return emptyState(t("admin.person.noRegistrations"));
  return entries(
    registrations.map(({ id, sport, createdAt }) => ({
      title: sport,
      details: html`${t("admin.registrations.number")} ${ticketNumber(id)} · ${instant(c, createdAt)}`,
      action: buttonLink(
        `/admin/registrations/${id}/remove`,
        t("admin.registrations.remove"),
        "quiet-danger",
        sport,
      ),
    })),
  );
}

function sessionList(c: AppContext, person: Person, sessions: readonly SessionInfo<Visit>[]): Markup {
  const { t, session: present } = c.var;
  if (sessions.length === 0) return emptyState(t("admin.person.noSessions"));
  const isOwn = person.id === c.var.person?.id;
  const list = entries(
    sessions.map((session) => ({
      title: deviceName(c, session),
      badges: session.id === present.id ? badge(t("admin.sessions.this"), "good") : "",
      details: html`${session.data.device?.address} · ${t("admin.since")} ${instant(c, firstSeenAt(session))} ·
        ${t("admin.sessions.lastSeen")} ${instant(c, session.lastSeenAt)}`,
      action: isOwn ? html`` : endSessionForm(c, person, session, `/admin/people/${person.id}`),
    })),
  );
  const endAll = buttonLink(
    `/admin/people/${person.id}/sessions/end`,
    t("admin.sessions.endAll"),
    "quiet-danger",
  );
  return html`${list}${!isOwn && actions(endAll)}`;
}
