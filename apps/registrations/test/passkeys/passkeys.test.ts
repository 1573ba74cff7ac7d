// Passkeys over HTTP: what opens an account, and everything that looks nearly like it and does not.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { signedUp, startApplication } from "../support/application.ts";
import { Authenticator } from "./authenticator.ts";
import { add, audited, isIn, optionsFor, signedUpWith, signIn, signUp } from "./visits.ts";

const REFUSED = { status: 403, body: '{"message":"This passkey does not open an account here."}' };

async function ada(t: TestContext) {
  const application = await startApplication(t);
  const passkey = new Authenticator(application.url);
  const browser = await signedUpWith(application, passkey, "Ada");
  return { application, passkey, browser };
}

const seen = ({ status, body }: { status: number; body: string }) => ({ status, body });

test("P11: somebody makes an account with a passkey, and signs in with nothing else", async (t) => {
  const { application, passkey, browser } = await ada(t);
  assert.match((await browser.get("/registrations")).body, /Welcome, Ada/);
  const elsewhere = application.browser();
  const answer = await signIn(elsewhere, passkey);
  assert.deepEqual(seen(answer), { status: 200, body: '{"location":"/registrations"}' });
  assert.ok(await isIn(elsewhere));
  assert.deepEqual(await audited(application, "sign-up"), ["done: passkey"]);
  assert.ok((await audited(application, "sign-in")).every((event) => event === "done: passkey"));
});

test("P11: without user verification there is neither an account nor a way in", async (t) => {
  const { application, passkey } = await ada(t);
  const careless = { userVerified: false };
  const bob = application.browser();
  assert.equal((await signUp(bob, new Authenticator(application.url), "Bob", careless)).status, 403);
  assert.deepEqual(seen(await signIn(bob, passkey, careless)), REFUSED);
  assert.equal(await isIn(bob), false);
});

test("P11: an answer is good once, and for one of two that come at the same time", async (t) => {
  const { application, passkey } = await ada(t);
  const browser = application.browser();
  const credential = passkey.get(await optionsFor(browser, "/sign-in/passkey"));
  const send = () => browser.postJson("/sign-in/passkey", { credential, next: "/" });
  const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 403, 403]);
  assert.deepEqual(seen(await send()), REFUSED);
});

test("P11: a wrong answer uses the challenge up as well", async (t) => {
  const { application, passkey } = await ada(t);
  const browser = application.browser();
  const options = await optionsFor(browser, "/sign-in/passkey");
  const careless = passkey.get(options, { userVerified: false });
  assert.deepEqual(
    seen(await browser.postJson("/sign-in/passkey", { credential: careless, next: "/" })),
    REFUSED,
  );
  const proper = passkey.get(options);
  assert.deepEqual(
    seen(await browser.postJson("/sign-in/passkey", { credential: proper, next: "/" })),
    REFUSED,
  );
});

test("P11: a new passkey answers its challenge once", async (t) => {
  const application = await startApplication(t);
  const browser = application.browser();
  const options = await optionsFor(browser, "/sign-up/passkey", { name: "Ada" });
  const send = () =>
    browser.postJson("/sign-up/passkey", {
      credential: new Authenticator(application.url).create(options),
      next: "/",
    });
  assert.equal((await send()).status, 200);
  assert.equal((await send()).status, 403);
});

test("P11: the challenge of one session is nobody else's to answer", async (t) => {
  const { application, passkey } = await ada(t);
  const [one, other] = [application.browser(), application.browser()];
  const credential = passkey.get(await optionsFor(one, "/sign-in/passkey"));
  await optionsFor(other, "/sign-in/passkey");
  for (const browser of [other, application.browser()]) {
    assert.deepEqual(seen(await browser.postJson("/sign-in/passkey", { credential, next: "/" })), REFUSED);
    assert.equal(await isIn(browser), false);
  }
});

test("P11: a challenge is open for five minutes", async (t) => {
  const { application, passkey } = await ada(t);
  for (const [wait, status] of [
    [5 * 60_000 - 1, 200],
    [5 * 60_000, 403],
  ] as const) {
    const browser = application.browser();
    const options = await optionsFor(browser, "/sign-in/passkey");
    application.clock.advance(wait);
    const answer = await browser.postJson("/sign-in/passkey", {
      credential: passkey.get(options),
      next: "/",
    });
    assert.equal(answer.status, status);
  }
});

test("P11: a counter that does not go up is refused, and written down", async (t) => {
  const { application, passkey } = await ada(t);
  assert.equal((await signIn(application.browser(), passkey, { counter: 7 })).status, 200);
  for (const counter of [7, 6, 0]) {
    const browser = application.browser();
    assert.deepEqual(seen(await signIn(browser, passkey, { counter })), REFUSED);
    assert.equal(await isIn(browser), false);
  }
  assert.equal((await signIn(application.browser(), passkey, { counter: 8 })).status, 200);
  const denied = (await audited(application, "sign-in")).filter((event) => event.startsWith("failed"));
  assert.deepEqual(denied, Array(3).fill("failed: passkey: the counter did not go up"));
});

