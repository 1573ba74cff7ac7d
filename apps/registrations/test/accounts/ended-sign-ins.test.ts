// What a new password ends: every other sign-in and whatever they had under way, also where the store of sessions fails.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreError } from "vestiaire";
import { createLink } from "../../src/accounts/one-time-links.ts";
import { isStillIn, setPassword } from "../../src/accounts/people.ts";
import { Authenticator } from "../passkeys/authenticator.ts";
import { add } from "../passkeys/visits.ts";
import { startWithLiar } from "../providers/liar.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, idOf, rowOf, signedIn } from "../support/people.ts";

const OWNERS = "a lantern over eleven wet stairs";
const THIEFS = "nine loud umbrellas in a row";

/** The path of a new link with which Ada chooses a password. */
async function linkFor({ services }: Application, personId: string): Promise<string> {
  const { database, clock } = services;
  return `/reset/${await createLink(database, { purpose: "reset", personId }, clock.now())}`;
}

/** Ada's browser after she chose a new password with a link. */
async function afterReset(application: Application): Promise<Browser> {
  const owner = application.browser();
  const path = await linkFor(application, await idOf(application, "Ada"));
  assert.equal((await owner.post(path, { newPassword: OWNERS })).status, 303);
  return owner;
}

const statusOfSignIn = async (application: Application, password: string) =>
  (await application.browser().post("/sign-in", { name: "Ada", password })).status;

/** Lets nobody begin a transaction until it is told to; `reached` says that somebody wants to. */
function heldTransactions(t: TestContext, { services: { database } }: Application) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const transaction = database.transaction.bind(database);
  const mock = t.mock.method(database, "transaction", () => {
    mock.mock.restore();
    reached.resolve();
    const builder = transaction();
    const execute: typeof builder.execute = async (work) => {
      await released.promise;
      return builder.execute(work);
    };
    return Object.assign(Object.create(builder), { execute });
  });
  return { reached: reached.promise, release: released.resolve };
}

test("P7: a change of the password that is under way does not undo a reset, nor end its session", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const thief = await signedIn(application, "Ada");
  const { passwords } = application.services;
  const hash = passwords.hash.bind(passwords);
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  t.mock.method(passwords, "hash", async (password: string) => {
    if (password === THIEFS) {
      reached.resolve();
      await released.promise;
    }
    return hash(password);
  });
  const late = thief.post("/account/password", { currentPassword: PASSWORD, newPassword: THIEFS });
  await reached.promise;
  const owner = await afterReset(application);
  released.resolve();
  assert.equal((await late).headers.location, "/account/password");
  assert.equal((await owner.get("/account")).status, 200);
  assert.equal((await thief.get("/account")).status, 303);
  assert.equal(await statusOfSignIn(application, THIEFS), 400);
  assert.equal(await statusOfSignIn(application, OWNERS), 303);
  assert.equal((await audited(application, "password.change", "failed")).length, 1);
});

test("P7: of two changes of the password at once one is made, and the other's form comes back", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const { reached, release } = heldTransactions(t, application);
  const late = ada.post("/account/password", { currentPassword: PASSWORD, newPassword: THIEFS });
  await reached;
  const change = { currentPassword: PASSWORD, newPassword: OWNERS };
  assert.equal((await ada.post("/account/password", change)).headers.location, "/account");
  release();
  const form = await ada.follow(await late);
  assert.match(form.body, /role="alert">Your password was changed elsewhere in the meantime/);
  assert.match(form.body, /<h1>Change the password<\/h1>/);
  assert.equal(await statusOfSignIn(application, OWNERS), 303);
});

test("P7: a passkey that is being added when the password is reset opens nothing", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const thief = await signedIn(application, "Ada");
  const { reached, release } = heldTransactions(t, application);
  const late = add(thief, new Authenticator(application.url));
  await reached;
  await afterReset(application);
  release();
  assert.equal((await late).status, 403);
  assert.deepEqual(await application.services.database.selectFrom("passkeys").select("id").execute(), []);
  assert.equal((await audited(application, "passkey.add", "denied")).length, 1);
});

