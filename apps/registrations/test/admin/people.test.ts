// People in the back office: what an administrator can do to an account, and what nobody can.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { audited, idOf, rowOf, signedIn } from "../support/people.ts";
import { addPeople, administrator, firstCells } from "./administrator.ts";

const LINK = /<code>(http[^<]*)(\/reset\/[\w-]+)<\/code>/;

test("people are found by any part of their name, however it is written, and only by that", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await addPeople(application.services.database, [
    "Élodie",
    "Zoë 100%",
    "Zoë 100x",
    "snake_case",
    "snakeXcase",
    "back\\slash",
  ]);
  const found = async (search: string) =>
    firstCells(await ada.get(`/admin/people?${new URLSearchParams({ search })}`));
  assert.deepEqual(await found("ÉLO"), ["Élodie"]);
  assert.deepEqual(await found("100%"), ["Zoë 100%"]);
  assert.deepEqual(await found("e_c"), ["snake_case"]);
  assert.deepEqual(await found("\\"), ["back\\slash"]);
  assert.deepEqual(await found("%"), ["Zoë 100%"]);
  assert.deepEqual(await found("' or 1=1 --"), []);
});

test("a person who is added chooses a password with a link that works once, and no administrator does", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const added = await ada.post("/admin/people", {
    name: "  Grace Hopper ",
    password: PASSWORD,
    newPassword: PASSWORD,
  });
  assert.equal(added.status, 200);
  assert.equal((await rowOf(application, "Grace Hopper"))?.passwordHash, null);
  const [, origin, path = ""] = LINK.exec(added.body) ?? [];
  assert.equal(origin, application.url);
  const grace = application.browser();
  assert.equal((await grace.get(path)).status, 200);
  const chosen = await grace.post(path, { newPassword: PASSWORD });
  assert.equal(chosen.status, 303);
  assert.equal((await grace.get("/registrations")).status, 200);
  assert.notEqual((await application.browser().post(path, { newPassword: PASSWORD })).status, 303);
  const [event] = await audited(application, "person.add", "done");
  assert.equal(event?.actorName, "Ada");
  assert.equal(event?.target, "Grace Hopper");
  assert.equal(event?.detail, await idOf(application, "Grace Hopper"));
  assert.equal((await audited(application, "person.reset-link", "done")).length, 1);
  const secret = path.slice("/reset/".length);
  assert.ok(!application.logged.some((line) => line.includes(secret)));
});

test("a name that somebody has already is not added, and comes back in the form", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  const taken = await ada.post("/admin/people", { name: "ＧＲＡＣＥ" });
  assert.equal(taken.status, 409);
  assert.match(taken.body, /Somebody has this name already/);
  assert.match(taken.body, /value="ＧＲＡＣＥ"/);
  const empty = await ada.post("/admin/people", { name: " " });
  assert.equal(empty.status, 400);
  assert.equal((await audited(application, "person.add", "done")).length, 0);
});

