// Answers that do not belong to their request, tried against real OpenID Connect providers: each is refused, changes
// nothing, and is written down.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { assertRefused, whoIs } from "./checks.ts";
import {
  destination,
  identify,
  joined,
  listen,
  NOBODY,
  pass,
  settingsOf,
  startWithProviders,
} from "./provider.ts";

/** Goes to a provider to sign in, and answers the address that it sends the browser back to. */
async function wayBack(browser: Browser, provider = "google", login = "ada"): Promise<URL> {
  return identify(destination(await browser.post(`/providers/${provider}`, { purpose: "sign-in" })), login);
}

function changed(url: URL, name: string, value: string | null): string {
  const copy = new URL(url);
  if (value === null) copy.searchParams.delete(name);
  else copy.searchParams.set(name, value);
  return copy.href;
}

test("P10: an answer with a parameter changed is refused", async (t) => {
  const place = await startWithProviders(t);
  const { application, school } = place;
  await joined(place, "google", "ada", "Ada");
  const changes = [
    { name: "state", value: "another", detail: /"state"/ },
    { name: "state", value: null, detail: /"state".*missing/ },
    { name: "iss", value: school, detail: /"iss"/ },
    { name: "iss", value: null, detail: /"iss".*missing/ },
    { name: "code", value: "another", detail: /^unverified/ },
    { name: "code", value: null, detail: /code/ },
  ] as const;
  for (const { name, value, detail } of changes) {
    await t.test(`${name} ${value === null ? "missing" : "wrong"}`, async () => {
      const browser = application.browser();
      const back = await wayBack(browser);
      await assertRefused(application, browser, () => browser.get(changed(back, name, value)), { detail });
      // The attempt used the request up: the right answer is too late.
      await assertRefused(application, browser, () => browser.get(back.href), { detail: /answered already/ });
    });
  }
});

test("P10: an answer is good once, also when it comes twice at the same time", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const browser = application.browser();
  const back = await wayBack(browser);
  const copies = await Promise.all([1, 2, 3].map(() => browser.get(back.href)));
  assert.deepEqual(copies.map(({ status }) => status).sort(), [303, 400, 400]);
  const ada = application.browser();
  const used = await wayBack(ada);
  await ada.get(used.href);
  assert.equal(await whoIs(ada), "Ada");
  await assertRefused(application, ada, () => ada.get(used.href), { detail: /answered already/ });
});

test("P10: an answer is good only in the browser that asked", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const [ada, other] = [application.browser(), application.browser()];
  const back = await wayBack(ada);
  await assertRefused(application, other, () => other.get(back.href), { detail: /nothing was asked/ });
  await wayBack(other);
  await assertRefused(application, other, () => other.get(back.href), { detail: /"state"/ });
  await ada.get(back.href);
  assert.equal(await whoIs(ada), "Ada");
});

test("P10: somebody else's code does not pass under one's own state", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const [ada, thief] = [application.browser(), application.browser()];
  const stolen = (await wayBack(ada)).searchParams.get("code");
  const own = await wayBack(thief, "google", "thief");
  await assertRefused(application, thief, () => thief.get(changed(own, "code", stolen)), {
    detail: /^unverified/,
  });
});

test("P10: one provider's answer is refused at the other's address", async (t) => {
  const place = await startWithProviders(t);
  const { application, school } = place;
  await joined(place, "google", "ada", "Ada");
  const browser = application.browser();
  const atSchool = (url: URL) => `/providers/school/callback${url.search}`;
  const back = await wayBack(browser);
  await assertRefused(application, browser, () => browser.get(atSchool(back)), {
    detail: /the request went to google/,
  });
  // The request went to the school, and an answer of Google's is passed off as the school's.
  const { searchParams } = await wayBack(browser, "school", "bob");
  const mixed = new URL(await wayBack(application.browser()));
  mixed.searchParams.set("state", searchParams.get("state") ?? "");
  await assertRefused(application, browser, () => browser.get(atSchool(mixed)), { detail: /"iss"/ });
  await wayBack(browser, "school", "bob");
  mixed.searchParams.set("iss", school);
  await assertRefused(application, browser, () => browser.get(atSchool(mixed)), { detail: /^unverified/ });
});

test("P10: an answer after more than ten minutes is refused", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const browser = application.browser();
  const late = await wayBack(browser);
  application.clock.advance(600_001);
  await assertRefused(application, browser, () => browser.get(late.href), { detail: /expired/ });
  const inTime = await wayBack(browser);
  application.clock.advance(600_000);
  assert.equal((await browser.get(inTime.href)).status, 303);
});

test("P10: whoever started must be the one who finishes", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  const ada = await signedUp(application, "Ada");
  await signedUp(application, "Bob");
  const start = destination(await ada.post("/providers/google/link"));
  const back = await identify(start, "ada");
  await ada.post("/sign-out");
  await assertRefused(application, ada, () => ada.get(back.href), { detail: /^stale/ });

  const browser = application.browser();
  const begun = await wayBack(browser, "google", "bob");
  await browser.post("/sign-in", { name: "Ada", password: PASSWORD });
  await assertRefused(application, browser, () => browser.get(begun.href), {
    detail: /somebody else is signed in/,
  });
});

test("P10: a refusal at the provider is told as one, and leads back to where it began", async (t) => {
  const { application } = await startWithProviders(t);
  const browser = application.browser();
  const asked = await browser.post("/providers/google", { purpose: "sign-up", next: "/registrations" });
  const back = await identify(destination(asked), NOBODY);
  assert.equal(back.searchParams.get("error"), "access_denied");
  await assertRefused(
    application,
    browser,
    async () => {
      const answer = await browser.get(back.href);
      assert.match(answer.body, /You stopped at Google\. Nothing was changed\./);
      assert.match(answer.body, /href="\/sign-up\?next=%2Fregistrations"/);
      return answer;
    },
    { action: "sign-up", detail: /^cancelled: access_denied$/ },
  );
});

test("P10: a provider that is down stops nobody else, and is asked again the next time", async (t) => {
  const { server, issuer } = await listen(t);
  let healthy = false;
  server.on("request", (_, response) => {
    response.writeHead(healthy ? 200 : 500, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize` }));
  });
  const application = await startApplication(t, {
    OIDC_PROVIDERS: "google",
    ...settingsOf("google", issuer),
  });
  const ada = await signedUp(application, "Ada");
  const link = () => ada.post("/providers/google/link");
  const refusal = { action: "provider.link", detail: /^unavailable: ./, status: 503 };
  await assertRefused(application, ada, link, refusal);
  assert.match((await link()).body, /Google cannot be reached at present/);
  healthy = true;
  assert.match((await link()).body, /Taking you to Google/);
});

test("P10: what people see of a refusal is in their language", async (t) => {
  const { application } = await startWithProviders(t);
  const browser = application.browser({ "Accept-Language": "fr" });
  const answer = await browser.get("/providers/google/callback?state=1&code=1");
  assert.match(answer.body, /Cela n’a pas abouti avec Google/);
  assert.equal((await pass(browser, "google", "ada")).status, 303);
});
