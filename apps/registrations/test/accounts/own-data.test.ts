// Taking one's data along, and deleting the account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { removePerson } from "../../src/accounts/people.ts";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, idOf, rowOf, signedIn } from "../support/people.ts";

/** Gives the person something in every table. */
async function fill(application: Application, browser: Browser, name: string): Promise<void> {
  const { database, clock } = application.services;
  const personId = await idOf(application, name);
  const made = { personId, createdAt: clock.now(), lastUsedAt: null };
  await browser.post("/registrations", { sport: ["soccer", "basketball"] });
  await database
    .insertInto("passkeys")
    .values({
      ...made,
      id: `id of ${name}`,
      publicKey: `key of ${name}`,
      counter: 0,
      transports: "[]",
      label: `phone of ${name}`,
    })
    .execute();
  await database
    .insertInto("identities")
    .values({
      ...made,
      issuer: "https://id.example",
      subject: `subject of ${name}`,
      label: `mail of ${name}`,
    })
    .execute();
  await database
    .insertInto("links")
    .values({ hash: `link of ${name}`, purpose: "reset", personId, expiresAt: clock.now() + 1_000 })
    .execute();
}

/** How many rows of this person each table has. */
async function rowsOf({ services: { database } }: Application, personId: string) {
  const tables = ["registrations", "passkeys", "identities", "links", "devices"] as const;
  const counts = tables.map(async (table) => {
    const rows = await database
      .selectFrom(table)
      .select("personId")
      .where("personId", "=", personId)
      .execute();
    return [table, rows.length];
  });
  return Object.fromEntries(await Promise.all(counts));
}

test("the download is a file with everything of one's own", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await fill(application, ada, "Ada");
  const { status, headers, body } = await ada.post("/account/data");
  assert.equal(status, 200);
  assert.match(`${headers["content-type"]}`, /^application\/json/);
  assert.match(`${headers["content-disposition"]}`, /^attachment; filename="[\w-]+\.json"$/);
  assert.equal(headers["cache-control"], "no-store");
  const data = JSON.parse(body);
  assert.equal(data.account.name, "Ada");
  assert.equal(data.account.id, await idOf(application, "Ada"));
  assert.deepEqual(data.registrations.map(({ sport }: { sport: string }) => sport).sort(), [
    "Basketball",
    "Soccer",
  ]);
  assert.equal(data.passkeys[0].label, "phone of Ada");
  assert.equal(data.providers[0].subject, "subject of Ada");
  assert.equal(data.devices[0].browser, "Firefox 145");
  assert.equal(data.rememberedBrowsers.length, 1);
  assert.deepEqual(
    data.events.map(({ action }: { action: string }) => action),
    ["sign-up", "sign-in", "registration.add", "registration.add"],
  );
  assert.equal((await audited(application, "account.download", "done")).length, 1);
});

test("the download holds nobody else's data, and nothing that opens anything", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const grace = await signedUp(application, "Grace");
  await fill(application, ada, "Ada");
  await fill(application, grace, "Grace");
  await grace.post("/sign-out");
  const { body } = await ada.post("/account/data");
  assert.ok(!body.includes("Grace"));
  assert.ok(!body.includes("sign-out"));
  assert.ok(!body.includes(await idOf(application, "Grace")));
  const { database } = application.services;
  const hashes = await database.selectFrom("devices").select("hash").execute();
  const secrets = [
    (await rowOf(application, "Ada"))?.passwordHash ?? "",
    "key of Ada",
    "link of Ada",
    ...hashes.map(({ hash }) => hash),
    ...[...ada.cookies.values()].flatMap((value) => value.split(".").slice(-1)),
  ];
  assert.equal(secrets.length, 7);
  for (const secret of secrets) {
    assert.ok(secret.length > 0);
    assert.ok(!body.includes(secret), secret);
  }
});

