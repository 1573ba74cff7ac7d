// One-time links with which somebody chooses a new password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLink } from "../../src/accounts/one-time-links.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { audited, hashedTogether, idOf, rowOf, signedIn } from "../support/people.ts";

const NEW = "a lantern over eleven wet stairs";
const HOUR = 3_600_000;

/** The path of a new link for this person, as an administrator makes one. */
async function linkFor(application: Application, name: string): Promise<string> {
  const { database, clock } = application.services;
  const personId = await idOf(application, name);
  return `/reset/${await createLink(database, { purpose: "reset", personId }, clock.now())}`;
}

const statusOfSignIn = async (application: Application, password: string) =>
  (await application.browser().post("/sign-in", { name: "Ada", password })).status;

test("P9: the link lets its person choose a password, signs them in, and ends all their sessions", async (t) => {
  const application = await startApplication(t);
  const old = await signedUp(application, "Ada");
  const fresh = application.browser();
  const path = await linkFor(application, "Ada");
  assert.match((await fresh.get(path)).body, /account of Ada/);
  const answer = await fresh.post(path, { newPassword: NEW });
  assert.equal(answer.headers.location, "/account");
  assert.match((await fresh.get("/account")).body, /Your new password is saved/);
  assert.equal((await old.get("/account")).status, 303);
  assert.equal(await statusOfSignIn(application, NEW), 303);
  assert.equal(await statusOfSignIn(application, PASSWORD), 400);
  const [event] = await audited(application, "password.reset", "done");
  assert.equal(event?.actorName, "Ada");
  const signIns = await audited(application, "sign-in", "done");
  assert.deepEqual(signIns.map(({ detail }) => detail).toSorted(), ["password", "reset-link", "sign-up"]);
});

test("P9: the link works once, however many try at once", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, "Ada");
  hashedTogether(t, application, 5);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => application.browser().post(path, { newPassword: NEW })),
  );
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, 404, 404, 404, 404]);
  const later = application.browser();
  const used = await later.get(path);
  assert.equal(used.status, 404);
  assert.match(used.body, /<h1>This link is over<\/h1>/);
  assert.equal((await later.post(path, { newPassword: PASSWORD })).status, 404);
  assert.equal(await statusOfSignIn(application, NEW), 303);
  assert.equal((await audited(application, "password.reset", "denied")).length, 5);
});

test("R2: looking at the link, or a password that is no good, does not use it up", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, "Ada");
  const browser = application.browser();
  await browser.get(path);
  await browser.send("HEAD", path);
  const short = await browser.post(path, { newPassword: "too short" });
  assert.equal(short.status, 400);
  assert.match(short.body, /role="alert".*href="#field-newPassword"/s);
  assert.equal((await browser.post(path, {})).status, 400);
  assert.equal((await browser.post(path, { newPassword: NEW })).status, 303);
});

test("P9: the link is over after a day", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, "Ada");
  application.clock.advance(24 * HOUR - 1);
  assert.equal((await application.browser().get(path)).status, 200);
  application.clock.advance(1);
  assert.equal((await application.browser().get(path)).status, 404);
  assert.equal((await application.browser().post(path, { newPassword: NEW })).status, 404);
  assert.equal(await statusOfSignIn(application, PASSWORD), 303);
});

test("P9: a newer link ends the older, and so does a change of the password", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const older = await linkFor(application, "Ada");
  const newer = await linkFor(application, "Ada");
  assert.equal((await application.browser().get(older)).status, 404);
  assert.equal((await application.browser().get(newer)).status, 200);
  await ada.post("/account/password", { currentPassword: PASSWORD, newPassword: NEW });
  assert.equal((await application.browser().get(newer)).status, 404);
});

test("the link of somebody who is disabled is refused", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, "Ada");
  const before = await rowOf(application, "Ada");
  await application.services.database.updateTable("people").set({ disabledAt: 1 }).execute();
  const browser = application.browser();
  assert.equal((await browser.get(path)).status, 404);
  assert.equal((await browser.post(path, { newPassword: NEW })).status, 404);
  assert.equal((await rowOf(application, "Ada"))?.passwordHash, before?.passwordHash);
  assert.equal(browser.cookies.has("session"), false);
});

test("a secret that nobody made, or that was made for something else, opens nothing", async (t) => {
  const application = await startApplication(t);
  const { database, clock } = application.services;
  const other = await createLink(database, { purpose: "administrator", personId: null }, clock.now());
  for (const secret of ["x", other]) {
    assert.equal((await application.browser().get(`/reset/${secret}`)).status, 404);
    assert.equal((await application.browser().post(`/reset/${secret}`, { newPassword: NEW })).status, 404);
  }
});

test("in the browser of somebody else, the link signs that one out and its own person in", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const browser = await signedUp(application, "Grace");
  const elsewhere = await signedIn(application, "Grace");
  await browser.post(await linkFor(application, "Ada"), { newPassword: NEW });
  assert.match((await browser.get("/account")).body, /Signed in as Ada/);
  assert.equal((await elsewhere.get("/account")).status, 200);
});

test("in a browser where its person is signed in, the link leaves that one in, and ends the others", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const before = a.cookies.get("session");
  await a.post(await linkFor(application, "Ada"), { newPassword: NEW });
  assert.equal((await a.get("/account")).status, 200);
  assert.equal((await b.get("/account")).status, 303);
  const stolen = application.browser({ Cookie: `session=${before}` });
  assert.equal((await stolen.get("/account")).status, 303);
});

test("P12: the link's secret is in no log line, no audit event, and in no link of its pages", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, "Ada");
  const secret = path.slice("/reset/".length);
  const browser = application.browser();
  const page = await browser.get(path);
  assert.ok(page.body.includes(`<form method="post" action="${path}">`));
  assert.ok(![...page.body.matchAll(/(?:href|src)="([^"]*)"/g)].some(([, url]) => url?.includes(secret)));
  assert.equal(page.headers["referrer-policy"], "same-origin");
  assert.equal(page.headers["cache-control"], "no-store");
  await browser.post(path, { newPassword: NEW }, { "Sec-Fetch-Site": "cross-site" });
  await browser.post(path, { newPassword: "too short" });
  await browser.post(path, { newPassword: NEW });
  await browser.post(path, { newPassword: NEW });
  const events = await application.services.database.selectFrom("audit").selectAll().execute();
  for (const text of [...application.logged, JSON.stringify(events)]) assert.ok(!text.includes(secret), text);
});

test("P2: the form says to password managers whose password it is", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const { body } = await application.browser().get(await linkFor(application, "Ada"));
  assert.match(body, /<input type="text" name="name" value="Ada" autocomplete="username" readonly hidden>/);
  assert.match(body, /type="password" autocomplete="new-password"/);
});
