// Who is signed in, in the back office, and showing people the door.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UnsupportedError } from "vestiaire";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, idOf, signedIn } from "../support/people.ts";
import { administrator, firstCells, linkOf } from "./administrator.ts";

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

test("the list says who is signed in, with which browser, from where", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = application.browser({ "User-Agent": CHROME });
  await grace.post("/sign-up", { name: "Grace", password: PASSWORD });
  const page = await ada.get("/admin/sessions");
  assert.deepEqual(firstCells(page).sort(), ["Ada", "Grace"]);
  assert.match(page.body, /Chrome 142 · Windows/);
  assert.match(page.body, /Firefox 145 · Linux/);
  assert.match(page.body, /127\.0\.0\.1|::1/);
});

test("an ended session is dead at the next request; the person's others live", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const laptop = await signedUp(application, "Grace");
  const id = await idOf(application, "Grace");
  const [session] = await application.services.sessions.ofUser(id);
  const phone = await signedIn(application, "Grace");
  const path = `/admin/people/${id}/sessions/${session?.id}/end`;
  assert.match((await ada.get("/admin/sessions")).body, new RegExp(`action="${path}"`));
  const ended = await ada.post(path, { next: "/admin/sessions" });
  assert.equal(ended.headers.location, "/admin/sessions");
  assert.match((await laptop.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  assert.equal((await phone.get("/registrations")).status, 200);
  assert.equal((await ada.post(path)).status, 404);
  const [event, ...others] = await audited(application, "session.end", "done");
  assert.deepEqual([event?.actorName, event?.target, event?.detail], ["Ada", "Grace", session?.id]);
  assert.deepEqual(others, []);
});

test("a session is ended only as the person's whose it is", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  const [own] = await application.services.sessions.ofUser(await idOf(application, "Ada"));
  const path = `/admin/people/${await idOf(application, "Grace")}/sessions/${own?.id}/end`;
  assert.equal((await ada.post(path)).status, 404);
  assert.equal((await ada.get("/admin")).status, 200);
});

test("P7: all sessions of a person end at once", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const browsers = [await signedUp(application, "Grace"), await signedIn(application, "Grace")];
  const id = await idOf(application, "Grace");
  const answer = await ada.follow(await ada.post(`/admin/people/${id}/sessions/end`));
  assert.match(answer.body, /All sessions of Grace are ended/);
  assert.match(answer.body, /Not signed in anywhere/);
  for (const browser of browsers)
    assert.match((await browser.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  const [event] = await audited(application, "session.end", "done");
  assert.deepEqual([event?.target, event?.detail], ["Grace", id]);
});

test("the pages of the list hold every session that lives, and an unknown cursor shows the first", async (t) => {
  const application = await startApplication(t, { SESSION_STORE: "memory:" });
  const ada = await administrator(application);
  for (const name of ["Grace", "Joan"]) {
    await signedUp(application, name);
    for (let more = 0; more < 35; more++) await signedIn(application, name);
  }
  const rows: string[] = [];
  let pages = 0;
  for (let path: string | undefined = "/admin/sessions"; path !== undefined; pages++) {
    const page = await ada.get(path);
    rows.push(...firstCells(page));
    path = linkOf(page, "next");
  }
  assert.ok(pages > 1);
  assert.equal(rows.filter((name) => name === "Grace").length, 36);
  assert.equal(rows.filter((name) => name === "Joan").length, 36);
  assert.equal(rows.length, 73);
  const foreign = await ada.get("/admin/sessions?cursor=made%20up");
  assert.equal(foreign.status, 200);
  assert.ok(firstCells(foreign).length > 0);
});

test("a link back after ending a session leads nowhere else", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  const id = await idOf(application, "Grace");
  const [session] = await application.services.sessions.ofUser(id);
  const answer = await ada.post(`/admin/people/${id}/sessions/${session?.id}/end`, {
    next: "//elsewhere.example",
  });
  assert.equal(answer.headers.location, "/");
});

test("whoever is disabled or gone is not signed in, whatever the store still holds", async (t) => {
  const application = await startApplication(t);
  const { database } = application.services;
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  await signedUp(application, "Barbara");
  await database.updateTable("people").set({ disabledAt: 0 }).where("name", "=", "Grace").execute();
  await database.deleteFrom("people").where("name", "=", "Barbara").execute();
  assert.deepEqual(firstCells(await ada.get("/admin/sessions")), ["Ada"]);
});

test("sessions of visitors who are not signed in leave no page empty", async (t) => {
  const application = await startApplication(t, { SESSION_STORE: "memory:" });
  const ada = await administrator(application);
  for (let more = 0; more < 120; more++)
    await application.browser().postJson("/sign-in/passkey/options", { next: "/" });
  await signedUp(application, "Grace");
  const page = await ada.get("/admin/sessions");
  assert.deepEqual(firstCells(page).sort(), ["Ada", "Grace"]);
  assert.equal(linkOf(page, "next"), undefined);
});

eachDatabase(
  "a page of sessions of which nobody's is left says so, and how many were looked at",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const ada = await administrator(application);
    const [own = assert.fail()] = await application.services.sessions.ofUser(await idOf(application, "Ada"));
    const anonymous = Array.from({ length: 50 }, () => ({ ...own, userId: null }));
    const { mock } = t.mock.method(application.services.sessions, "list", async () => ({
      sessions: anonymous,
      cursor: "more",
    }));
    const page = await ada.get("/admin/sessions?cursor=before");
    assert.equal(page.status, 200);
    assert.match(page.body, /Nobody on this page/);
    assert.match(page.body, /1,000 sessions were looked at for this page/);
    assert.equal(mock.callCount(), 20);
    assert.equal(linkOf(page, "prev"), "/admin/sessions");
    assert.equal(linkOf(page, "next"), "/admin/sessions?cursor=more");
  },
);

test("where the store cannot list all sessions, the page says so, and a person's page still lists theirs", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  t.mock.method(application.services.sessions, "list", async () => {
    throw new UnsupportedError("This session store cannot list all sessions.");
  });
  const page = await ada.get("/admin/sessions");
  assert.equal(page.status, 200);
  assert.match(page.body, /cannot be listed all together/);
  const { body } = await ada.get(`/admin/people/${await idOf(application, "Grace")}`);
  assert.match(body, /Firefox 145 · Linux/);
});
