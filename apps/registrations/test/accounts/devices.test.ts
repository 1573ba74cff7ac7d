// The list of devices and ending them (T16 in the application): A and B are two browsers of one person.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { audited, idOf, signedIn } from "../support/people.ts";

const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

/** The ids of the person's sessions, as the server has them. */
async function sessionsOf(application: Application, name: string): Promise<string[]> {
  const sessions = await application.services.sessions.ofUser(await idOf(application, name));
  return sessions.map(({ id }) => id);
}

/** The ids that the account page offers to end. */
const offered = (body: string) =>
  [...body.matchAll(/action="\/account\/devices\/([^"]+)\/end"/g)].map(([, id = ""]) => id);

test("T16: the account page lists every device with its browser and system, and marks this one", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = application.browser({ "User-Agent": SAFARI });
  await b.post("/sign-in", { name: "Ada", password: PASSWORD });
  const { body } = await a.get("/account");
  assert.match(body, /Firefox 145 · Linux <span class="badge good">This device<\/span>/);
  assert.match(body, /Safari 18 · iOS 18\.1/);
  assert.match(body, /Last seen about /);
  assert.match(body, /Signed in on [^<]+ from (127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)</);
  assert.equal(body.match(/This device/g)?.length, 1);
  const ids = await sessionsOf(application, "Ada");
  const [other = "", ...more] = offered(body);
  assert.deepEqual(more, []);
  assert.ok(ids.includes(other));
  assert.deepEqual(
    offered((await b.get("/account")).body),
    ids.filter((id) => id !== other),
  );
});

test("the list shows nobody else's devices", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await signedUp(application, "Grace");
  const { body } = await ada.get("/account");
  assert.deepEqual(offered(body), []);
  assert.ok(!body.includes("end-others"));
});

test("T16: a device that is ended from another is out at its very next request", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const [id = ""] = offered((await a.get("/account")).body);
  const answer = await a.post(`/account/devices/${id}/end`);
  assert.equal(answer.headers.location, "/account#devices");
  assert.equal(
    (await b.post("/registrations", { sport: "soccer" })).headers.location,
    "/sign-in?next=%2Fregistrations%3Fsport%3Dsoccer&unsent=on",
  );
  const after = await a.get("/account");
  assert.match(after.body, /Firefox 145 · Linux is signed out/);
  assert.deepEqual(offered(after.body), []);
  const [event, ...more] = await audited(application, "session.end", "done");
  assert.deepEqual([event?.target, event?.actorName, more.length], [`session ${id}`, "Ada", 0]);
});

test("T16: all others are ended at once; this one, and other people's, stay", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const others = [await signedIn(application, "Ada"), await signedIn(application, "Ada")];
  const grace = await signedUp(application, "Grace");
  await a.post("/account/devices/end-others");
  for (const other of others) assert.equal((await other.get("/account")).status, 303);
  assert.match((await a.get("/account")).body, /All other devices are signed out/);
  assert.equal((await grace.get("/account")).status, 200);
});

test("T16: who ends the device they sit at is signed out", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const [id = ""] = await sessionsOf(application, "Ada");
  await a.post(`/account/devices/${id}/end`);
  assert.equal((await a.get("/account")).headers.location, "/sign-in?next=%2Faccount");
});

test("P13: somebody else's session is not one's to end: 404, it lives on, and there is an event", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const grace = await signedUp(application, "Grace");
  const [id = ""] = await sessionsOf(application, "Ada");
  assert.equal((await grace.post(`/account/devices/${id}/end`)).status, 404);
  assert.equal((await ada.get("/account")).status, 200);
  const [event, ...more] = await audited(application, "access.denied", "denied");
  assert.deepEqual([event?.target, event?.actorName, more.length], [`session ${id}`, "Grace", 0]);
  for (const guess of ["x", "..%2F..", "0".repeat(32)]) {
    assert.equal((await grace.post(`/account/devices/${guess}/end`)).status, 404, guess);
  }
});

test("R2: no device ends by looking at an address", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const [id = ""] = offered((await a.get("/account")).body);
  assert.equal((await a.get(`/account/devices/${id}/end`)).status, 405);
  const asked = await a.get("/account/devices/end-others");
  assert.match(
    asked.body,
    /<h1>Sign out all other devices\?<\/h1>.*action="\/account\/devices\/end-others"/s,
  );
  assert.equal((await b.get("/account")).status, 200);
});

test("P8: without a recent sign-in, ending a device waits for the confirmation and then goes on", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const [id = ""] = offered((await a.get("/account")).body);
  application.clock.advance(6 * 60_000);
  const late = await a.post(`/account/devices/${id}/end`);
  assert.equal(late.headers.location, "/confirm-identity?next=/resume");
  assert.equal((await b.get("/account")).status, 200);
  const resumed = await a.follow(await a.post("/confirm-identity", { password: PASSWORD, next: "/resume" }));
  assert.ok(resumed.body.includes(`action="/account/devices/${id}/end"`));
  await a.post(`/account/devices/${id}/end`);
  assert.equal((await b.get("/account")).status, 303);
  assert.equal((await a.get("/account")).status, 200);
});
