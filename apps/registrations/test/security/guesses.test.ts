// P4 and P5 of the security requirements: guessing passwords is slow for those who guess and for nobody else, and it
// does not tell who has an account.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { signedIn } from "../support/people.ts";
import { auditOf } from "./probes.ts";

const MINUTE = 60_000;
/** A server that believes what it is told about addresses, so that a test can come from any. */
const ANYWHERE = { TRUSTED_PROXIES: "all" };
const at = (address: string) => ({ "X-Forwarded-For": address });

/** Counts the passwords that are really looked at. */
function verifications(t: TestContext, { services: { passwords } }: Application): () => number {
  const verify = t.mock.method(passwords, "verify");
  return () => verify.mock.callCount();
}

function guess(browser: Browser, name = "Ada", password = "a guess"): Promise<Answer> {
  return browser.post("/sign-in", { name, password });
}

/** As many at once as asked for, each in a browser of its own. */
function atOnce<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

eachDatabase("P4: of a hundred parallel guesses from one address five are looked at", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const ada = await signedUp(application, "Ada");
  const looked = verifications(t, application);
  const answers = await atOnce(100, () => guess(application.browser()));
  assert.equal(looked(), 5);
  assert.equal(answers.filter(({ status }) => status === 400).length, 5);
  assert.equal(answers.filter(({ status }) => status === 429).length, 95);
  const late = await guess(application.browser(), "Ada", PASSWORD);
  assert.equal(late.status, 429);
  assert.equal(looked(), 5, "the right one comes too late");
  assert.equal(
    (await guess(application.browser(), " ADA ", PASSWORD)).status,
    429,
    "another spelling is the same account",
  );

  // Their own browser is not a stranger's, though it comes from the same address.
  await ada.post("/sign-out");
  assert.equal((await guess(ada, "Ada", PASSWORD)).status, 303);

  // The counts are where another process, or this one after a restart, finds them.
  const again = await startApplication(t, { DATABASE_URL: url });
  assert.equal((await guess(again.browser(), "Ada", PASSWORD)).status, 429);

  application.clock.advance(15 * MINUTE);
  assert.equal((await guess(application.browser(), "Ada", PASSWORD)).status, 303);
});

eachDatabase(
  "P4: guesses at one account from everywhere are limited together, but not its owner",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url, ...ANYWHERE });
    const ada = await signedUp(application, "Ada");
    await ada.post("/sign-out");
    const looked = verifications(t, application);
    await atOnce(100, (index) => guess(application.browser(at(`203.0.113.${index}`))));
    assert.equal(looked(), 40);
    assert.equal((await guess(application.browser(at("198.51.100.1")), "Ada", PASSWORD)).status, 429);
    assert.equal((await guess(ada, "Ada", PASSWORD)).status, 303);
    assert.equal(
      (await guess(application.browser(at("198.51.100.1")), "Bob")).status,
      400,
      "others are not concerned",
    );
  },
);

eachDatabase("P4: guesses at many accounts from one address are limited together", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url, ...ANYWHERE });
  const looked = verifications(t, application);
  // One household: they all have one network of the address's second half to themselves.
  await atOnce(150, (index) => guess(application.browser(at(`2001:db8::${index}`)), `Person ${index}`));
  assert.equal(looked(), 100);
  assert.equal((await guess(application.browser(at("2001:db8:0:0:ffff::1")), "Somebody else")).status, 429);
  assert.equal((await guess(application.browser(at("2001:db8:0:1::1")), "Somebody else")).status, 400);
});

test("P4: the browser that knows an account is limited as well, and knows no other", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await signedUp(application, "Bob");
  await ada.post("/sign-out");
  const looked = verifications(t, application);
  await atOnce(50, () => guess(ada));
  assert.equal(looked(), 10);
  await atOnce(50, () => guess(ada, "Bob"));
  assert.equal(looked(), 15);
});

