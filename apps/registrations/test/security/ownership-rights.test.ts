// P13 of the security requirements, beyond registrations: whoever is no administrator, or is none any more, does nothing
// in the back office, and what else is one's own is nobody else's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, idOf, signedIn } from "../support/people.ts";
import { sessionsOf } from "./probes.ts";
import { adaAndBob, atStake } from "./registrants.ts";

/** Everything in the back office that concerns somebody's registrations, sessions or account. */
async function backOffice(application: Application, target: string): Promise<string[]> {
  const ada = await idOf(application, "Ada");
  const [session = assert.fail()] = (await sessionsOf(application)).filter(({ userId }) => userId === ada);
  return [
    `/admin/registrations/${target}/remove`,
    "/admin/registrations",
    "/admin/registrations/export",
    `/admin/people/${ada}/sessions/${session.id}/end`,
    `/admin/people/${ada}/sessions/end`,
    ...["disable", "enable", "promote", "demote", "remove", "reset-link"].map(
      (what) => `/admin/people/${ada}/${what}`,
    ),
    "/admin/sports",
    "/admin/sports/soccer/close",
    "/admin/sports/soccer/remove",
    "/admin/people",
  ];
}

const FIELDS = { person: "Ada", for: "ultimate-frisbee", name: "Whatever" };

eachDatabase(
  "P13: whoever is no administrator does nothing in the back office, and that is an event",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const { bob, target } = await adaAndBob(application);
    const paths = await backOffice(application, target);
    const [before, sessions] = [await atStake(application), await sessionsOf(application)];
    for (const path of paths) {
      assert.equal((await bob.post(path, FIELDS)).status, 403, path);
      assert.match(
        (await application.browser().post(path, FIELDS)).headers.location ?? "",
        /^\/sign-in/,
        path,
      );
    }
    assert.deepEqual(await atStake(application), before);
    assert.deepEqual(await sessionsOf(application), sessions);
    const events = await audited(application, "access.denied", "denied");
    assert.deepEqual(events.map(({ target }) => target).sort(), [...paths].sort());
    assert.ok(events.every(({ actorName }) => actorName === "Bob"));
  },
);

eachDatabase(
  "P13: a page of the back office that was open before a demotion does nothing after it",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const { target } = await adaAndBob(application);
    await promote(application, "Bob");
    const bob = await signedIn(application, "Bob");
    const paths = await backOffice(application, target);
    assert.equal((await bob.get(`/admin/registrations/${target}/remove`)).status, 200);
    // One form is late, too, and waits for a confirmation.
    application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
    const late = await bob.post(`/admin/registrations/${target}/remove`);
    assert.equal(late.headers.location, "/confirm-identity?next=/resume");
    await application.services.database.updateTable("people").set({ administrator: 0 }).execute();
    await bob.post("/confirm-identity", { password: PASSWORD, next: "/resume" });
    const [before, sessions] = [await atStake(application), await sessionsOf(application)];
    for (const path of paths) assert.equal((await bob.post(path, FIELDS)).status, 403, path);
    assert.deepEqual(await atStake(application), before);
    assert.deepEqual(await sessionsOf(application), sessions);
  },
);

test("P13: what else is one's own is nobody else's either: devices, passkeys, identities", async (t) => {
  const application = await startApplication(t);
  const { ada: browser, bob } = await adaAndBob(application);
  const ada = await idOf(application, "Ada");
  const { database, sessions, clock } = application.services;
  const made = { personId: ada, label: "Key", createdAt: clock.now(), lastUsedAt: null };
  await database
    .insertInto("passkeys")
    .values({ ...made, id: "key", publicKey: "x", counter: 0, transports: "[]" })
    .execute();
  await database
    .insertInto("identities")
    .values({ ...made, issuer: "https://id.example", subject: "ada" })
    .execute();
  const [device = assert.fail()] = await sessions.ofUser(ada);
  const { body } = await browser.get("/account");
  const [identity = assert.fail()] = /\/providers\/identities\/[^"]+/.exec(body) ?? [];
  const [passkey = assert.fail()] = /\/account\/passkeys\/[^"/]+\/remove/.exec(body) ?? [];
  const before = await atStake(application);
  for (const path of [`/account/devices/${device.id}/end`, passkey, identity])
    assert.equal((await bob.post(path)).status, 404, path);
  assert.deepEqual(await atStake(application), before);
  assert.equal((await sessions.ofUser(ada)).length, 1);
  const events = await audited(application, "access.denied", "denied");
  assert.deepEqual(
    events.map(({ actorName }) => actorName),
    ["Bob", "Bob", "Bob"],
  );
});
