// A form that comes too late (P8): it says what it would do and to whom, can be dropped, lasts a quarter of an hour, and
// there is one at a time.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { administrator } from "../admin/administrator.ts";
import { routesOf } from "../security/probes.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { idOf, rowOf } from "../support/people.ts";

const MINUTE = 60_000;

/** An application with Ada, who runs it and signed in too long ago for that, and Bob. */
async function adaAndBob(t: TestContext) {
  const application = await startApplication(t, {
    OIDC_PROVIDERS: "google",
    OIDC_GOOGLE_CLIENT_ID: "client",
    OIDC_GOOGLE_CLIENT_SECRET: "secret",
  });
  const ada = await administrator(application);
  await signedUp(application, "Bob");
  application.clock.advance(6 * MINUTE);
  return { application, ada, bob: await idOf(application, "Bob") };
}

const confirm = async (browser: Browser): Promise<Answer> =>
  browser.follow(await browser.post("/confirm-identity", { password: PASSWORD, next: "/resume" }));

const heading = ({ body }: Answer) => /<h1>(.*?)<\/h1>/s.exec(body)?.[1] ?? "";

test("P8: a late form is shown as the question that it is, with whom it is about, and does nothing by itself", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  const late = await ada.post(`/admin/people/${bob}/remove`);
  assert.equal(late.headers.location, "/confirm-identity?next=/resume");
  const resumed = await confirm(ada);
  assert.equal(heading(resumed), "Remove Bob?");
  assert.ok(resumed.body.includes(`action="/admin/people/${bob}/remove"`));
  assert.ok(await rowOf(application, "Bob"));
  assert.equal((await ada.post(`/admin/people/${bob}/remove`)).headers.location, "/admin/people");
  assert.equal(await rowOf(application, "Bob"), undefined);
  assert.equal((await ada.get("/resume")).headers.location, "/");
});

test("P8: a late form is dropped with one press, and is not offered again", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  await ada.post(`/admin/people/${bob}/remove`);
  assert.match((await confirm(ada)).body, /action="\/resume\/drop"/);
  const dropped = await ada.post("/resume/drop");
  assert.equal(dropped.headers.location, "/admin");
  assert.match((await ada.follow(dropped)).body, /Dropped: nothing was done/);
  assert.equal((await ada.get("/resume")).headers.location, "/");
  assert.ok(await rowOf(application, "Bob"));
});

test("P8: a late form waits for a quarter of an hour, and then nobody can send it unawares", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  await ada.post(`/admin/people/${bob}/remove`);
  await confirm(ada);
  application.clock.advance(15 * MINUTE + 1);
  const over = await ada.get("/resume");
  assert.equal(over.status, 200);
  assert.equal(heading(over), "That was too long ago");
  assert.ok(!over.body.includes(bob));
  assert.equal((await ada.post("/resume/drop")).headers.location, "/");
});

test("P8: what waits is shown to nobody who did not confirm a few minutes ago", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  await ada.post(`/admin/people/${bob}/remove`);
  assert.equal((await ada.get("/resume")).headers.location, "/confirm-identity?next=/resume");
  await confirm(ada);
  application.clock.advance(6 * MINUTE);
  assert.equal((await ada.get("/resume")).headers.location, "/confirm-identity?next=/resume");
});

test("P8: a second late form takes the place of the first, and that is said; the same one again says nothing", async (t) => {
  const { ada, bob } = await adaAndBob(t);
  const replaced = /class="notice failed"[^>]*>Another form was waiting/;
  await ada.post("/admin/sports", { name: "Fencing" });
  await ada.post("/admin/sports", { name: "Fencing" });
  assert.doesNotMatch((await ada.get("/confirm-identity?next=/resume")).body, replaced);
  await ada.post(`/admin/people/${bob}/disable`);
  assert.match((await ada.get("/confirm-identity?next=/resume")).body, replaced);
  assert.equal(heading(await confirm(ada)), "Disable the account of Bob?");
});

