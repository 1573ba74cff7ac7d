// A page for a request: the layout, the visitor, and the messages that wait for them.

import { type Frame, layout, type Markup } from "../pages/layout.ts";
import type { AppContext, Notice } from "./visit.ts";

type About = Parameters<typeof layout>[1];

/** Answers a page. Messages that wait are shown on it, once. */
export async function page(
  c: AppContext,
  about: About,
  content: Markup,
  status: 200 | 400 | 404 | 409 | 429 | 503 = 200,
) {
  const waiting = c.var.session.data.notices === undefined ? [] : (c.var.session.take("notices") ?? []);
  return c.html(layout(frameOf(c, [...unsent(c), ...waiting]), about, content), status);
}

/** Whoever looks at no page has their messages pile up in the session. */
const MOST_NOTICES = 10;

/** Leaves a message for the next page. The last few stay. */
export function notify(c: AppContext, kind: Notice["kind"], text: string): void {
  c.var.session.update("notices", (notices = []) => [...notices, { kind, text }].slice(-MOST_NOTICES));
}

/** In the address of the sign-in: a form came from somebody who was not signed in, and nothing was done. */
export const UNSENT = "unsent";

/** A message for whoever has no session that it could wait in. */
function unsent(c: AppContext): Frame["notices"] {
  if (c.var.person !== null || c.req.query(UNSENT) === undefined) return [];
  return [{ kind: "failed", text: c.var.t("access.unsent") }];
}

/** What the layout needs of the request. */
export function frameOf(c: AppContext, notices: Frame["notices"]): Frame {
  const { search } = new URL(c.req.url);
  return {
    site: { name: c.var.site.SITE_NAME, contact: c.var.site.CONTACT },
    language: c.var.language,
    t: c.var.t,
    // What was posted cannot be gone back to.
    path: c.req.method === "GET" ? c.req.path + search : "/",
    person: c.var.person ?? null,
    notices,
  };
}
