// The list of who is signed in, and what people recognise a session by. Nothing in it opens one.

import { html } from "hono/html";
import type { SessionInfo } from "vestiaire";
import { deviceName } from "../accounts/devices.ts";
import type { Person } from "../accounts/people.ts";
import { badge, emptyState } from "../pages/components.ts";
import { button, hidden, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { table } from "../pages/lists.ts";
import type { AppContext, Visit } from "../web/visit.ts";
import { backOfficePage, instant } from "./back-office.ts";
import { neighbours } from "./listing.ts";
import { personLink } from "./people-pages.ts";

/** A session, and whose it is. */
export interface SignedIn {
  readonly person: Pick<Person, "id" | "name">;
  readonly session: SessionInfo<Visit>;
}

/** Some of the people who are signed in. */
export interface SessionsPage {
  readonly rows: readonly SignedIn[];
  /** How many sessions were looked at for this, those of visitors who are not signed in included. */
  readonly looked: number;
  /** Where the next page begins; `null` where there is none. */
  readonly next: string | null;
}

export function sessionsPage(c: AppContext, { rows, looked, next }: SessionsPage) {
  const { t } = c.var;
  const content = html`${rows.length === 0 ? emptyState(t("admin.sessions.none")) : sessionsTable(c, rows)}
      ${next !== null && html`<p>${t("admin.sessions.looked", { looked })}</p>`}
      ${neighbours(c, {
        previous: c.req.query("cursor")
          ? { href: "/admin/sessions", text: t("admin.pages.first") }
          : undefined,
        next:
          next === null
            ? undefined
            : {
                href: `/admin/sessions?${new URLSearchParams({ cursor: next })}`,
                text: t("admin.pages.next"),
              },
      })}`;
  return backOfficePage(c, { part: "sessions", lead: t("admin.sessions.lead") }, content);
}

/** In place of the list, where the session store has none. */
export function unlistedSessionsPage(c: AppContext) {
  const { t } = c.var;
  return backOfficePage(
    c,
    { part: "sessions", lead: t("admin.sessions.lead") },
    emptyState(t("admin.sessions.unlisted")),
  );
}

/** When the session was first seen. Confirming who one is makes a new one, which is the same to people. */
export function firstSeenAt({ createdAt, data }: SessionInfo<Visit>): number {
  return data.device?.firstSeenAt ?? createdAt;
}

/** The button that ends somebody's session, and leads to `next`. */
export function endSessionForm(
  c: AppContext,
  person: SignedIn["person"],
  session: SessionInfo<Visit>,
  next: string,
): Markup {
  const about = `${person.name}, ${deviceName(c, session)}`;
  return postForm(
    `/admin/people/${person.id}/sessions/${session.id}/end`,
    html`${hidden("next", next)}${button(c.var.t("admin.sessions.end"), "quiet", { about })}`,
  );
}

function sessionsTable(c: AppContext, rows: readonly SignedIn[]): Markup {
  const { t, person: self, session: present } = c.var;
  return table(
    t("admin.sessions.caption"),
    [
      { label: t("admin.person"), cell: ({ person }) => personLink(person.id, person.name) },
      { label: t("admin.sessions.device"), cell: ({ session }) => deviceName(c, session) },
      { label: t("admin.sessions.address"), cell: ({ session }) => session.data.device?.address ?? "" },
      { label: t("admin.since"), cell: ({ session }) => instant(c, firstSeenAt(session)) },
      { label: t("admin.sessions.lastSeen"), cell: ({ session }) => instant(c, session.lastSeenAt) },
      {
        label: t("admin.actions"),
        cell: ({ person, session }) => {
          if (person.id !== self?.id) return endSessionForm(c, person, session, "/admin/sessions");
          return session.id === present.id ? badge(t("admin.sessions.this"), "good") : "";
        },
      },
    ],
    rows,
  );
}