test("P8: a late form about something that is gone meanwhile can only be dropped", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  await ada.post(`/admin/people/${bob}/disable`);
  await application.services.database.deleteFrom("people").where("id", "=", bob).execute();
  const { body } = await confirm(ada);
  assert.match(body, /This cannot be done any more/);
  assert.ok(!body.includes(`/admin/people/${bob}/disable`));
  assert.match(body, /action="\/resume\/drop"/);
});

test("P8: whoever is no administrator any more is not told whom their late form was about", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  await ada.post(`/admin/people/${bob}/disable`);
  await application.services.database.updateTable("people").set({ administrator: 0 }).execute();
  const { body } = await confirm(ada);
  assert.match(body, /This cannot be done any more/);
  assert.doesNotMatch(body, /Bob/);
});

/** A form for every route that wants a recent sign-in, about something that there is. */
async function lateRoutes(application: Application, bob: string): Promise<string[]> {
  const { database, sessions, clock } = application.services;
  const ada = await idOf(application, "Ada");
  const now = clock.now();
  const key = { id: "key", personId: ada, publicKey: "", counter: 0, transports: "[]", label: "My key" };
  await database
    .insertInto("passkeys")
    .values({ ...key, createdAt: now, lastUsedAt: null })
    .execute();
  const identity = { issuer: "https://accounts.google.com", subject: "ada", personId: ada, label: "ada" };
  await database
    .insertInto("identities")
    .values({ ...identity, createdAt: now, lastUsedAt: null })
    .execute();
  const registration = { id: "ticket", personId: bob, sportId: "soccer", createdAt: now };
  await database.insertInto("registrations").values(registration).execute();
  const [of = { id: "" }] = await sessions.ofUser(bob);
  const before = (await sessions.ofUser(ada)).map(({ id }) => id);
  const unlinked = await identityFromElsewhere(application);
  const elsewhere = (await sessions.ofUser(ada)).find(({ id }) => !before.includes(id));
  const there: readonly (readonly [RegExp, string])[] = [
    [/(?<=^\/admin\/people\/)0000[^/]+/, bob],
    [/(?<=\/sessions\/)0000[^/]+/, of.id],
    [/(?<=^\/admin\/registrations\/)0000[^/]+/, "ticket"],
    [/(?<=^\/admin\/sports\/)0000[^/]+/, "soccer"],
    [/(?<=^\/account\/devices\/)0000[^/]+/, elsewhere?.id ?? ""],
    [/(?<=^\/account\/passkeys\/)0000[^/]+/, "key"],
    [/(?<=^\/providers\/identities\/)0000[^/]+/, unlinked],
    [/(?<=^\/providers\/)0000[^/]+/, "google"],
  ];
  return routesOf(application, "unsafe").map(({ path }) =>
    there.reduce((at, [nothing, something]) => at.replace(nothing, something), path),
  );
}

/** How the account page calls Ada's identity; another browser of hers looks. */
async function identityFromElsewhere(application: Application): Promise<string> {
  const browser = application.browser();
  await browser.post("/sign-in", { name: "Ada", password: PASSWORD });
  const { body } = await browser.get("/account");
  return /\/providers\/identities\/([^/]+)\/unlink/.exec(body)?.[1] ?? "";
}

test("P8: every form that wants a recent sign-in says what it would do when it comes too late", async (t) => {
  const { application, ada, bob } = await adaAndBob(t);
  const questions: string[] = [];
  for (const path of await lateRoutes(application, bob)) {
    if (path === "/sign-out") continue;
    application.clock.advance(6 * MINUTE);
    const fields = { name: "Mallory", person: "Bob", for: "basketball", newPassword: PASSWORD };
    const late = await ada.post(path, fields);
    if (late.headers.location !== "/confirm-identity?next=/resume") continue;
    const question = heading(await confirm(ada));
    assert.match(question, /\?$/, path);
    questions.push(question);
  }
  assert.ok(questions.length >= 24, `${questions.length}`);
  assert.equal(new Set(questions).size, questions.length);
  for (const question of ["Remove the passkey “My key”?", "Register Bob for Basketball?", "Unlink Google?"])
    assert.ok(questions.includes(question), question);
});
