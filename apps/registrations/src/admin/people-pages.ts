// The list of people, and the page that hands an administrator a one-time link.

import { html } from "hono/html";
import type { Person } from "../accounts/people.ts";
import { actions, badge, buttonLink, copyable, emptyState, section } from "../pages/components.ts";
import { button, field, postForm, searchForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { table } from "../pages/lists.ts";
import type { AppContext } from "../web/visit.ts";
import { backOfficePage, instant, type Returned } from "./back-office.ts";
import { type Page, pageLinks } from "./listing.ts";
import type { ListedPerson } from "./people.ts";

export function peoplePage(c: AppContext, people: Page<ListedPerson>, search: string, returned?: Returned) {
  const { t } = c.var;
  const content = html`${searchForm(
    { action: "/admin/people", label: t("admin.people.search"), submit: t("admin.search") },
    field({ name: "search", type: "search", label: t("admin.name"), value: search }),
  )}
      ${people.rows.length === 0 ? emptyState(t("admin.none")) : peopleTable(c, people.rows)}
      ${pageLinks(c, people)}
      ${section(
        { id: "add", title: t("admin.people.add"), lead: t("admin.people.addLead") },
        postForm(
          "/admin/people",
          html`${field({ name: "name", label: t("admin.name"), value: returned?.given.name, autocomplete: "off", required: true, maxLength: 60, error: returned?.errors.name })}
        ${button(t("admin.people.addSubmit"))}`,
        ),
      )}`;
  return backOfficePage(c, { part: "people", errors: returned?.errors }, content, returned?.status);
}

/** Shows a link that makes a password: now, and never again. */
export function linkPage(c: AppContext, { id, name }: Person, secret: string, isNew: boolean) {
  const { t } = c.var;
  const title = isNew ? t("admin.link.added", { name }) : t("admin.link.title", { name });
  const content = html`${copyable(`${c.var.origin}/reset/${secret}`)}
      <p>${t("admin.link.validity")}</p>
      ${actions(buttonLink(`/admin/people/${id}`, t("admin.link.back", { name }), "quiet"))}`;
  return backOfficePage(c, { part: "people", title, lead: t("admin.link.lead", { name }) }, content);
}

/** Whether a person can sign in, what they may do, and whether it is whoever reads this. */
export function personBadges({ var: { t, person: self } }: AppContext, person: Person): Markup {
  return html`${person.isDisabled ? badge(t("admin.people.disabled"), "bad") : badge(t("admin.people.active"))}
        ${person.isAdministrator && badge(t("admin.people.administrator"), "good")}
        ${person.id === self?.id && badge(t("admin.people.you"))}`;
}

/** A person's name, leading to their page. */
export function personLink(id: string, name: string): Markup {
  return html`<a href="/admin/people/${id}">${name}</a>`;
}

function peopleTable(c: AppContext, rows: readonly ListedPerson[]): Markup {
  const { t } = c.var;
  return table(
    t("admin.people.caption"),
    [
      { label: t("admin.name"), cell: ({ id, name }) => personLink(id, name) },
      { label: t("admin.status"), cell: (person) => personBadges(c, person) },
      { label: t("admin.since"), cell: ({ createdAt }) => instant(c, createdAt) },
      { label: t("admin.registrations.title"), cell: ({ registrations }) => String(registrations) },
    ],
    rows,
  );
}
