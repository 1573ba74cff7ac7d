// What every page has around it: the head, the header with its navigation and language switch, the messages after an
// action, and the footer.

import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Translate } from "../i18n/translate.ts";
import { asset } from "./assets.ts";
import { hidden, postForm } from "./forms.ts";

/** Escaped HTML, ready to be put into a page. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every page needs from its request. */
export interface Frame {
  /** What the site is called, and where its visitors can turn to, if anywhere. */
  readonly site: { readonly name: string; readonly contact: Link | null };
  readonly language: "en" | "fr";
  readonly t: Translate;
  /** The request's path with its query: where the language switch comes back to. */
  readonly path: string;
  /** Who is signed in; `null` for nobody. */
  readonly person: { readonly name: string; readonly isAdministrator: boolean } | null;
  /** What the action before this page has to say. */
  readonly notices: readonly Notice[];
}

interface Notice {
  readonly kind: "done" | "failed";
  readonly text: string;
}

interface Link {
  readonly href: string;
  readonly text: string;
}

/** One page, apart from its content. */
export interface Page {
  readonly title: string;
  /** The part of the site that the navigation marks. */
  readonly section?: "registrations" | "account" | "admin";
  /** For tables: the page takes the width of the window. */
  readonly wide?: boolean;
  /** Where the browser goes at once, by itself. */
  readonly refresh?: string;
  /** A script of `src/assets`, by its file's name. */
  readonly script?: string;
}

const STYLES = ["style.css", "layout.css", "components.css", "forms.css", "lists.css"];

/** A whole page. */
export function layout(frame: Frame, page: Page, content: Markup): Markup {
  const { t, site } = frame;
  return html`<!doctype html>
<html lang="${frame.language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${page.title} · ${site.name}</title>
    ${STYLES.map((name) => html`<link rel="stylesheet" href="${asset(name)}">`)}
    <link rel="icon" type="image/svg+xml" href="${asset("ticket.svg")}">
    ${page.refresh && html`<meta http-equiv="refresh" content="0;url=${page.refresh}">`}
    ${page.script && html`<script type="module" src="${asset(page.script)}"></script>`}
  </head>
  <body${page.wide && html` class="wide"`}>
    <a class="skip" href="#main">${t("layout.skip")}</a>
    <header class="site-header">
      <a class="brand" href="/">
        <img src="${asset("ticket.svg")}" alt="" width="32" height="32">${site.name}
      </a>
      ${languageSwitch(frame)}
      ${navigation(frame, page)}
    </header>
    <main id="main" tabindex="-1">
      ${frame.notices.map(notice)}
      ${content}
    </main>
    <footer class="site-footer">
      <p>${t("layout.footer")}</p>
      ${site.contact && html`<p>${t("layout.contact")} <a href="${site.contact.href}">${site.contact.text}</a></p>`}
    </footer>
  </body>
</html>
`;
}

function navigation({ t, path, person }: Frame, { section }: Page): Markup {
  const item = (href: string, text: string, current: boolean) => html`
        <li><a href="${href}"${current && html` aria-current="true"`}>${text}</a></li>`;
  const items =
    person === null
      ? [
          item("/sign-in", t("layout.signIn"), isAt(path, "/sign-in")),
          item("/sign-up", t("layout.signUp"), isAt(path, "/sign-up")),
        ]
      : [
          item("/registrations", t("layout.registrations"), section === "registrations"),
          item("/account", t("layout.account"), section === "account"),
          person.isAdministrator && item("/admin", t("layout.backOffice"), section === "admin"),
          html`
        <li class="who">${t("layout.signedInAs", { name: person.name })}</li>
        <li>${postForm("/sign-out", html`<button>${t("layout.signOut")}</button>`)}</li>`,
        ];
  return html`<nav class="site-navigation" aria-label="${t("layout.navigation")}">
        <ul>${items}
        </ul>
      </nav>`;
}

function isAt(path: string, page: string): boolean {
  return path === page || path.startsWith(`${page}?`);
}

/** Each language is called by its own name, whatever the page speaks. */
const LANGUAGES = [
  { code: "en", name: "English" },
  { code: "fr", name: "Français" },
] as const;

function languageSwitch({ t, language, path }: Frame): Markup {
  const choice = ({ code, name }: (typeof LANGUAGES)[number]) =>
    html`<button name="language" value="${code}" lang="${code}"${
      code === language && html` aria-current="true"`
    }>${name}</button>`;
  return html`<form class="languages" method="post" action="/language" aria-label="${t("layout.language")}">
        ${hidden("next", path)}
        ${LANGUAGES.map(choice)}
      </form>`;
}

function notice({ kind, text }: Notice): Markup {
  return html`<p class="notice ${kind}" role="${kind === "failed" ? "alert" : "status"}">${text}</p>`;
}
