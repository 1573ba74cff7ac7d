// Identities in the database, on both engines: one person each, found by issuer and subject, never the last way in lost.

import assert from "node:assert/strict";
import { addPerson } from "../../src/accounts/people.ts";
import type { Database } from "../../src/database/schema.ts";
import { findOwner, identitiesOf, linkIdentity, noteUse } from "../../src/providers/identities.ts";
import { unlinkIdentity } from "../../src/providers/unlink.ts";
import { eachDatabase } from "../support/databases.ts";

const GOOGLE = provider("google", "https://accounts.google.com");
const SCHOOL = provider("school", "https://school.example/realms/1");
const ada = { issuer: "https://accounts.google.com", subject: "ada" };
const adaAtSchool = { issuer: "https://school.example/realms/1", subject: "ada" };

eachDatabase("P10: an identity is one person's, byte for byte", async ({ database }) => {
  const [one, other] = [await person(database, "Ada"), await person(database, "Bob")];
  const link = (personId: string, identity = ada) =>
    linkIdentity(database, identity, { personId, label: "", now: 1 });
  assert.deepEqual((await Promise.all([link(one), link(other)])).sort(), [false, true]);
  const owner = (await findOwner(database, ada))?.id ?? "";
  assert.equal(await link(owner), false);
  for (const subject of ["Ada", "ada ", "adä", ""])
    assert.equal(await findOwner(database, { ...ada, subject }), null);
  assert.equal(await findOwner(database, { ...ada, issuer: "https://accounts.google.com/" }), null);
  assert.equal(await findOwner(database, adaAtSchool), null);
});

eachDatabase(
  "P10: the last way into an account stays, also when two are taken away at once",
  async ({ database }) => {
    const personId = await person(database, "Ada");
    const about = { personId, label: "", now: 1 };
    const unlink = (identity: typeof ada, providers = [GOOGLE, SCHOOL]) =>
      database
        .transaction()
        .execute((transaction) => unlinkIdentity(transaction, personId, identity, providers));
    for (let round = 0; round < 5; round++) {
      for (const identity of [ada, adaAtSchool]) await linkIdentity(database, identity, about);
      const done = await Promise.all([unlink(ada), unlink(adaAtSchool)]);
      assert.deepEqual(done.sort(), [false, true]);
      assert.equal((await identitiesOf(database, personId)).length, 1);
    }
    for (const identity of [ada, adaAtSchool]) await linkIdentity(database, identity, about);
    assert.equal(await unlink(ada, [GOOGLE]), false, "an identity at a provider that is gone is no way in");
    await database.updateTable("people").set({ passwordHash: "x" }).execute();
    assert.equal(await unlink(ada), true);
    assert.equal(await unlink(adaAtSchool), true, "there is a password");
  },
);

eachDatabase("noting the use of an identity leaves the others as they are", async ({ database }) => {
  const personId = await person(database, "Ada");
  const own = [ada, adaAtSchool, { ...ada, subject: "ada at work" }];
  for (const identity of own) await linkIdentity(database, identity, { personId, label: "", now: 1 });
  await noteUse(database, ada, 2);
  const used = (await identitiesOf(database, personId)).filter(({ lastUsedAt }) => lastUsedAt === 2);
  assert.partialDeepStrictEqual(used, [ada]);
  assert.equal(used.length, 1);
});

eachDatabase("P10: with a passkey, the last identity may go", async ({ database }) => {
  const personId = await person(database, "Ada");
  await linkIdentity(database, ada, { personId, label: "", now: 1 });
  const unlink = () =>
    database.transaction().execute((transaction) => unlinkIdentity(transaction, personId, ada, [GOOGLE]));
  assert.equal(await unlink(), false);
  const passkey = {
    id: "1",
    personId,
    publicKey: "",
    counter: 0,
    transports: "[]",
    label: "",
    createdAt: 1,
    lastUsedAt: null,
  };
  await database.insertInto("passkeys").values(passkey).execute();
  assert.equal(await unlink(), true);
});

async function person(database: Database, name: string): Promise<string> {
  const added = await addPerson(database, { name, passwordHash: null, now: 1 });
  return added?.id ?? assert.fail();
}

function provider(name: string, issuer: string) {
  return { name, label: name, issuer: new URL(issuer), clientId: "1", clientSecret: "1" };
}
