// The list of everybody's registrations, with its filter, and the question before one is removed.

import { html } from "hono/html";
import { actions, buttonLink, confirmation, emptyState, section } from "../pages/components.ts";
import { button, field, hidden, postForm, searchForm, select } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { table } from "../pages/lists.ts";
import { ticketNumber } from "../registrations/registrations.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import { backOfficePage, instant, type Returned } from "./back-office.ts";
import { type Page, pageLinks } from "./listing.ts";
import { personLink } from "./people-pages.ts";
import type { ListedRegistration, RegistrationFilter } from "./registrations.ts";
import type { ListedSport } from "./sports.ts";

interface Listed {
  readonly registrations: Page<ListedRegistration>;
  readonly sports: readonly ListedSport[];
  readonly filter: RegistrationFilter;
}

export function registrationsPage(
  c: AppContext,
  { registrations, sports, filter }: Listed,
  returned?: Returned,
) {
  const { t } = c.var;
  const content = html`${filterForm(c, sports, filter)}
      ${registrations.rows.length === 0 ? emptyState(t("admin.none")) : registrationsTable(c, registrations.rows)}
      ${pageLinks(c, registrations)}
      ${actions(exportForm(c, filter))}
      ${section({ id: "add", title: t("admin.registrations.add") }, addForm(c, sports, returned))}`;
  return backOfficePage(c, { part: "registrations", errors: returned?.errors }, content, returned?.status);
}

export function removeRegistrationPage(c: AppContext, { id, person: name, sport }: ListedRegistration) {
  const { t } = c.var;
  const title = t("admin.registrations.remove.title", { name, sport });
  const content = confirmation({
    title,
    consequence: t("admin.registrations.remove.consequence", { name }),
    action: `/admin/registrations/${id}/remove`,
    confirm: t("admin.registrations.remove"),
    cancel: { href: "/admin/registrations", text: t("form.cancel") },
  });
  return page(c, { title, section: "admin" }, content);
}

function filterForm(
  { var: { t } }: AppContext,
  sports: readonly ListedSport[],
  { name, sport }: RegistrationFilter,
) {
  const options = [{ value: "", label: t("admin.anySport") }, ...sports.map(asOption)];
  return searchForm(
    {
      action: "/admin/registrations",
      label: t("admin.registrations.search"),
      submit: t("admin.filter"),
    },
    html`${field({ name: "name", type: "search", label: t("admin.registrations.nameOrNumber"), value: name })}
        ${select({ name: "sport", label: t("admin.sport"), options, value: sport })}`,
  );
}

function exportForm({ var: { t } }: AppContext, { name, sport }: RegistrationFilter): Markup {
  return postForm(
    "/admin/registrations/export",
    html`${hidden("name", name)}${hidden("sport", sport)}${button(t("admin.registrations.export"), "quiet")}`,
  );
}

function addForm({ var: { t } }: AppContext, sports: readonly ListedSport[], returned?: Returned): Markup {
  const open = sports.filter(({ isOpen }) => isOpen);
  if (open.length === 0) return html`<p>${t("admin.registrations.noOpenSport")}</p>`;
  const { given = {}, errors = {} } = returned ?? {};
  return postForm(
    "/admin/registrations",
    html`${field({ name: "person", label: t("admin.name"), value: given.person, autocomplete: "off", required: true, error: errors.person })}
        ${select({ name: "for", label: t("admin.sport"), options: open.map(asOption), value: given.for, error: errors.for })}
        ${button(t("admin.registrations.addSubmit"))}`,
  );
}

function registrationsTable(c: AppContext, rows: readonly ListedRegistration[]): Markup {
  const { t } = c.var;
  return table(
    t("admin.registrations.caption"),
    [
      { label: t("admin.person"), cell: ({ personId, person }) => personLink(personId, person) },
      { label: t("admin.sport"), cell: ({ sport }) => sport },
      { label: t("admin.registrations.number"), cell: ({ id }) => ticketNumber(id) },
      { label: t("admin.registered"), cell: ({ createdAt }) => instant(c, createdAt) },
      {
        label: t("admin.actions"),
        cell: ({ id, person, sport }) =>
          buttonLink(
            `/admin/registrations/${id}/remove`,
            t("admin.registrations.remove"),
            "quiet-danger",
            `${person}, ${sport}`,
          ),
      },
    ],
    rows,
  );
}

function asOption({ id, name }: ListedSport) {
  return { value: id, label: name };
}
