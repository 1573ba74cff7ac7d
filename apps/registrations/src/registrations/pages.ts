// The start page and the pages of one's own registrations.

import { html } from "hono/html";
import { dateTime } from "../i18n/dates.ts";
import {
  actions,
  buttonLink,
  confirmation,
  emptyState,
  pageHead,
  section,
  tickets,
  time,
} from "../pages/components.ts";
import { button, checkboxGroup, errorSummary, postForm } from "../pages/forms.ts";
import type { FieldErrors } from "../web/forms.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";
import { type Registration, type Sport, ticketNumber } from "./registrations.ts";

export function homePage(c: AppContext, sports: readonly Sport[]) {
  const { t, person } = c.var;
  const content = html`${pageHead(t("home.title"), t("home.lead"))}
      ${
        person === null
          ? actions(
              buttonLink("/sign-up", t("home.start")),
              buttonLink("/sign-in", t("home.signIn"), "quiet"),
            )
          : actions(buttonLink("/registrations", t("registrations.title")))
      }
      ${
        sports.length === 0
          ? emptyState(t("home.none"))
          : section({ id: "sports", title: t("home.sports"), lead: t("home.choose") }, sportLinks(c, sports))
      }`;
  return page(c, { title: t("home.title") }, content);
}

/** Each sport leads to its registration: to the box, ticked, after the sign-up where that is needed. */
function sportLinks({ var: { person } }: AppContext, sports: readonly Sport[]) {
  const to = (id: string) => {
    const form = `/registrations?${new URLSearchParams({ sport: id })}`;
    return person === null ? `/sign-up?${new URLSearchParams({ next: form })}` : form;
  };
  return html`<ul class="actions">${sports.map(({ id, name }) => html`<li>${buttonLink(to(id), name, "quiet")}</li>`)}</ul>`;
}

interface Own {
  readonly registrations: readonly Registration[];
  /** The sports that the person could still register for. */
  readonly left: readonly Sport[];
  /** The ids of those that are ticked when the page comes. */
  readonly ticked: readonly string[];
}

export function registrationsPage(c: AppContext, { registrations, left, ticked }: Own, errors: FieldErrors) {
  const { t, language } = c.var;
  const asTickets = registrations.map(({ id, sport, createdAt }) => {
    const date = dateTime(language, createdAt);
    return {
      numberLabel: t("registrations.number"),
      number: ticketNumber(id),
      title: sport,
      detail: time(createdAt, t("registrations.since", { date })),
      action: buttonLink(
        `/registrations/${id}/take-back`,
        t("registrations.takeBack"),
        "quiet-danger",
        sport,
      ),
    };
  });
  const form = postForm(
    "/registrations",
    html`${checkboxGroup({
      name: "sport",
      label: t("registrations.sports"),
      choices: left.map(({ id, name }) => ({ value: id, label: name, checked: ticked.includes(id) })),
      error: errors.sport,
    })}
        ${button(t("registrations.submit"))}`,
  );
  const isFirst = registrations.length === 0;
  const content = html`${errorSummary(t("form.problem"), errors)}
      ${pageHead(t("registrations.title"), t("registrations.lead"))}
      ${isFirst ? emptyState(t("registrations.none")) : tickets(asTickets)}
      ${section(
        { id: "add", title: t(isFirst ? "home.title" : "registrations.add") },
        left.length === 0 ? html`<p>${t(isFirst ? "home.none" : "registrations.noneLeft")}</p>` : form,
      )}`;
  const status = errors.sport === undefined ? 200 : 400;
  return page(c, { title: t("registrations.title"), section: "registrations" }, content, status);
}

export function takeBackPage(c: AppContext, { id, sport }: Registration) {
  const { t } = c.var;
  const title = t("takeBack.title", { sport });
  const content = confirmation({
    title,
    consequence: t("takeBack.consequence"),
    action: `/registrations/${id}/take-back`,
    confirm: t("takeBack.confirm"),
    cancel: { href: "/registrations", text: t("form.cancel") },
  });
  return page(c, { title, section: "registrations" }, content);
}
