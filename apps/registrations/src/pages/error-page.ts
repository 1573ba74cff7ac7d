// The page for what went wrong: what it means, and where to go from there.

import { html } from "hono/html";
import type { PlainTextKey, Translate } from "../i18n/translate.ts";
import { isTextKey, translate } from "../i18n/translate.ts";
import { actions, buttonLink, pageHead } from "./components.ts";
import { type Frame, layout, type Markup } from "./layout.ts";

/** The page for a status of 400 or above; `id` is the request's, for whoever reads the log. */
export function errorPage(t: Translate, status: number, id: string): { title: string; content: Markup } {
  const title = t(textFor(status, "title"));
  const content = html`${pageHead(title, t(textFor(status, "text")))}
      ${status >= 500 && html`<p>${t("error.reference", { id })}</p>`}
      ${actions(buttonLink("/", t("error.home")))}`;
  return { title, content };
}

/** A page for a status below 500 that is in every language: for who has not said which. */
export function pageInEveryLanguage(status: number, site: Frame["site"]): Markup {
  const [t, french] = [translate("en"), translate("fr")];
  const { title, content } = errorPage(t, status, "");
  const frame = { language: "en", t, path: "/", person: null, notices: [], site } as const;
  return layout(
    frame,
    { title },
    html`${content}
      <div lang="fr">${errorPage(french, status, "").content}</div>`,
  );
}

/** A status without a text of its own has that of its class. */
function textFor(status: number, part: "title" | "text"): PlainTextKey {
  const own = `error.${status}.${part}`;
  if (isTextKey(own)) return own;
  return status < 500 ? `error.400.${part}` : `error.500.${part}`;
}
