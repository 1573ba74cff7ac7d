// Everything that is kept about one person, in a form that people and programs can read. What would open something
// stays here: hashes, keys, and the secrets of cookies and links.

import { asWritten } from "../audit/audit.ts";
import type { Queryable } from "../database/schema.ts";
import { registrationsOf } from "../registrations/registrations.ts";
import type { Services } from "../services.ts";
import type { Person } from "./people.ts";

/** Everything about this person, ready for `JSON.stringify`. */
export async function dataOf({ database, sessions }: Services, person: Person) {
  const { id, name, isAdministrator, hasPassword, createdAt } = person;
  const registrations = await registrationsOf(database, id);
  const devices = await sessions.ofUser(id);
  return {
    account: { id, name, isAdministrator, hasPassword, createdAt: instant(createdAt) },
    registrations: registrations.map((row) => ({ ...row, createdAt: instant(row.createdAt) })),
    passkeys: await passkeysOf(database, id),
    providers: await identitiesOf(database, id),
    devices: devices.map(({ data: { device }, createdAt, lastSeenAt }) => ({
      browser: device?.browser,
      system: device?.system,
      address: device?.address,
      firstSeenAt: instant(device?.firstSeenAt ?? createdAt),
      signedInAt: instant(createdAt),
      lastSeenAt: instant(lastSeenAt),
    })),
    rememberedBrowsers: await rememberedBrowsersOf(database, id),
    events: await eventsOf(
      database,
      person,
      registrations.map((row) => row.id),
    ),
  };
}

async function passkeysOf(on: Queryable, personId: string) {
  const rows = await on
    .selectFrom("passkeys")
    .select(["label", "createdAt", "lastUsedAt"])
    .where("personId", "=", personId)
    .orderBy("createdAt")
    .execute();
  return rows.map((row) => ({
    ...row,
    createdAt: instant(row.createdAt),
    lastUsedAt: instant(row.lastUsedAt),
  }));
}

async function identitiesOf(on: Queryable, personId: string) {
  const rows = await on
    .selectFrom("identities")
    .select(["issuer", "subject", "label", "createdAt", "lastUsedAt"])
    .where("personId", "=", personId)
    .orderBy("createdAt")
    .execute();
  return rows.map((row) => ({
    ...row,
    createdAt: instant(row.createdAt),
    lastUsedAt: instant(row.lastUsedAt),
  }));
}

async function rememberedBrowsersOf(on: Queryable, personId: string) {
  const rows = await on
    .selectFrom("devices")
    .select("lastUsedAt")
    .where("personId", "=", personId)
    .orderBy("lastUsedAt")
    .execute();
  return rows.map(({ lastUsedAt }) => ({ lastUsedAt: instant(lastUsedAt) }));
}

/**
 * What the person did, and what was done or tried to them, their account and their registrations, as the audit log has it.
 * Who else did it is not said, nor from where: that is about somebody else.
 */
async function eventsOf(on: Queryable, { id, name, createdAt }: Person, registrations: readonly string[]) {
  const rows = await on
    .selectFrom("audit")
    .select(["at", "action", "result", "actorId", "address", "target", "detail"])
    // The name may have been somebody else's before.
    .where("at", ">=", createdAt)
    .where(({ and, eb, or }) => {
      const named = eb("target", "=", asWritten(name));
      // A provider is the target of some sign-ins, and a person may be called as one is.
      const withPassword = or([eb("detail", "is", null), eb("detail", "=", "throttled")]);
      return or([
        eb("actorId", "=", id),
        eb("detail", "like", `${id}%`),
        eb("target", "like", `%${id}%`),
        and([named, eb("action", "=", "sign-in"), eb("actorId", "is", null), withPassword]),
        and([named, eb("action", "in", ["sign-in", "identity.confirm"]), eb("detail", "like", "passkey: %")]),
        and([named, eb("action", "=", "session.end"), eb("detail", "is not", null)]),
        ...registrations.map((registration) => eb("target", "like", `%${registration}%`)),
      ]);
    })
    .orderBy("at")
    .execute();
  return rows.map(({ actorId, address, target, detail, ...row }) => ({
    ...row,
    at: instant(row.at),
    by: actorId === id ? "you" : actorId === null ? "a stranger" : "somebody else",
    ...((actorId === id || actorId === null) && { address }),
    ...(!(actorId === id && isOfAnother({ ...row, detail })) && { target, detail }),
  }));
}

/** Whether target and detail of something that the person did are about somebody else: an administrator's work is. */
function isOfAnother({ action, detail }: { action: string; detail: string | null }): boolean {
  if (detail === null) return false;
  if (/^person\.|^registrations\.export$|^session\.end$/.test(action)) return true;
  return /^[\da-f-]{36}, /.test(detail) || detail.startsWith("passkey: ");
}

/** An instant as ISO 8601 writes it, in UTC. */
function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