test("the download holds what others did or tried to one's account and registrations, and not who it was", async (t) => {
  const application = await startApplication(t);
  const before = await signedUp(application, "Bob");
  await application.browser().post("/sign-in", { name: "Bob", password: "of somebody before" });
  await before.post("/account/delete");
  application.clock.advance(1);
  const grace = await signedUp(application, "Grace");
  await promote(application, "Grace");
  const mallory = await signedUp(application, "Mallory");
  const bob = await signedUp(application, "Bob");
  const id = await idOf(application, "Bob");
  await bob.post("/registrations", { sport: ["soccer", "basketball"] });
  const { database, sessions } = application.services;
  const [kept, removed] = await database.selectFrom("registrations").select("id").execute();
  await grace.post(`/admin/registrations/${removed?.id}/remove`);
  await mallory.post(`/registrations/${kept?.id}/take-back`);
  await mallory.post(`/admin/people/${id}/disable`);
  await grace.post(`/admin/people/${id}/disable`);
  await grace.post(`/admin/people/${id}/enable`);
  await signedIn(application, "Bob");
  await application.browser().post("/sign-in", { name: "bob", password: "of a guesser" });
  const [device] = await sessions.ofUser(id);
  await grace.post(`/admin/people/${id}/sessions/${device?.id}/end`);
  const again = await signedIn(application, "Bob");
  const { body } = await again.post("/account/data");
  const events: { action: string; result: string; by: string }[] = JSON.parse(body).events;
  assert.deepEqual(
    events.map(({ action, result, by }) => `${action} ${result}: ${by}`),
    [
      "sign-up done: you",
      "sign-in done: you",
      "registration.add done: you",
      "registration.add done: you",
      "registration.remove done: somebody else",
      "access.denied denied: somebody else",
      "access.denied denied: somebody else",
      "person.disable done: somebody else",
      "person.enable done: somebody else",
      "sign-in done: you",
      "sign-in failed: a stranger",
      "session.end done: somebody else",
      "sign-in done: you",
    ],
  );
  for (const event of events) assert.equal("address" in event, event.by !== "somebody else", event.action);
  for (const name of ["Grace", "Mallory", await idOf(application, "Grace")]) assert.ok(!body.includes(name));
});

test("the download holds failed sign-ins by passkey, and none by a provider that is called like oneself", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const { clock, database } = application.services;
  const nobody = { actorId: null, actorName: null, address: "192.0.2.1" };
  const failed = { ...nobody, at: clock.now(), action: "sign-in", result: "failed", target: "Ada" } as const;
  for (const detail of ["passkey: not verified", "stale: expired"])
    await database
      .insertInto("audit")
      .values({ ...failed, id: detail, detail })
      .execute();
  const { body } = await ada.post("/account/data");
  assert.ok(body.includes("passkey: not verified"));
  assert.ok(!body.includes("stale: expired"));
});

test("an administrator's download says what they did, and not to whom", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await promote(application, "Ada");
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: "soccer" });
  const { database } = application.services;
  const [registration] = await database.selectFrom("registrations").select("id").execute();
  const id = await idOf(application, "Grace");
  await ada.post(`/admin/registrations/${registration?.id}/remove`);
  await ada.post("/admin/registrations/export", { search: "Grace" });
  await ada.post(`/admin/people/${id}/sessions/end`);
  await ada.post(`/admin/people/${id}/remove`);
  const { body } = await ada.post("/account/data");
  for (const action of ["registration.remove", "registrations.export", "session.end", "person.remove"])
    assert.ok(body.includes(`"${action}"`), action);
  for (const other of ["Grace", id]) assert.ok(!body.includes(other), other);
});

eachDatabase("the download works for somebody who has nothing yet, on every engine", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const ada = await signedUp(application, "Ada");
  assert.equal(JSON.parse((await ada.post("/account/data")).body).events.length, 2);
});

test("P8: without a recent sign-in the download waits for the confirmation and then goes on", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  application.clock.advance(6 * 60_000);
  assert.equal((await ada.post("/account/data")).headers.location, "/confirm-identity?next=/resume");
  const resumed = await ada.follow(
    await ada.post("/confirm-identity", { password: PASSWORD, next: "/resume" }),
  );
  assert.match(resumed.body, /action="\/account\/data"/);
  assert.equal((await ada.post("/account/data")).status, 200);
});

