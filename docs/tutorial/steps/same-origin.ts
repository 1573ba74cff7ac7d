// Refuses forms that another site sends with our visitors' cookies.

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

export const sameOrigin = createMiddleware(async (c, next) => {
  const changes = !["GET", "HEAD"].includes(c.req.method);
  return changes && !isOurs(c) ? c.text("Ce formulaire ne vient pas de ce site.", 403) : next();
});

// Over HTTPS, and to localhost, browsers send Sec-Fetch-Site; otherwise
// there is Origin. No page can forge either.
function isOurs(c: Context): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = c.req.header("origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === c.req.header("host");
}
