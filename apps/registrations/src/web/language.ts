// Which language a visitor reads: what they chose with the switch, else what their browser asks for, else English.

import { getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { parseAccept } from "hono/utils/accept";
import { isLanguage, type Language, translate } from "../i18n/translate.ts";
import type { AppContext, AppEnv } from "./visit.ts";

const COOKIE = "language";
const A_YEAR = 365 * 86_400;

/** Sets `language` and `t`. */
export const knowLanguage = createMiddleware<AppEnv>(async (c, next) => {
  const language = chosen(c) ?? asked(c.req.header("accept-language") ?? "");
  c.set("language", language);
  c.set("t", translate(language));
  await next();
  // Only pages are in a language.
  if (c.res.headers.get("Content-Type")?.startsWith("text/html"))
    c.header("Vary", "Accept-Language", { append: true });
});

/** Remembers the choice in a cookie of its own: a session would be made for nothing else. */
export function chooseLanguage(c: AppContext, language: Language): void {
  setCookie(c, COOKIE, language, {
    path: "/",
    maxAge: A_YEAR,
    sameSite: "Lax",
    httpOnly: true,
    secure: c.var.origin.startsWith("https:"),
  });
}

function chosen(c: AppContext): Language | null {
  const value = getCookie(c, COOKIE);
  return isLanguage(value) ? value : null;
}

function asked(header: string): Language {
  const wanted = parseAccept(header)
    .toSorted((a, b) => b.q - a.q)
    .map(({ type }) => type.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? "en";
}
