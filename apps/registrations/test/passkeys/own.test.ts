// One's own passkeys over HTTP: added and removed after a recent sign-in, and never the last way in.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { countWaysIn } from "../../src/accounts/ways-in.ts";
import { signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { Authenticator } from "./authenticator.ts";
import { add, audited, isIn, optionsFor, signedUpWith, signIn } from "./visits.ts";

const LATER = 6 * 60_000;

/** Somebody with a password and a passkey. */
async function ada(t: TestContext) {
  const application = await startApplication(t);
  const browser = await signedUp(application, "Ada");
  const passkey = new Authenticator(application.url);
  assert.equal((await add(browser, passkey, "Phone")).status, 200);
  return { application, browser, passkey, removal: `/account/passkeys/${passkey.id}/remove` };
}

test("P11: a passkey is added to an account with a password, opens it, and shows when", async (t) => {
  const { application, browser, passkey } = await ada(t);
  const before = (await browser.get("/account")).body;
  assert.match(before, /The passkey “Phone” was added\./);
  assert.match(before, /Added on <time[^>]*>[^<]+<\/time> · never used/);
  assert.equal((await signIn(application.browser(), passkey)).status, 200);
  assert.match((await browser.get("/account")).body, /last used on <time/);
  assert.deepEqual(await audited(application, "passkey.add"), ["done: null"]);
});

test("P11: a removed passkey opens nothing any more", async (t) => {
  const { application, browser, passkey, removal } = await ada(t);
  assert.match((await browser.get(removal)).body, /“Phone” will no longer open your account/);
  const removed = await browser.follow(await browser.post(removal));
  assert.match(removed.body, /The passkey “Phone” was removed\./);
  assert.equal((await signIn(application.browser(), passkey)).status, 403);
  assert.equal((await browser.post(removal)).status, 404);
  assert.deepEqual(await audited(application, "passkey.remove"), ["done: null"]);
});

test("P11: the last way in cannot be removed; one of two can", async (t) => {
  const application = await startApplication(t);
  const [phone, key] = [new Authenticator(application.url), new Authenticator(application.url)];
  const browser = await signedUpWith(application, phone, "Ada");
  const remove = (passkey: Authenticator) => browser.post(`/account/passkeys/${passkey.id}/remove`);
  const refused = await browser.follow(await remove(phone));
  assert.match(refused.body, /“First passkey” is the only way into your account\./);
  assert.equal((await signIn(application.browser(), phone)).status, 200);
  await add(browser, key);
  await remove(phone);
  await remove(key);
  assert.equal((await signIn(application.browser(), phone)).status, 403);
  assert.equal((await signIn(application.browser(), key)).status, 200);
  assert.deepEqual(await audited(application, "passkey.remove"), [
    "denied: null",
    "done: null",
    "denied: null",
  ]);
});

test("an identity is a way in as well, as long as its provider is one of ours", async (t) => {
  for (const [issuer, left] of [
    ["https://id.example", 403],
    ["https://gone.example", 200],
  ] as const) {
    const application = await startApplication(t, {
      OIDC_PROVIDERS: "school",
      OIDC_SCHOOL_ISSUER: "https://id.example",
      OIDC_SCHOOL_CLIENT_ID: "registrations",
      OIDC_SCHOOL_CLIENT_SECRET: "secret",
    });
    const passkey = new Authenticator(application.url);
    const browser = await signedUpWith(application, passkey, "Ada");
    const { database } = application.services;
    const { id: personId } = await database.selectFrom("people").select("id").executeTakeFirstOrThrow();
    const identity = { issuer, subject: "7", personId, label: "Ada", createdAt: 0, lastUsedAt: null };
    await database.insertInto("identities").values(identity).execute();
    await browser.post(`/account/passkeys/${passkey.id}/remove`);
    assert.equal((await signIn(application.browser(), passkey)).status, left);
  }
});

eachDatabase("two who remove the last two passkeys at once leave one", async ({ database }) => {
  const person = {
    id: "ada",
    name: "Ada",
    nameKey: "ada",
    passwordHash: null,
    administrator: 0,
    disabledAt: null,
    createdAt: 0,
  };
  await database.insertInto("people").values(person).execute();
  const passkey = {
    personId: "ada",
    publicKey: "",
    counter: 0,
    transports: "[]",
    label: "",
    createdAt: 0,
    lastUsedAt: null,
  };
  await database
    .insertInto("passkeys")
    .values([
      { ...passkey, id: "a" },
      { ...passkey, id: "b" },
    ])
    .execute();
  const remove = (id: string) =>
    database.transaction().execute(async (transaction) => {
      if ((await countWaysIn(transaction, "ada", [])) > 1)
        await transaction.deleteFrom("passkeys").where("id", "=", id).execute();
    });
  await Promise.all([remove("a"), remove("b")]);
  assert.equal((await database.selectFrom("passkeys").selectAll().execute()).length, 1);
});

test("another person's passkey cannot be removed, or even be seen", async (t) => {
  const { application, passkey, removal } = await ada(t);
  const bob = await signedUp(application, "Bob");
  assert.equal((await bob.get(removal)).status, 404);
  assert.equal((await bob.post(removal)).status, 404);
  assert.equal((await audited(application, "access.denied")).length, 2);
  assert.equal((await signIn(application.browser(), passkey)).status, 200);
});

test("adding and removing need a recent sign-in; a removal that came late goes on afterwards", async (t) => {
  const { application, browser, passkey, removal } = await ada(t);
  const made = new Authenticator(application.url).create(
    await optionsFor(browser, "/account/passkeys", { label: "Key" }),
  );
  application.clock.advance(LATER);
  assert.equal(
    (await browser.get("/account/passkeys/new")).headers.location,
    "/confirm-identity?next=%2Faccount%2Fpasskeys%2Fnew",
  );
  const first = '{"location":"/confirm-identity?next=%2Faccount%2Fpasskeys%2Fnew"}';
  for (const [path, value] of [
    ["/account/passkeys/options", { label: "Key" }],
    ["/account/passkeys", { credential: made }],
  ] as const) {
    const { status, body } = await browser.postJson(path, value);
    assert.deepEqual({ status, body }, { status: 401, body: first });
  }
  assert.equal(
    (await application.browser().postJson("/account/passkeys/options", { label: "Key" })).body,
    first,
  );
  assert.equal((await browser.post(removal)).headers.location, "/confirm-identity?next=/resume");
  assert.equal((await signIn(browser, passkey)).status, 200);
  assert.match((await browser.get("/resume")).body, new RegExp(`action="${removal}"`));
  assert.match((await browser.follow(await browser.post(removal))).body, /was removed/);
});

test("P11: a passkey confirms who is signed in, and only them", async (t) => {
  const { application, browser, passkey } = await ada(t);
  const bobs = new Authenticator(application.url);
  const bob = await signedUpWith(application, bobs, "Bob");
  application.clock.advance(LATER);
  const options = await optionsFor(browser, "/sign-in/passkey");
  assert.deepEqual(
    options.allowCredentials?.map(({ id }) => id),
    [passkey.id],
  );
  const { status } = await browser.postJson("/sign-in/passkey", { credential: bobs.get(options), next: "/" });
  assert.equal(status, 403);
  assert.equal((await browser.get("/account/passkeys/new")).status, 303);
  assert.match((await browser.get("/registrations")).body, /Signed in as Ada/);
  assert.equal((await signIn(browser, passkey)).status, 200);
  assert.equal((await browser.get("/account/passkeys/new")).status, 200);
  assert.deepEqual(await audited(application, "identity.confirm"), [
    "failed: passkey: somebody else’s",
    "done: passkey",
  ]);
  assert.ok(await isIn(bob));
});

test("who has no passkey is told so before the browser asks for one", async (t) => {
  const application = await startApplication(t);
  const browser = await signedUp(application, "Ada");
  const { status, body } = await browser.postJson("/sign-in/passkey/options", {});
  assert.deepEqual({ status, body }, { status: 409, body: '{"message":"Your account has no passkey yet."}' });
});

test("a passkey needs a label, and a device that has one is not asked for another", async (t) => {
  const { browser, passkey } = await ada(t);
  const nameless = await browser.postJson("/account/passkeys/options", { label: " " });
  assert.deepEqual([nameless.status, nameless.body], [400, '{"message":"Please enter a name."}']);
  const options = await optionsFor(browser, "/account/passkeys", { label: "Key" });
  assert.deepEqual(
    options.excludeCredentials?.map(({ id }) => id),
    [passkey.id],
  );
});
