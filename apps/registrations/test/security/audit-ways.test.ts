// P12 of the security requirements, way by way: however somebody signs up or in, that it worked, that it did not and that
// it was not let try are events of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Authenticator } from "../passkeys/authenticator.ts";
import { add, optionsFor, signIn, signUp } from "../passkeys/visits.ts";
import { events } from "../providers/checks.ts";
import { pass, startWithProviders } from "../providers/provider.ts";
import { type Application, PASSWORD, signedUp } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";

/** Does something, and answers its status with the events that it left: action, result, target and detail. */
async function left(application: Application, act: () => Promise<Answer>) {
  const before = events(application).length;
  const { status } = await act();
  const told = events(application).slice(before);
  return {
    status,
    events: told.map(({ action, result, target, detail }) => [action, result, target, detail].join(" | ")),
  };
}

const account = (name: string) => ({ name, password: PASSWORD });

/** A browser that a provider has vouched for, under an identity that nobody here has. */
async function newcomer(application: Application, login: string): Promise<Browser> {
  const browser = application.browser();
  await pass(browser, "school", login);
  return browser;
}

test("P12: each way of signing up tells who made an account, and who found the name taken", async (t) => {
  const { application } = await startWithProviders(t);
  const { browser, url } = application;
  await signedUp(application, "Ada");
  const bob = application.browser();
  assert.deepEqual(await left(application, () => bob.post("/sign-up", account("Ada"))), {
    status: 409,
    events: ["sign-up | failed | Ada | "],
  });
  assert.deepEqual(
    await left(application, () => browser().postJson("/sign-up/passkey/options", { name: "Ada" })),
    { status: 409, events: ["sign-up | failed | Ada | passkey"] },
  );
  const late = new Authenticator(url);
  const credential = late.create(await optionsFor(bob, "/sign-up/passkey", { name: "Cleo" }));
  await signedUp(application, "Cleo");
  assert.deepEqual(
    await left(application, () => bob.postJson("/sign-up/passkey", { credential, next: "/" })),
    { status: 409, events: ["sign-up | failed | Cleo | passkey"] },
  );
  assert.deepEqual(await left(application, () => signUp(bob, new Authenticator(url), "Bob")), {
    status: 200,
    events: ["sign-up | done |  | passkey", "sign-in | done |  | passkey"],
  });
  const dora = await newcomer(application, "dora");
  assert.deepEqual(await left(application, () => dora.post("/providers/choose-name", { name: "Ada" })), {
    status: 409,
    events: ["sign-up | failed | Ada | provider:school"],
  });
  assert.deepEqual(await left(application, () => dora.post("/providers/choose-name", { name: "Dora" })), {
    status: 303,
    events: ["sign-up | done |  | provider:school", "sign-in | done |  | provider:school"],
  });
});

test("P12: each way of signing up tells who was not let try", async (t) => {
  const { application } = await startWithProviders(t, { SIGN_UPS_PER_HOUR: "1" });
  const { browser } = application;
  const eve = await newcomer(application, "eve");
  await signedUp(application, "Ada");
  const tries: [detail: string, act: () => Promise<Answer>][] = [
    ["throttled", () => browser().post("/sign-up", account("Eve"))],
    ["passkey: throttled", () => browser().postJson("/sign-up/passkey/options", { name: "Eve" })],
    ["provider:school: throttled", () => eve.post("/providers/choose-name", { name: "Eve" })],
  ];
  for (const [detail, act] of tries)
    assert.deepEqual(await left(application, act), {
      status: 429,
      events: [`sign-up | denied |  | ${detail}`],
    });
});

test("P12: each way of signing in tells who came in, who did not, and who was not let try", async (t) => {
  const { application } = await startWithProviders(t);
  const { browser, url } = application;
  const ada = await signedUp(application, "Ada");
  const passkey = new Authenticator(url);
  assert.equal((await add(ada, passkey)).status, 200);
  assert.deepEqual(await left(application, () => browser().post("/sign-in", account("Ada"))), {
    status: 303,
    events: ["sign-in | done |  | password"],
  });
  assert.deepEqual(await left(application, () => signIn(browser(), passkey)), {
    status: 200,
    events: ["sign-in | done |  | passkey"],
  });
  assert.deepEqual(await left(application, () => signIn(browser(), passkey, { userVerified: false })), {
    status: 403,
    events: ["sign-in | failed | Ada | passkey: not verified"],
  });
  let answer = await browser().postJson("/sign-in/passkey/options", {});
  while (answer.status === 200) answer = await browser().postJson("/sign-in/passkey/options", {});
  const throttled: [event: string, act: () => Promise<Answer>][] = [
    ["sign-in | denied |  | passkey: throttled", () => browser().postJson("/sign-in/passkey/options", {})],
    ["identity.confirm | denied |  | passkey: throttled", () => ada.postJson("/sign-in/passkey/options", {})],
    [
      "sign-in | denied | school | throttled",
      () => browser().post("/providers/school", { purpose: "sign-in" }),
    ],
    [
      "identity.confirm | denied | school | throttled",
      () => ada.post("/providers/school", { purpose: "confirm" }),
    ],
    ["provider.link | denied | school | throttled", () => ada.post("/providers/school/link")],
  ];
  for (const [event, act] of throttled)
    assert.deepEqual(await left(application, act), { status: 429, events: [event] });
});
