// The first administrator: a link that the server prints while there is none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAdministratorLink } from "../../src/accounts/first-administrator.ts";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, hashedTogether, rowOf } from "../support/people.ts";

const ORIGIN = "http://localhost";

/** The path of a new link, as a start prints one. */
async function newLink(application: Application): Promise<string> {
  const link = await firstAdministratorLink(application.services, ORIGIN);
  assert.ok(link !== null);
  assert.ok(link.startsWith(`${ORIGIN}/first-administrator/`), link);
  return link.slice(ORIGIN.length);
}

const administratorsOf = async ({ services }: Application) =>
  (await services.database.selectFrom("people").select("name").where("administrator", "=", 1).execute()).map(
    ({ name }) => name,
  );

const create = (application: Application, path: string, name = "Ada") =>
  application.browser().post(path, { name, newPassword: PASSWORD });

test("P6: at the first start there is no account, and the link makes one that administers", async (t) => {
  const application = await startApplication(t);
  assert.deepEqual(await application.services.database.selectFrom("people").selectAll().execute(), []);
  const path = await newLink(application);
  const browser = application.browser();
  const form = await browser.get(path);
  assert.match(form.body, /<h1>The first administrator<\/h1>/);
  assert.match(form.body, /name="name" type="text" value="" autocomplete="username"/);
  assert.match(form.body, /name="newPassword" type="password" autocomplete="new-password"/);
  const answer = await browser.post(path, { name: "Ada", newPassword: PASSWORD });
  assert.equal(answer.headers.location, "/admin");
  assert.deepEqual(await administratorsOf(application), ["Ada"]);
  assert.match((await browser.get("/account")).body, /Signed in as Ada/);
  const [event, ...more] = await audited(application, "administrator.first", "done");
  assert.deepEqual([event?.actorName, more.length], ["Ada", 0]);
});

test("P6: the link works once, and makes nobody else anything", async (t) => {
  const application = await startApplication(t);
  const path = await newLink(application);
  await create(application, path);
  const second = await create(application, path, "Mallory");
  assert.equal(second.status, 404);
  assert.match(second.body, /<h1>This link is over<\/h1>/);
  assert.equal((await application.browser().get(path)).status, 404);
  assert.equal(await rowOf(application, "Mallory"), undefined);
  assert.equal((await audited(application, "administrator.first", "denied")).length, 1);
});

test("P6: a link that was used stays over, even if nobody is an administrator any more", async (t) => {
  const application = await startApplication(t);
  const path = await newLink(application);
  await create(application, path);
  await application.services.database.deleteFrom("people").execute();
  assert.equal((await create(application, path, "Mallory")).status, 404);
  assert.deepEqual(await administratorsOf(application), []);
});

test("P6: no link is made once there is an administrator, and those from before are dead", async (t) => {
  const application = await startApplication(t);
  const [first, second] = [await newLink(application), await newLink(application)];
  assert.equal((await application.browser().get(second)).status, 200);
  await create(application, first);
  assert.equal((await create(application, second, "Mallory")).status, 404);
  assert.equal((await application.browser().get(second)).status, 404);
  assert.equal(await firstAdministratorLink(application.services, ORIGIN), null);
  assert.deepEqual(await administratorsOf(application), ["Ada"]);
});

test("P6: somebody who was made an administrator otherwise ends the link, too", async (t) => {
  const application = await startApplication(t);
  const path = await newLink(application);
  await signedUp(application, "Ada");
  await promote(application, "Ada");
  assert.equal((await create(application, path, "Mallory")).status, 404);
  assert.deepEqual(await administratorsOf(application), ["Ada"]);
});

test("P6: the link is over after a day", async (t) => {
  const application = await startApplication(t);
  const path = await newLink(application);
  application.clock.advance(24 * 3_600_000);
  assert.equal((await application.browser().get(path)).status, 404);
  assert.equal((await create(application, path)).status, 404);
  assert.deepEqual(await administratorsOf(application), []);
});

test("P6: who is signed in becomes the administrator with one press, under a new token", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const path = await newLink(application);
  assert.match((await ada.get(path)).body, /You are signed in as Ada/);
  assert.deepEqual(await administratorsOf(application), []);
  const before = ada.cookies.get("session");
  assert.equal((await ada.post(path)).headers.location, "/admin");
  assert.notEqual(ada.cookies.get("session"), before);
  assert.equal((await ada.get("/account")).status, 200);
  assert.deepEqual(await administratorsOf(application), ["Ada"]);
  assert.equal((await ada.post(path)).status, 404);
});

test("P6: a mistake in the form does not use the link up", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await newLink(application);
  const browser = application.browser();
  for (const [fields, status] of [
    [{ name: "", newPassword: PASSWORD }, 400],
    [{ name: "Grace", newPassword: "too short" }, 400],
    [{ name: "ADA", newPassword: PASSWORD }, 409],
  ] as const) {
    const answer = await browser.post(path, fields);
    assert.equal(answer.status, status);
    assert.match(answer.body, /role="alert"/);
  }
  assert.deepEqual(await administratorsOf(application), []);
  assert.equal((await browser.post(path, { name: "Grace", newPassword: PASSWORD })).status, 303);
  assert.deepEqual(await administratorsOf(application), ["Grace"]);
});

test("P12: the link's secret is in no log line and no audit event", async (t) => {
  const application = await startApplication(t);
  const path = await newLink(application);
  await application.browser().get(path);
  await create(application, path);
  await create(application, path, "Mallory");
  const events = await application.services.database.selectFrom("audit").selectAll().execute();
  const secret = path.split("/").at(-1) ?? "";
  for (const text of [...application.logged, JSON.stringify(events)]) assert.ok(!text.includes(secret), text);
});

eachDatabase("P6: two who come with two links at once make one administrator", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const paths = [await newLink(application), await newLink(application)];
  hashedTogether(t, application, 2);
  const answers = await Promise.all(paths.map((path, index) => create(application, path, `Person ${index}`)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, 404]);
  assert.equal((await administratorsOf(application)).length, 1);
  const people = await application.services.database.selectFrom("people").select("id").execute();
  assert.equal(people.length, 1);
});