test("P7: deleting the account removes everything of the person, and a parallel tab is signed out", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const grace = await signedUp(application, "Grace");
  await fill(application, a, "Ada");
  await fill(application, grace, "Grace");
  const id = await idOf(application, "Ada");
  const asked = await a.get("/account/delete");
  assert.match(asked.body, /<h1>Delete your account\?<\/h1>/);
  assert.ok(await rowOf(application, "Ada"));
  const answer = await a.post("/account/delete");
  assert.equal(answer.headers.location, "/account/deleted");
  assert.equal(await rowOf(application, "Ada"), undefined);
  const nothing = { registrations: 0, passkeys: 0, identities: 0, links: 0, devices: 0 };
  assert.deepEqual(await rowsOf(application, id), nothing);
  assert.deepEqual(await application.services.sessions.ofUser(id), []);
  assert.equal((await b.get("/account")).headers.location, "/sign-in?next=%2Faccount");
  assert.equal((await rowsOf(application, await idOf(application, "Grace"))).registrations, 2);
  assert.equal((await grace.get("/account")).status, 200);
  const [event] = await audited(application, "account.delete", "done");
  assert.deepEqual([event?.actorId, event?.actorName], [id, "Ada"]);
});

test("after the deletion a page says so, and nobody gets a session for it", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const answer = await ada.post("/account/delete");
  assert.equal(ada.cookies.has("session"), false);
  const { status, headers, body } = await ada.follow(answer);
  assert.equal(status, 200);
  assert.match(body, /<h1>Your account is deleted<\/h1>/);
  assert.equal(headers["set-cookie"], undefined);
  assert.equal((await ada.post("/sign-in", { name: "Ada", password: PASSWORD })).status, 400);
});

test("that an account is deleted is said to nobody but the browser in which it was", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const grace = await signedUp(application, "Grace");
  for (const browser of [application.browser(), grace]) {
    const { headers, status } = await browser.get("/account/deleted");
    assert.equal(status, 303);
    assert.equal(headers.location, "/");
  }
  const { headers } = await ada.post("/account/delete");
  const [mark] = (headers["set-cookie"] ?? []).filter((line) => line.startsWith("account-deleted="));
  assert.match(mark ?? "", /; Max-Age=60; Path=\/account\/deleted; HttpOnly; SameSite=Lax/);
  assert.equal((await ada.get("/account/deleted")).status, 200);
  await ada.post("/sign-up", { name: "Ada", password: PASSWORD });
  assert.equal((await ada.get("/account/deleted")).headers.location, "/");
});

test("P8: without a recent sign-in nothing is deleted, not even asked for", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  application.clock.advance(6 * 60_000);
  const asked = await ada.get("/account/delete");
  assert.equal(asked.headers.location, "/confirm-identity?next=%2Faccount%2Fdelete");
  assert.equal((await ada.post("/account/delete")).headers.location, "/confirm-identity?next=/resume");
  assert.ok(await rowOf(application, "Ada"));
});

test("the last administrator cannot leave; the last but one can", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const grace = await signedUp(application, "Grace");
  await promote(application, "Ada");
  const refused = await ada.follow(await ada.post("/account/delete"));
  assert.match(refused.body, /role="alert">You are the only administrator/);
  assert.ok(await rowOf(application, "Ada"));
  assert.equal((await audited(application, "account.delete", "denied")).length, 1);
  await promote(application, "Grace");
  assert.equal((await ada.post("/account/delete")).headers.location, "/account/deleted");
  await grace.post("/account/delete");
  assert.ok(await rowOf(application, "Grace"));
});

eachDatabase("of two administrators who leave at once, one stays", async ({ database }) => {
  for (let round = 0; round < 5; round++) {
    const ids = ["a", "b"].map((letter) => `${letter}${round}`);
    await database.deleteFrom("people").execute();
    for (const id of ids) {
      const row = {
        id,
        name: id,
        nameKey: id,
        passwordHash: null,
        administrator: 1,
        disabledAt: null,
        createdAt: 0,
      };
      await database.insertInto("people").values(row).execute();
    }
    const left = await Promise.all(
      ids.map((id) => database.transaction().execute((transaction) => removePerson(transaction, id))),
    );
    assert.deepEqual(left.toSorted(), [false, true]);
  }
});

eachDatabase("an administrator who is disabled does not count as one who is left", async ({ database }) => {
  for (const [id, disabledAt] of [
    ["a", null],
    ["b", 1],
  ] as const) {
    const row = { id, name: id, nameKey: id, passwordHash: null, administrator: 1, disabledAt, createdAt: 0 };
    await database.insertInto("people").values(row).execute();
  }
  const leaves = (id: string) =>
    database.transaction().execute((transaction) => removePerson(transaction, id));
  assert.equal(await leaves("a"), false);
  assert.equal(await leaves("b"), true);
});
