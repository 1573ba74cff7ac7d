// There always is an administrator, whatever several of them do to each other at once, on every engine.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Person } from "../../src/accounts/people.ts";
import { type Change, changes, mayChange } from "../../src/admin/people.ts";
import type { Database } from "../../src/database/schema.ts";
import { startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { idOf } from "../support/people.ts";
import { addPeople, administrator } from "./administrator.ts";

const ROUNDS = 25;

/** Who can still administer. */
async function administrators(on: Database): Promise<string[]> {
  const rows = await on
    .selectFrom("people")
    .select("name")
    .where("administrator", "=", 1)
    .where("disabledAt", "is", null)
    .orderBy("name")
    .execute();
  return rows.map(({ name }) => name);
}

for (const change of ["demote", "disable", "remove"] as const satisfies readonly Change[]) {
  eachDatabase(`of administrators who ${change} each other at once, one stays`, async ({ database }) => {
    const attempt = (actor: string, person: string) =>
      database.transaction().execute(async (transaction) => {
        const allowed = await mayChange(transaction, actor, person);
        if (allowed) await changes[change](transaction, person, 0);
        return allowed;
      });
    for (let round = 0; round < ROUNDS; round++) {
      const [a = "", b = "", c = ""] = (await addPeople(database, ["Ada", "Barbara", "Grace"])).map(
        ({ id }) => id,
      );
      await database.updateTable("people").set({ administrator: 1 }).execute();
      const done = await Promise.all([attempt(a, b), attempt(b, c), attempt(c, a), attempt(b, a)]);
      assert.ok(done.includes(true));
      assert.ok((await administrators(database)).length > 0, `round ${round}`);
      await database.deleteFrom("people").execute();
    }
  });
}

eachDatabase(
  "only an administrator may change an account, and only somebody else's",
  async ({ database }) => {
    const [ada, barbara, grace] = await addPeople(database, ["Ada", "Barbara", "Grace"]);
    assert.ok(ada && barbara && grace);
    const may = (actor: Person, person: Person) =>
      database.transaction().execute((transaction) => mayChange(transaction, actor.id, person.id));
    await database.updateTable("people").set({ administrator: 1 }).where("id", "!=", grace.id).execute();
    assert.equal(await may(ada, grace), true);
    assert.equal(await may(ada, ada), false);
    assert.equal(await may(grace, ada), false);
    await database.updateTable("people").set({ disabledAt: 0 }).where("id", "=", ada.id).execute();
    assert.equal(await may(ada, grace), false);
    await database.deleteFrom("people").where("id", "=", barbara.id).execute();
    assert.equal(await may(barbara, grace), false);
  },
);

eachDatabase(
  "two administrators who demote each other at once leave one",
  async ({ url }, t: TestContext) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const [ada, grace] = [await administrator(application, "Ada"), await administrator(application, "Grace")];
    const [adaId, graceId] = [await idOf(application, "Ada"), await idOf(application, "Grace")];
    const answers = await Promise.all([
      ada.post(`/admin/people/${graceId}/demote`),
      grace.post(`/admin/people/${adaId}/demote`),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403]);
    assert.equal((await administrators(application.services.database)).length, 1);
  },
);