test("P4: whoever sits at a stolen session guesses no faster", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const looked = verifications(t, application);
  const answers = await atOnce(50, (index) =>
    index % 2 === 0
      ? ada.post("/confirm-identity", { password: "a guess" })
      : ada.post("/account/password", { currentPassword: "a guess", newPassword: `${PASSWORD}, or two` }),
  );
  assert.equal(looked(), 10);
  assert.equal(answers.filter(({ status }) => status === 429).length, 40);
});

test("P4: a success costs nothing, however often", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  for (let time = 0; time < 12; time++) await signedIn(application, "Ada");
});

test("P4: who has to wait is told how long, in words and for programs", async (t) => {
  const application = await startApplication(t);
  await atOnce(5, () => guess(application.browser()));
  const { status, headers, body } = await guess(application.browser());
  assert.equal(status, 429);
  assert.equal(headers["retry-after"], "900");
  assert.match(body, /<title>Sign in · /);
  assert.match(body, /role="alert"[\s\S]*Please try again in 15 minutes\./);
  assert.match(body, /<form method="post" action="\/sign-in">/);
});

test("P4: accounts are made at a limited pace, and names cannot be tried out faster", async (t) => {
  const application = await startApplication(t, { SIGN_UPS_PER_HOUR: "5" });
  const statuses = (
    await atOnce(10, (index) =>
      application.browser().post("/sign-up", { name: `Person ${index % 5}`, password: PASSWORD }),
    )
  ).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 429).length, 5);
  const refused = (await auditOf(application)).filter(
    ({ action, result }) => action === "sign-up" && result === "denied",
  );
  assert.equal(refused.length, 5);
});

/** Reasons for which a sign-in fails. All names are equally long, so that the pages are. */
const FAILURES: Readonly<Record<string, readonly [name: string, password: string]>> = {
  "an unknown name": ["Unknown", PASSWORD],
  "a wrong password": ["Ada Ada", "wrong"],
  "a disabled account": ["Bob Bob", PASSWORD],
  "an account without a password": ["Eve Eve", PASSWORD],
};

test("P5: why a sign-in failed shows in nothing: status, headers, page, nor the work that it took", async (t) => {
  const application = await startApplication(t);
  const { database, clock } = application.services;
  for (const name of ["Ada Ada", "Bob Bob", "Eve Eve"]) await signedUp(application, name);
  await database
    .updateTable("people")
    .set({ disabledAt: clock.now() })
    .where("name", "=", "Bob Bob")
    .execute();
  await database.updateTable("people").set({ passwordHash: null }).where("name", "=", "Eve Eve").execute();
  const hashed = t.mock.method(application.services.passwords, "hash");
  const looked = verifications(t, application);
  for (const status of [400, 400, 400, 400, 400, 429]) {
    const answers = [];
    for (const [name, password] of Object.values(FAILURES)) {
      const before = looked();
      const answer = await guess(application.browser(), name, password);
      const { date, ...headers } = answer.headers;
      assert.ok(date);
      answers.push({
        status: answer.status,
        headers,
        body: answer.body.replaceAll(name, "…"),
        work: looked() - before,
      });
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.status, status);
    assert.equal(answers[0]?.work, status === 400 ? 1 : 0);
  }
  assert.equal(hashed.mock.callCount(), 0);
});

test("P5: a disabled account answers to its right password as to a wrong one", async (t) => {
  const application = await startApplication(t);
  const { database, clock } = application.services;
  const bob = await signedUp(application, "Bob");
  await bob.post("/sign-out");
  await database.updateTable("people").set({ disabledAt: clock.now() }).execute();
  const [right, wrong] = [await guess(bob, "Bob", PASSWORD), await guess(bob, "Bob", "wrong")];
  assert.equal(right.status, 400);
  assert.equal(right.body, wrong.body);
  assert.equal(right.headers["set-cookie"], undefined);
});
