// A link works once, for one purpose and for a day.

import assert from "node:assert/strict";
import { createLink, findLink, type LinkTarget, useLink } from "../../src/accounts/one-time-links.ts";
import type { Database } from "../../src/database/schema.ts";
import { eachDatabase } from "../support/databases.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;

const administrator: LinkTarget = { purpose: "administrator", personId: null };
const resetOf = (personId: string): LinkTarget => ({ purpose: "reset", personId });

async function addPeople(database: Database): Promise<void> {
  for (const id of ["ada", "ben"]) {
    const person = { id, name: id, nameKey: id, passwordHash: null, administrator: 0, disabledAt: null };
    await database
      .insertInto("people")
      .values({ ...person, createdAt: NOW })
      .execute();
  }
}

eachDatabase("a link can be looked at often and used once", async ({ database }) => {
  await addPeople(database);
  const secret = await createLink(database, resetOf("ada"), NOW);
  assert.match(secret, /^[\w-]{32}$/);
  assert.equal((await findLink(database, "reset", secret, NOW))?.personId, "ada");
  assert.equal((await findLink(database, "reset", secret, NOW))?.personId, "ada");
  assert.equal((await useLink(database, "reset", secret, NOW))?.personId, "ada");
  assert.equal(await useLink(database, "reset", secret, NOW), null);
  assert.equal(await findLink(database, "reset", secret, NOW), null);
});

eachDatabase("of 50 who use a link at once, one gets it", async ({ database }) => {
  const secret = await createLink(database, administrator, NOW);
  const uses = Array.from({ length: 50 }, () => useLink(database, "administrator", secret, NOW));
  const got = (await Promise.all(uses)).filter((link) => link !== null);
  assert.equal(got.length, 1);
});

eachDatabase("a link serves its own purpose only", async ({ database }) => {
  await addPeople(database);
  const reset = await createLink(database, resetOf("ada"), NOW);
  const first = await createLink(database, administrator, NOW);
  for (const look of [findLink, useLink]) {
    assert.equal(await look(database, "administrator", reset, NOW), null);
    assert.equal(await look(database, "reset", first, NOW), null);
    assert.equal(await look(database, "reset", `${reset}x`, NOW), null);
    assert.equal(await look(database, "reset", "", NOW), null);
  }
  assert.notEqual(await useLink(database, "reset", reset, NOW), null);
  assert.notEqual(await useLink(database, "administrator", first, NOW), null);
});

eachDatabase("a link expires after 24 hours", async ({ database }) => {
  const secret = await createLink(database, administrator, NOW);
  assert.notEqual(await findLink(database, "administrator", secret, NOW + DAY - 1), null);
  assert.equal(await findLink(database, "administrator", secret, NOW + DAY), null);
  assert.equal(await useLink(database, "administrator", secret, NOW + DAY), null);
  assert.notEqual(await useLink(database, "administrator", secret, NOW + DAY - 1), null);
});

eachDatabase("a person's new link ends their older ones, and nobody else's", async ({ database }) => {
  await addPeople(database);
  const older = await createLink(database, resetOf("ada"), NOW);
  const bens = await createLink(database, resetOf("ben"), NOW);
  const first = await createLink(database, administrator, NOW);
  const second = await createLink(database, administrator, NOW);
  const newer = await createLink(database, resetOf("ada"), NOW);
  assert.equal(await findLink(database, "reset", older, NOW), null);
  assert.notEqual(await findLink(database, "reset", newer, NOW), null);
  assert.notEqual(await findLink(database, "reset", bens, NOW), null);
  assert.notEqual(await findLink(database, "administrator", first, NOW), null);
  assert.notEqual(await findLink(database, "administrator", second, NOW), null);
});

eachDatabase("the table holds no secret, and no link that has expired", async ({ database }) => {
  const secret = await createLink(database, administrator, NOW);
  const rows = () => database.selectFrom("links").selectAll().execute();
  assert.doesNotMatch(JSON.stringify(await rows()), new RegExp(secret));
  await createLink(database, administrator, NOW + DAY - 1);
  assert.equal((await rows()).length, 2);
  await createLink(database, administrator, NOW + DAY);
  assert.equal((await rows()).length, 2);
});

eachDatabase("a link used in a transaction that fails can still be used", async ({ database }) => {
  const secret = await createLink(database, administrator, NOW);
  const failing = database.transaction().execute(async (transaction) => {
    assert.notEqual(await useLink(transaction, "administrator", secret, NOW), null);
    throw new Error("something after it failed");
  });
  await assert.rejects(failing, /something after it/);
  assert.notEqual(await useLink(database, "administrator", secret, NOW), null);
});
