// Browsers that have signed in to an account before, known by a cookie. They are only throttled apart from strangers
// (`throttle.ts`): the cookie is no credential, and what it says is not shown to anybody.

import { getCookie, setCookie } from "hono/cookie";
import type { Queryable } from "../database/schema.ts";
import type { AppContext } from "../web/visit.ts";
import { fingerprint, isSecret, newSecret } from "./secrets.ts";

const DAY = 86_400;
const REMEMBERED = 180 * DAY;
/** The most recent ones of a person; signing in without the cookie again and again must not fill the table. */
const KEPT = 50;

/** After a sign-in: this browser is one of the person's for 180 days. One browser may be several people's. */
export async function rememberDevice(
  c: AppContext,
  on: Queryable,
  personId: string,
  now: number,
): Promise<void> {
  const given = getCookie(c, cookieName(c));
  const secret = isSecret(given) ? given : newSecret();
  await on
    .insertInto("devices")
    .values({ hash: fingerprint(secret), personId, lastUsedAt: now })
    .onConflict((conflict) => conflict.columns(["hash", "personId"]).doUpdateSet({ lastUsedAt: now }))
    .execute();
  const kept = on
    .selectFrom("devices")
    .select("hash")
    .where("personId", "=", personId)
    .where("lastUsedAt", ">", now - REMEMBERED * 1_000)
    .orderBy("lastUsedAt", "desc")
    .limit(KEPT);
  await on.deleteFrom("devices").where("personId", "=", personId).where("hash", "not in", kept).execute();
  setCookie(c, cookieName(c), secret, {
    path: "/",
    maxAge: REMEMBERED,
    httpOnly: true,
    sameSite: "Lax",
    secure: isHttps(c),
  });
}

/**
 * Which of the person's browsers this is; `null` when it has not signed in as them in the last 180 days. Takes the same
 * look-up for a person who does not exist, or without a cookie.
 */
export async function knownDevice(
  c: AppContext,
  on: Queryable,
  personId: string,
  now: number,
): Promise<string | null> {
  const row = await on
    .selectFrom("devices")
    .select("hash")
    .where("hash", "=", fingerprint(getCookie(c, cookieName(c)) ?? ""))
    .where("personId", "=", personId)
    .where("lastUsedAt", ">", now - REMEMBERED * 1_000)
    .executeTakeFirst();
  return row?.hash ?? null;
}

/** Over HTTPS, the name keeps neighbouring hosts from planting one (RFC 6265bis, cookie prefixes). */
function cookieName(c: AppContext): string {
  return isHttps(c) ? "__Host-device" : "device";
}

function isHttps(c: AppContext): boolean {
  return c.var.origin.startsWith("https:");
}