test("P7: a disabled person's session is dead at the next request, and they cannot sign in until enabled", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  const id = await idOf(application, "Grace");
  const disabled = await ada.follow(await ada.post(`/admin/people/${id}/disable`));
  assert.match(disabled.body, /The account of Grace is disabled/);
  assert.deepEqual(await application.services.sessions.ofUser(id), []);
  assert.match((await grace.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  const credentials = { name: "Grace", password: PASSWORD };
  assert.equal((await grace.post("/sign-in", credentials)).status, 400);
  await ada.post(`/admin/people/${id}/enable`);
  assert.match((await grace.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  assert.equal((await grace.post("/sign-in", credentials)).status, 303);
  for (const action of ["person.disable", "person.enable"] as const) {
    const [event, ...others] = await audited(application, action, "done");
    assert.deepEqual(
      [event?.actorName, event?.target, event?.detail, others.length],
      ["Ada", "Grace", id, 0],
    );
  }
});

test("P7: a person is removed after a question, with their registrations and sessions", async (t) => {
  const application = await startApplication(t);
  const { database, sessions } = application.services;
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: "soccer" });
  const id = await idOf(application, "Grace");
  const path = `/admin/people/${id}/remove`;
  assert.match((await ada.get(path)).body, /Remove Grace\?/);
  assert.ok(await rowOf(application, "Grace"));
  assert.equal((await ada.post(path)).headers.location, "/admin/people");
  assert.equal(await rowOf(application, "Grace"), undefined);
  assert.deepEqual(await database.selectFrom("registrations").selectAll().execute(), []);
  assert.deepEqual(await sessions.ofUser(id), []);
  assert.match((await grace.get("/registrations")).headers.location ?? "", /^\/sign-in/);
  const [event] = await audited(application, "person.remove", "done");
  assert.deepEqual([event?.target, event?.detail], ["Grace", id]);
  assert.equal((await ada.get(`/admin/people/${id}`)).status, 404);
});

test("P13: rights are given and taken back, and count at the next request of a session that was there before", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  const id = await idOf(application, "Grace");
  assert.match((await ada.get(`/admin/people/${id}/promote`)).body, /Make Grace an administrator\?/);
  assert.equal((await grace.get("/admin")).status, 403);
  await ada.post(`/admin/people/${id}/promote`);
  assert.equal((await grace.get("/admin/people")).status, 200);
  await ada.post(`/admin/people/${id}/demote`);
  assert.equal((await grace.post("/admin/sports", { name: "Fencing" })).status, 403);
  assert.equal((await grace.get("/registrations")).status, 200);
  for (const action of ["person.promote", "person.demote"] as const) {
    const [event] = await audited(application, action, "done");
    assert.deepEqual([event?.actorName, event?.target, event?.detail], ["Ada", "Grace", id]);
  }
});

test("a one-time link lets the person choose, ends the links before it, and is shown once", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  const id = await idOf(application, "Grace");
  const make = async () => LINK.exec((await ada.post(`/admin/people/${id}/reset-link`)).body)?.[2] ?? "";
  const [first, second] = [await make(), await make()];
  const grace = application.browser();
  assert.notEqual((await grace.post(first, { newPassword: PASSWORD })).status, 303);
  assert.doesNotMatch((await ada.get(`/admin/people/${id}`)).body, /\/reset\//);
  const other = "another quiet ticket of hers";
  assert.equal((await grace.post(second, { newPassword: other })).status, 303);
  await signedIn(application, "Grace", other);
  assert.equal((await audited(application, "person.reset-link", "done")).length, 2);
});

test("P9: no page of the back office has a field for a password, and no form takes one", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await signedUp(application, "Grace");
  const before = await rowOf(application, "Grace");
  const at = `/admin/people/${before?.id}`;
  for (const path of ["/admin/people", at, `${at}/remove`, `${at}/promote`])
    assert.doesNotMatch((await ada.get(path)).body, /type="password"|name="\w*password/i, path);
  const passwords = { password: PASSWORD, newPassword: PASSWORD, passwordHash: "x" };
  for (const change of ["disable", "enable", "promote", "demote", "reset-link", "sessions/end"])
    assert.doesNotMatch((await ada.post(`${at}/${change}`, passwords)).body, /type="password"/);
  assert.equal((await rowOf(application, "Grace"))?.passwordHash, before?.passwordHash);
});

test("nobody changes their own account in the back office, and is told so", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await administrator(application, "Grace");
  const before = await rowOf(application, "Ada");
  const at = `/admin/people/${before?.id}`;
  assert.doesNotMatch((await ada.get(at)).body, new RegExp(`(action|href)="${at}/`));
  const changes = ["disable", "enable", "promote", "demote", "remove", "reset-link", "sessions/end"];
  for (const change of changes) {
    const answer = await ada.post(`${at}/${change}`);
    assert.equal(answer.headers.location, at, change);
    assert.match((await ada.follow(answer)).body, /only another administrator can do that/);
  }
  assert.deepEqual(await rowOf(application, "Ada"), before);
  assert.deepEqual(await application.services.database.selectFrom("links").selectAll().execute(), []);
  assert.equal((await audited(application, "access.denied", "denied")).length, changes.length);
});
