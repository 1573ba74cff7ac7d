// The application's SQLite file while somebody else is writing to it: a backup, another process. Whoever has to write
// waits, and nobody else does.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";

/** Takes the database's lock; the answer gives it back. */
function lock(t: TestContext, { services: { settings } }: Application): () => void {
  const other = new DatabaseSync(settings.DATABASE_URL.slice("sqlite:".length));
  t.after(() => other.close());
  other.exec("begin immediate");
  return () => other.exec("rollback");
}

/** Resolves once so many sign-ins want to write. */
function signInsUnderWay(
  t: TestContext,
  { services: { throttle } }: Application,
  count: number,
): Promise<void> {
  const signIn = throttle.signIn.bind(throttle);
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  t.mock.method(throttle, "signIn", (attempt: Parameters<typeof signIn>[0]) => {
    if (++arrived === count) resolve();
    return signIn(attempt);
  });
  return promise;
}

test("while the database is locked, everything that does not write is answered, and what writes waits", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const unlock = lock(t, application);
  const underWay = signInsUnderWay(t, application, 3);
  let answered = 0;
  const signIns = [1, 2, 3].map(async () => {
    const { status } = await application.browser().post("/sign-in", { name: "Ada", password: PASSWORD });
    answered++;
    return status;
  });
  await underWay;
  assert.equal((await fetch(`${application.metricsUrl}/healthz`)).status, 200);
  assert.equal((await fetch(`${application.metricsUrl}/readyz`)).status, 200);
  assert.match((await ada.get("/registrations")).body, /Ada/);
  assert.equal(answered, 0, "they came first, and are still waiting");
  unlock();
  assert.deepEqual(await Promise.all(signIns), [303, 303, 303]);
});

test("a transaction that waits for the lock keeps nobody waiting, and is carried out once it is free", async (t) => {
  const application = await startApplication(t);
  const [ada, bob] = [await signedUp(application, "Ada"), await signedUp(application, "Bob")];
  const unlock = lock(t, application);
  let answered = false;
  const registration = ada.post("/registrations", { sport: "soccer" }).then((answer) => {
    answered = true;
    return answer;
  });
  // Whoever comes later is served all the same.
  assert.equal((await bob.get("/registrations")).status, 200);
  assert.equal(answered, false);
  unlock();
  assert.equal((await registration).status, 303);
  assert.match((await ada.get("/registrations")).body, /take-back/);
});

test("a transaction is undone as a whole when something in it fails", async (t) => {
  const { services } = await startApplication(t);
  const { database } = services;
  const change = database.transaction().execute(async (transaction) => {
    await transaction.updateTable("sports").set({ name: "Chess" }).where("id", "=", "soccer").execute();
    throw new Error("on purpose");
  });
  await assert.rejects(change, /on purpose/);
  const names = await database.selectFrom("sports").select("name").execute();
  assert.ok(!names.some(({ name }) => name === "Chess"));
});
