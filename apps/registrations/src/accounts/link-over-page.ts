// What a one-time link shows when it is over: used, too old, replaced by another, or mistyped. It does not say which.

import { html } from "hono/html";
import type { PlainTextKey } from "../i18n/translate.ts";
import { actions, buttonLink, pageHead } from "../pages/components.ts";
import { page } from "../web/page.ts";
import type { AppContext } from "../web/visit.ts";

/** The page, with what to do instead. */
export function linkOverPage(c: AppContext, advice: PlainTextKey) {
  const { t } = c.var;
  const content = html`${pageHead(t("linkOver.title"), t(advice))}
      ${actions(buttonLink("/", t("error.home")))}`;
  return page(c, { title: t("linkOver.title") }, content, 404);
}
