// The list of sports, and the page of each: rename it, close it, or remove it while nobody is registered.

import { html } from "hono/html";
import { actions, badge, buttonLink, confirmation, emptyState, section } from "../pages/components.ts";
import { button, field, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { table } from "../pages/lists.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import { backOfficePage, type Returned } from "./back-office.ts";
import type { ListedSport } from "./sports.ts";

export function sportsPage(c: AppContext, sports: readonly ListedSport[], returned?: Returned) {
  const { t } = c.var;
  const form = nameForm(c, "/admin/sports", t("admin.sports.addSubmit"), returned?.given.name, returned);
  const content = html`${sports.length === 0 ? emptyState(t("admin.none")) : sportsTable(c, sports)}
      ${section({ id: "add", title: t("admin.sports.add") }, form)}`;
  return backOfficePage(c, { part: "sports", errors: returned?.errors }, content, returned?.status);
}

export function sportPage(c: AppContext, { id, name, isOpen }: ListedSport, returned?: Returned) {
  const { t } = c.var;
  const at = `/admin/sports/${id}`;
  const content = html`${section(
    { id: "rename", title: t("admin.sports.rename") },
    nameForm(c, `${at}/rename`, t("admin.sports.rename"), returned?.given.name ?? name, returned),
  )}
      ${actions(
        isOpen
          ? postForm(`${at}/close`, button(t("admin.sports.close"), "quiet"))
          : postForm(`${at}/open`, button(t("admin.sports.open"), "quiet")),
        buttonLink(`${at}/remove`, t("admin.sports.remove"), "quiet-danger"),
      )}`;
  const about = { part: "sports", title: name, errors: returned?.errors } as const;
  return backOfficePage(c, about, content, returned?.status);
}

export function removeSportPage(c: AppContext, { id, name }: ListedSport) {
  const { t } = c.var;
  const title = t("admin.sports.remove.title", { name });
  const content = confirmation({
    title,
    consequence: t("admin.sports.remove.consequence"),
    action: `/admin/sports/${id}/remove`,
    confirm: t("admin.sports.remove"),
    cancel: { href: `/admin/sports/${id}`, text: t("form.cancel") },
  });
  return page(c, { title, section: "admin" }, content);
}

/** How many are registered for each sport. */
export function sportsTable({ var: { t } }: AppContext, sports: readonly ListedSport[]): Markup {
  return table(
    t("admin.sports.caption"),
    [
      { label: t("admin.sport"), cell: ({ id, name }) => html`<a href="/admin/sports/${id}">${name}</a>` },
      {
        label: t("admin.status"),
        cell: ({ isOpen }) =>
          isOpen ? badge(t("admin.sports.opened"), "good") : badge(t("admin.sports.closed")),
      },
      { label: t("admin.registrations.title"), cell: ({ registrations }) => String(registrations) },
    ],
    sports,
  );
}

function nameForm(
  { var: { t } }: AppContext,
  action: string,
  submit: string,
  value: string | undefined,
  returned: Returned | undefined,
): Markup {
  return postForm(
    action,
    html`${field({ name: "name", label: t("admin.name"), value, autocomplete: "off", required: true, maxLength: 60, error: returned?.errors.name })}
        ${button(submit)}`,
  );
}
