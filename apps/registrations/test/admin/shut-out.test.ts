// Shutting somebody out: asked about first, at once whatever the session store does, and with no link that leads around it.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreError } from "vestiaire";
import { type Application, signedUp, startApplication } from "../support/application.ts";
import { audited, idOf } from "../support/people.ts";
import { administrator } from "./administrator.ts";

/** An application with Ada, who runs it, and Grace, who is signed in. */
async function adaAndGrace(t: TestContext) {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  return { application, ada, grace, at: `/admin/people/${await idOf(application, "Grace")}` };
}

/** Lets something happen after the guards of the next request, before the first transaction of it. */
function beforeTransaction(
  t: TestContext,
  { services: { database } }: Application,
  happen: () => Promise<unknown>,
): void {
  const begin = database.transaction.bind(database);
  const { mock } = t.mock.method(database, "transaction", () => {
    const transaction = begin();
    const execute = transaction.execute.bind(transaction);
    t.mock.method(transaction, "execute", async (work: Parameters<typeof execute>[0]) => {
      mock.restore();
      await happen();
      return execute(work);
    });
    return transaction;
  });
}

for (const change of ["disable", "remove"] as const) {
  test(`P7: to ${change} shuts the person out at once, though the store cannot end their sessions`, async (t) => {
    const { application, ada, grace, at } = await adaAndGrace(t);
    const { sessions } = application.services;
    t.mock.method(sessions, "endAllOf", async () => {
      throw new StoreError("STORE_FAILED", "end sessions", "the test says so.");
    });
    assert.equal((await ada.post(`${at}/${change}`)).status, 303);
    assert.match((await grace.get("/registrations")).headers.location ?? "", /^\/sign-in/);
    assert.ok(application.logged.some((line) => line.includes("ended sessions are still in the store")));
    if (change === "remove") return;
    await ada.post(`${at}/enable`);
    assert.match((await grace.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  });
}

test("disabling, demoting and ending all sessions are asked about first, by name", async (t) => {
  const { application, ada, grace, at } = await adaAndGrace(t);
  await administrator(application, "Barbara");
  const barbara = `/admin/people/${await idOf(application, "Barbara")}`;
  for (const [path, question] of [
    [`${at}/disable`, /Disable the account of Grace\?/],
    [`${at}/sessions/end`, /End all sessions of Grace\?/],
    [`${barbara}/demote`, /Take back the administrator’s rights of Barbara\?/],
  ] as const) {
    const [person = ""] = /^\/admin\/people\/[^/]+/.exec(path) ?? [];
    const { body } = await ada.get(person);
    assert.ok(body.includes(`href="${path}"`) && !body.includes(`action="${path}"`), path);
    const asked = await ada.get(path);
    assert.match(asked.body, question);
    assert.ok(asked.body.includes(`action="${path}"`), path);
  }
  assert.equal((await grace.get("/registrations")).status, 200);
});

test("a disabled account gets no one-time link, and its page says why instead of offering one", async (t) => {
  const { application, ada, at } = await adaAndGrace(t);
  assert.match((await ada.get(at)).body, /action="[^"]*\/reset-link"/);
  await ada.post(`${at}/disable`);
  const { body } = await ada.get(at);
  assert.doesNotMatch(body, /\/reset-link"/);
  assert.match(body, /would not open it. Enable it first/);
  const refused = await ada.post(`${at}/reset-link`);
  assert.equal(refused.headers.location, at);
  assert.match(
    (await ada.follow(refused)).body,
    /class="notice failed"[^>]*>The account of Grace is disabled/,
  );
  assert.deepEqual(await audited(application, "person.reset-link", "done"), []);
  assert.deepEqual(await application.services.database.selectFrom("links").selectAll().execute(), []);
});

test("P13: an administrator who is demoted at that very moment gets no link for anybody", async (t) => {
  const { application, ada, at } = await adaAndGrace(t);
  const { database } = application.services;
  beforeTransaction(t, application, () =>
    database.updateTable("people").set({ administrator: 0 }).where("name", "=", "Ada").execute(),
  );
  const answer = await ada.post(`${at}/reset-link`);
  assert.equal(answer.status, 403);
  assert.doesNotMatch(answer.body, /\/reset\//);
  assert.deepEqual(await database.selectFrom("links").selectAll().execute(), []);
  assert.equal((await audited(application, "access.denied", "denied")).length, 1);
});