test("P7: a provider that is being linked when the password is reset opens nothing", async (t) => {
  const { application, answer } = await startWithLiar(t);
  await signedUp(application, "Ada");
  const thief = await signedIn(application, "Ada");
  const back = await answer(thief, {}, "link");
  const { reached, release } = heldTransactions(t, application);
  const late = thief.get(back);
  await reached;
  await afterReset(application);
  release();
  assert.equal((await late).status, 400);
  const { database } = application.services;
  assert.deepEqual(await database.selectFrom("identities").select("subject").execute(), []);
});

eachDatabase(
  "P7: what is under way waits for the new password, and is then seen to be over",
  async ({ database }) => {
    const row = { id: "a", name: "a", nameKey: "a", passwordHash: "old", administrator: 0, disabledAt: null };
    await database
      .insertInto("people")
      .values({ ...row, createdAt: 0 })
      .execute();
    const ada = { id: "a", name: "a", isAdministrator: false, isDisabled: false, hasPassword: true };
    const before = { ...ada, createdAt: 0, securityStamp: 0 };
    const ended = database.transaction().execute(async (transaction) => {
      const changed = await setPassword(transaction, before, "new");
      return changed?.securityStamp;
    });
    const added = database.transaction().execute((transaction) => isStillIn(transaction, before));
    assert.deepEqual(await Promise.all([ended, added]), [1, false]);
    assert.equal(await setPassword(database, before, "newer"), null);
  },
);

/** Ways to choose a new password, from a browser in which Ada is signed in. */
const ways: Readonly<Record<string, (application: Application, browser: Browser) => Promise<Answer>>> = {
  "a change": (_application, browser) =>
    browser.post("/account/password", { currentPassword: PASSWORD, newPassword: OWNERS }),
  "a reset": async (application, browser) =>
    browser.post(await linkFor(application, await idOf(application, "Ada")), { newPassword: OWNERS }),
};

for (const [way, choose] of Object.entries(ways)) {
  test(`P7: after ${way} every other session is out, though the store could not end them`, async (t) => {
    const application = await startApplication(t);
    const ada = await signedUp(application, "Ada");
    const thief = await signedIn(application, "Ada");
    const { sessions } = application.services;
    t.mock.method(sessions, "endAllOf", async () => {
      throw new StoreError("STORE_FAILED", "end the user's sessions", "it is away");
    });
    assert.equal((await choose(application, ada)).headers.location, "/account");
    assert.equal((await thief.get("/account")).headers.location, "/sign-in?next=%2Faccount");
    assert.equal((await thief.get("/confirm-identity")).status, 303);
    assert.equal((await ada.get("/account")).status, 200);
    // Whoever was put out signs in; they do not confirm who they are.
    const signIns = (await audited(application, "sign-in", "done")).length;
    assert.equal((await thief.post("/sign-in", { name: "Ada", password: OWNERS })).status, 303);
    assert.equal((await thief.get("/account")).status, 200);
    assert.equal((await audited(application, "sign-in", "done")).length, signIns + 1);
    assert.ok(application.logged.some((line) => line.includes("ended sessions are still in the store")));
  });
}

test("P9: while the store is away a link is not used up, and no password is changed", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const path = await linkFor(application, await idOf(application, "Ada"));
  const before = await rowOf(application, "Ada");
  const mock = t.mock.method(application.services.sessions, "ofUser", async () => {
    throw new StoreError("STORE_FAILED", "list the user's sessions", "it is away");
  });
  assert.equal((await application.browser().post(path, { newPassword: OWNERS })).status, 503);
  assert.deepEqual(await rowOf(application, "Ada"), before);
  mock.mock.restore();
  assert.equal((await application.browser().post(path, { newPassword: OWNERS })).status, 303);
});

for (const [way, choose] of Object.entries(ways)) {
  test(`after ${way} the account page tells of the other ways in, and how to be rid of them`, async (t) => {
    const application = await startApplication(t);
    const { database, passwords } = application.services;
    const ada = await signedUp(application, "Ada");
    const none = await ada.follow(await choose(application, ada));
    assert.doesNotMatch(none.body, /still open/);
    const passwordHash = await passwords.hash(PASSWORD);
    await database.updateTable("people").set({ passwordHash }).execute();
    await add(ada, new Authenticator(application.url), "Phone");
    const one = await ada.follow(await choose(application, ada));
    assert.match(
      one.body,
      /role="status">Your (?:new )?password is [^<]*One other way still opens your account/,
    );
    assert.match(one.body, /href="\/account\/passkeys\/[^/"]+\/remove"/);
  });
}
