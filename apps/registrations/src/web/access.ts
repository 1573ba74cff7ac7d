// Who may come in. Rights are asked of the database at every request, so a demotion counts at once, and a session can
// outlive neither the account nor its being enabled.

import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { findPerson } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import { forgetLateForm, keepLateForm } from "./late-form.ts";
import { safePath } from "./navigation.ts";
import { UNSENT } from "./page.ts";
import { isSafe } from "./same-origin.ts";
import type { AppContext, AppEnv } from "./visit.ts";

/** Sets `person`: who is signed in, `null` for nobody. A sign-in from before all of theirs were ended is none. */
export function knowPerson({ database }: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { session } = c.var;
    const found = session.userId === null ? null : await findPerson(database, session.userId);
    const person = found?.isDisabled ? null : found;
    if (session.userId !== null && person === null) session.signOut();
    // The session stays, as a stranger's: a change of the password that is under way in it has yet to renew its stamp.
    c.set("person", person?.securityStamp === session.data.securityStamp ? person : null);
    await next();
  });
}

/** Lets in whoever is signed in, and sends the others to the sign-in and back. */
export const requirePerson = createMiddleware<AppEnv>(async (c, next) => {
  if (c.var.person !== null) return next();
  return isSafe(c) ? c.redirect(`/sign-in?next=${returnTo(c)}`, 303) : signInFirst(c, formPage(c));
});

/**
 * Sends whoever sent a form without being signed in (any more) to the sign-in, which says so, and then to `next`. The form
 * is not kept: strangers could fill the session store with theirs, and somebody else might sign in.
 */
export function signInFirst(c: AppContext, next: string): Response {
  return c.redirect(`/sign-in?next=${encodeURIComponent(safePath(next))}&${UNSENT}=on`, 303);
}

/** Lets administrators in; 403 for everybody else, and an event. After {@link requirePerson}. */
export function requireAdministrator({ audit }: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!c.var.person?.isAdministrator) {
      await audit.record(c, { action: "access.denied", result: "denied", target: c.req.path });
      throw new HTTPException(403);
    }
    await next();
  });
}

/**
 * Lets in whoever signed in a few minutes ago, and asks the others to confirm who they are first. A form that comes too
 * late is kept and can be sent afterwards (`/resume`). After {@link requirePerson}.
 */
export function requireRecentSignIn(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { session } = c.var;
    if (signedInRecently(services, c)) {
      if (c.req.method === "POST" && session.data.pending?.action === c.req.path) forgetLateForm(c);
      return next();
    }
    if (isSafe(c)) return c.redirect(`/confirm-identity?next=${returnTo(c)}`, 303);
    await keepLateForm(c, services.clock);
    return c.redirect("/confirm-identity?next=/resume", 303);
  });
}

/** Whether the person signed in, or confirmed who they are, a few minutes ago. */
export function signedInRecently({ clock, settings }: Services, c: AppContext): boolean {
  return clock.now() - (c.var.session.signedInAt ?? 0) <= settings.REAUTHENTICATE_AFTER;
}

/** Where to come back to: here. */
function returnTo(c: AppContext): string {
  return encodeURIComponent(safePath(c.req.path + new URL(c.req.url).search));
}

/** The page that a form was on, as the browser says. */
function formPage(c: AppContext): string {
  const page = URL.parse(c.req.header("referer") ?? "");
  return page?.origin === c.var.origin ? page.pathname + page.search : "/";
}