test("P11: every refusal looks the same, whatever was wrong", async (t) => {
  const { application, passkey } = await ada(t);
  const browser = application.browser();
  const stranger = new Authenticator(application.url);
  stranger.create(await optionsFor(browser, "/sign-up/passkey", { name: "Eve" }));
  assert.deepEqual(seen(await signIn(browser, stranger)), REFUSED);
  assert.deepEqual(seen(await signIn(browser, passkey, { origin: "https://elsewhere.example" })), REFUSED);
  assert.deepEqual(seen(await signIn(browser, passkey, { domain: "elsewhere.example" })), REFUSED);

  const options = await optionsFor(browser, "/sign-in/passkey");
  const forged = passkey.get(options);
  forged.response.signature = stranger.get(options).response.signature;
  assert.deepEqual(
    seen(await browser.postJson("/sign-in/passkey", { credential: forged, next: "/" })),
    REFUSED,
  );

  const renamed = passkey.get(await optionsFor(browser, "/sign-in/passkey"));
  renamed.response.userHandle = Buffer.from("somebody else").toString("base64url");
  assert.deepEqual(
    seen(await browser.postJson("/sign-in/passkey", { credential: renamed, next: "/" })),
    REFUSED,
  );

  const garbled = passkey.get(await optionsFor(browser, "/sign-in/passkey"));
  garbled.response.clientDataJSON = "AAAA";
  assert.deepEqual(
    seen(await browser.postJson("/sign-in/passkey", { credential: garbled, next: "/" })),
    REFUSED,
  );

  const { database, clock } = application.services;
  await database.updateTable("people").set({ disabledAt: clock.now() }).execute();
  assert.deepEqual(seen(await signIn(browser, passkey)), REFUSED);
  assert.equal(await isIn(browser), false);
});

test("a passkey leads only to a path of this site", async (t) => {
  const { application, passkey } = await ada(t);
  const browser = application.browser();
  const credential = passkey.get(await optionsFor(browser, "/sign-in/passkey"));
  const answer = await browser.postJson("/sign-in/passkey", { credential, next: "//elsewhere.example" });
  assert.equal(answer.body, '{"location":"/"}');
});

test("a name that cannot be had is refused before a passkey is made", async (t) => {
  const application = await startApplication(t, { SIGN_UPS_PER_HOUR: "3" });
  await signedUp(application, "Ada");
  const browser = application.browser();
  const ask = (name: string) => browser.postJson("/sign-up/passkey/options", { name });
  assert.deepEqual(seen(await ask("  ")), { status: 400, body: '{"message":"Please enter a name."}' });
  assert.equal((await ask("a\u0000")).status, 400);
  const taken = await ask(" ADA ");
  assert.equal(taken.status, 409);
  assert.match(taken.body, /This name is taken/);
  assert.equal((await ask("Bob")).status, 200);
  const late = await ask("Cleo");
  assert.equal(late.status, 429);
  assert.equal(late.headers["retry-after"], "3600");
  assert.match(late.body, /Too many attempts/);
});

test("a name that was taken meanwhile makes no account, and no passkey", async (t) => {
  const application = await startApplication(t);
  const [first, second] = [application.browser(), application.browser()];
  const passkey = new Authenticator(application.url);
  const options = await optionsFor(first, "/sign-up/passkey", { name: "Ada" });
  await signUp(second, new Authenticator(application.url), "Ada");
  const late = await first.postJson("/sign-up/passkey", { credential: passkey.create(options), next: "/" });
  assert.equal(late.status, 409);
  assert.deepEqual(seen(await signIn(first, passkey)), REFUSED);
});

test("P11: the passkey of one account cannot be given to another", async (t) => {
  const { application, passkey } = await ada(t);
  const bob = await signedUp(application, "Bob");
  assert.equal((await add(bob, passkey)).status, 403);
  assert.deepEqual(await audited(application, "passkey.add"), ["failed: passkey: already somebody’s"]);
});

test("P11: what was asked for one thing is no answer to another", async (t) => {
  const { application, browser, passkey } = await ada(t);
  const stray = new Authenticator(application.url);
  const signingUp = stray.create(await optionsFor(browser, "/sign-up/passkey", { name: "Bob" }));
  assert.equal((await browser.postJson("/account/passkeys", { credential: signingUp })).status, 403);
  const adding = passkey.get(await optionsFor(browser, "/account/passkeys", { label: "Phone" }));
  assert.equal((await browser.postJson("/sign-in/passkey", { credential: adding, next: "/" })).status, 403);
});

test("scripts that send nonsense get JSON: 400, and 415 for a form", async (t) => {
  const application = await startApplication(t);
  const browser = application.browser();
  assert.deepEqual(seen(await browser.postJson("/sign-in/passkey", { credential: {} })), {
    status: 400,
    body: '{"error":400}',
  });
  assert.equal((await browser.post("/sign-in/passkey", { next: "/" })).status, 415);
});

test("one address can ask for 300 challenges in a quarter of an hour, and others are not held up by it", async (t) => {
  const application = await startApplication(t, { TRUSTED_PROXIES: "127.0.0.1" });
  const from = (address: string) =>
    application.browser({ "X-Forwarded-For": address }).postJson("/sign-in/passkey/options", {});
  const answers = await Promise.all(Array.from({ length: 302 }, () => from("192.0.2.1")));
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(refused.length, 2);
  assert.match(refused[0]?.headers["retry-after"] ?? "", /^[1-9]\d*$/);
  assert.equal((await from("192.0.2.2")).status, 200);
});
