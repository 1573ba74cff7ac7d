// P8 and P13 of the security requirements, for all of the back office: the routes are the application's own list, so that a
// new one cannot be forgotten.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contentOf, routesOf, sessionsOf } from "../security/probes.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { audited, idOf } from "../support/people.ts";
import { administrator } from "./administrator.ts";

const NOTHING = "00000000-0000-4000-8000-000000000000";
/** For every form of the back office, something that it would take. */
const FIELDS = { name: "Mallory", person: "Grace", for: "basketball", next: "/admin" };

/** Every route of the back office, leading to something that there is wherever it names something. */
async function backOffice(application: Application) {
  const { database, sessions } = application.services;
  const person = await idOf(application, "Grace");
  const { id } = await database.selectFrom("registrations").select("id").executeTakeFirstOrThrow();
  const [session] = await sessions.ofUser(person);
  const existing: Record<string, string | undefined> = {
    people: person,
    registrations: id,
    sports: "ultimate-frisbee",
  };
  const routes = [...routesOf(application, "safe"), ...routesOf(application, "unsafe")]
    .filter(({ path }) => path.startsWith("/admin"))
    .map(({ method, path }) => ({
      method,
      path: path
        .replace(`/sessions/${NOTHING}`, `/sessions/${session?.id}`)
        .replace(/(?<=^\/admin\/(\w+)\/)0000[-\w]+/, (id, kind: string) => existing[kind] ?? id),
    }));
  assert.ok(routes.length > 20 && !routes.some(({ path }) => path.includes(NOTHING)));
  return routes;
}

/** An application with Ada, who runs it, and Grace, who is registered for soccer. */
async function populated(t: Parameters<typeof startApplication>[0]) {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: "soccer" });
  return { application, ada, grace };
}

const send = (browser: Browser, method: string, path: string) =>
  method === "GET" ? browser.get(path) : browser.post(path, FIELDS);

/** Everything that the back office could change. */
async function stateOf(application: Application) {
  const sessions = (await sessionsOf(application)).map(({ id, userId }) => `${id} ${userId}`).sort();
  return { ...(await contentOf(application, ["audit"])), sessions };
}

test("P13: a person who is no administrator gets 403 from every route of the back office, and changes nothing", async (t) => {
  const { application, grace } = await populated(t);
  const before = await stateOf(application);
  const routes = await backOffice(application);
  for (const { method, path } of routes)
    assert.equal((await send(grace, method, path)).status, 403, `${method} ${path}`);
  assert.deepEqual(await stateOf(application), before);
  assert.equal((await audited(application, "access.denied", "denied")).length, routes.length);
});

test("P13: a stranger is sent to the sign-in from every route of the back office, and changes nothing", async (t) => {
  const { application } = await populated(t);
  const before = await stateOf(application);
  for (const { method, path } of await backOffice(application)) {
    const { status, headers } = await send(application.browser(), method, path);
    assert.equal(status, 303, `${method} ${path}`);
    assert.match(headers.location ?? "", /^\/sign-in\?next=/, `${method} ${path}`);
  }
  assert.deepEqual(await stateOf(application), before);
});

test("P13: after a demotion in another tab no route of the back office does anything", async (t) => {
  const { application, ada } = await populated(t);
  await administrator(application, "Barbara");
  assert.equal((await ada.get("/admin/people")).status, 200);
  await application.services.database
    .updateTable("people")
    .set({ administrator: 0 })
    .where("name", "=", "Ada")
    .execute();
  const before = await stateOf(application);
  for (const { method, path } of await backOffice(application))
    assert.equal((await send(ada, method, path)).status, 403, `${method} ${path}`);
  assert.deepEqual(await stateOf(application), before);
});

test("P8: an administrator whose sign-in is not recent confirms it before any route of the back office", async (t) => {
  const { application, ada } = await populated(t);
  application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
  const before = await stateOf(application);
  for (const { method, path } of await backOffice(application)) {
    const { status, headers } = await send(ada, method, path);
    assert.equal(status, 303, `${method} ${path}`);
    assert.match(headers.location ?? "", /^\/confirm-identity\?next=/, `${method} ${path}`);
  }
  assert.deepEqual(await stateOf(application), before);
});

test("P8: a form that comes too late goes on after the confirmation, with what was typed", async (t) => {
  const { application, ada } = await populated(t);
  application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
  const late = await ada.post("/admin/sports", { name: "Kin-Ball & Co" });
  assert.equal(late.headers.location, "/confirm-identity?next=/resume");
  const confirmed = await ada.post("/confirm-identity", { password: PASSWORD, next: "/resume" });
  const { body } = await ada.follow(confirmed);
  const [, action = ""] = /<form method="post" action="(\/admin[^"]*)"/.exec(body) ?? [];
  const [, name = ""] = /name="name" value="([^"]*)"/.exec(body) ?? [];
  assert.equal(action, "/admin/sports");
  assert.equal(name, "Kin-Ball &amp; Co");
  const done = await ada.follow(await ada.post(action, { name: name.replace("&amp;", "&") }));
  assert.match(done.body, /Kin-Ball &amp; Co is added/);
});

test("what there is not, is not found", async (t) => {
  const { application, ada } = await populated(t);
  const before = await stateOf(application);
  const named = [...routesOf(application, "safe"), ...routesOf(application, "unsafe")].filter(
    ({ path }) => path.startsWith("/admin") && path.includes(NOTHING),
  );
  for (const { method, path } of named) {
    assert.equal((await send(ada, method, path)).status, 404, `${method} ${path}`);
  }
  assert.deepEqual(await stateOf(application), before);
});
