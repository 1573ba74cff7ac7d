// Everything that is kept about one person, in a form that people and programs can read. What would open something
// stays here: hashes, keys, and the secrets of cookies and links.

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
    events: await eventsOf(database, id),
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

/** What the person did, as the audit log has it. */
async function eventsOf(on: Queryable, personId: string) {
  const rows = await on
    .selectFrom("audit")
    .select(["at", "action", "result", "address", "target", "detail"])
    .where("actorId", "=", personId)
    .orderBy("at")
    .execute();
  return rows.map((row) => ({ ...row, at: instant(row.at) }));
}

/** An instant as ISO 8601 writes it, in UTC. */
function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
