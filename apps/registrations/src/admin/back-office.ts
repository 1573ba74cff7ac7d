// What every page of the back office has around it: the way to the other parts, its heading, and what was wrong with a
// form. Tables want the width of the window.

import { html } from "hono/html";
import { dateTime } from "../i18n/dates.ts";
import { pageHead, time } from "../pages/components.ts";
import { errorSummary } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import { subNavigation } from "../pages/lists.ts";
import type { FieldErrors } from "../web/forms.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";

const parts = {
  overview: "/admin",
  people: "/admin/people",
  registrations: "/admin/registrations",
  sessions: "/admin/sessions",
  sports: "/admin/sports",
  audit: "/admin/audit",
} as const;

export type Part = keyof typeof parts;

interface About {
  readonly part: Part;
  /** By default the part's own title. */
  readonly title?: string;
  readonly lead?: string;
  readonly errors?: FieldErrors | undefined;
}

/** A form that comes back: what was typed into it, and what is wrong with that. */
export interface Returned {
  readonly given: Readonly<Record<string, string>>;
  readonly errors: FieldErrors;
  readonly status: 400 | 409;
}

/** Answers a page of the back office. */
export function backOfficePage(c: AppContext, about: About, content: Markup, status: 200 | 400 | 409 = 200) {
  const { t } = c.var;
  const { part, title = t(`admin.${part}.title`), lead, errors = {} } = about;
  const links = Object.entries(parts).map(([name, href]) => ({
    href,
    text: t(`admin.${name as Part}.title`),
  }));
  return page(
    c,
    { title, section: "admin", wide: true },
    html`${subNavigation(t("admin.title"), links, parts[part])}
      ${errorSummary(t("form.problem"), errors)}
      ${pageHead(title, lead)}
      ${content}`,
    status,
  );
}

/** An instant (milliseconds since 1970) in the visitor's language. */
export function instant({ var: { language } }: AppContext, at: number): Markup {
  return time(at, dateTime(language, at));
}
