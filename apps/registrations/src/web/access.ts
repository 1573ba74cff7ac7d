// Who may come in. Rights are asked of the database at every request, so a demotion counts at once, and a session can
// outlive neither the account nor its being enabled.

import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { findPerson } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import { readFields } from "./forms.ts";
import { safePath } from "./navigation.ts";
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
export const requirePerson = createMiddleware<AppEnv>(async (c, next) =>
  c.var.person === null ? c.redirect(`/sign-in?next=${returnTo(c)}`, 303) : next(),
);

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
 * late is kept and goes on afterwards (`/resume`); its passwords are not kept. After {@link requirePerson}.
 */
export function requireRecentSignIn(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { session } = c.var;
    if (signedInRecently(services, c)) {
      if (c.req.method === "POST" && session.data.pending?.action === c.req.path) session.delete("pending");
      return next();
    }
    if (isSafe(c)) return c.redirect(`/confirm-identity?next=${returnTo(c)}`, 303);
    const fields = (await readFields(c)).map(([name, value]) => ({ name, value }));
    session.set("pending", {
      action: c.req.path,
      fields: fields.filter(({ name }) => !/password/i.test(name)),
    });
    return c.redirect("/confirm-identity?next=/resume", 303);
  });
}

/** Whether the person signed in, or confirmed who they are, a few minutes ago. */
export function signedInRecently({ clock, settings }: Services, c: AppContext): boolean {
  return clock.now() - (c.var.session.signedInAt ?? 0) <= settings.REAUTHENTICATE_AFTER;
}

/** Where to come back to: here, if that can be read again. */
function returnTo(c: AppContext): string {
  return encodeURIComponent(isSafe(c) ? safePath(c.req.path + new URL(c.req.url).search) : "/");
}
