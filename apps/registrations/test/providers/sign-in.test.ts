// Signing up and in, linking, confirming and unlinking by real OpenID Connect providers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { identitiesOf } from "../../src/providers/identities.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { Browser } from "../support/browser.ts";
import { accounts, assertRefused, events, whoIs } from "./checks.ts";
import { destination, identify, joined, pass, startWithProviders } from "./provider.ts";

test("P10: a newcomer chooses a name, has an account, and comes back by the provider", async (t) => {
  const { application, google } = await startWithProviders(t);
  const ada = application.browser();
  const unknown = await pass(ada, "google", "ada", { purpose: "sign-up", next: "/registrations?x=1" });
  assert.equal(unknown.headers.location, "/providers/choose-name");
  assert.deepEqual((await accounts(application)).people, []);
  const asked = await ada.get("/providers/choose-name");
  assert.match(asked.body, /Google has confirmed who you are/);
  assert.match(asked.body, /value="ada of the web"/);
  const made = await ada.post("/providers/choose-name", { name: "Ada" });
  assert.equal(made.headers.location, "/registrations?x=1");
  assert.equal(await whoIs(ada), "Ada");
  const { people, identities } = await accounts(application);
  assert.equal(people[0]?.passwordHash, null);
  assert.partialDeepStrictEqual(identities, [{ issuer: google, subject: "ada", personId: people[0]?.id }]);

  const elsewhere = application.browser();
  application.clock.advance(60_000);
  const back = await pass(elsewhere, "google", "ada");
  assert.equal(back.headers.location, "/registrations");
  assert.equal(await whoIs(elsewhere), "Ada");
  const [used] = (await accounts(application)).identities;
  assert.equal(used?.lastUsedAt, application.clock.now());
  assert.equal(used?.createdAt, application.clock.now() - 60_000);
  const [signUp, , signIn] = events(application);
  assert.partialDeepStrictEqual(signUp, { action: "sign-up", result: "done", detail: "provider:google" });
  assert.partialDeepStrictEqual(signIn, { action: "sign-in", result: "done", actorName: "Ada" });
});

test("P10: a request carries state, nonce and PKCE, and asks for no e-mail address", async (t) => {
  const { application } = await startWithProviders(t);
  const one = destination(await application.browser().post("/providers/google", { purpose: "sign-in" }));
  const other = destination(await application.browser().post("/providers/google", { purpose: "sign-in" }));
  for (const name of ["state", "nonce", "code_challenge"]) {
    assert.match(one.searchParams.get(name) ?? "", /^[\w-]{43}$/);
    assert.notEqual(one.searchParams.get(name), other.searchParams.get(name));
  }
  assert.equal(one.searchParams.get("code_challenge_method"), "S256");
  assert.equal(one.searchParams.get("response_type"), "code");
  assert.equal(one.searchParams.get("scope"), "openid profile");
  assert.equal(one.searchParams.get("redirect_uri"), `${application.url}/providers/google/callback`);
});

test("P10: same name and same verified e-mail at another provider do not reach the account", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const stranger = application.browser();
  const answer = await pass(stranger, "school", "ada");
  assert.equal(answer.headers.location, "/providers/choose-name");
  assert.equal(await whoIs(stranger), null);
  assert.equal((await stranger.post("/providers/choose-name", { name: "ada" })).status, 409);
  await stranger.post("/providers/choose-name", { name: "Another Ada" });
  const { people, identities } = await accounts(application);
  assert.equal(people.length, 2);
  assert.equal(new Set(identities.map(({ personId }) => personId)).size, 2);
});

test("P10: a person links both providers, and either signs them in", async (t) => {
  const { application } = await startWithProviders(t);
  const ada = await signedUp(application, "Ada");
  for (const [provider, label] of [
    ["google", "Google"],
    ["school", "School"],
  ] as const) {
    const start = await ada.post(`/providers/${provider}/link`);
    const linked = await ada.get((await identify(destination(start), "ada")).href);
    assert.equal(linked.headers.location, "/account");
    assert.match((await ada.get("/")).body, new RegExp(`${label} is linked to your account`));
    assert.partialDeepStrictEqual(events(application).at(-1), {
      action: "provider.link",
      result: "done",
      actorName: "Ada",
      target: provider,
    });
    const elsewhere = application.browser();
    await pass(elsewhere, provider, "ada");
    assert.equal(await whoIs(elsewhere), "Ada");
  }
  assert.equal((await accounts(application)).people.length, 1);
});

test("the account page shows what is linked and what could be; nothing where there are no providers", async (t) => {
  const place = await startWithProviders(t);
  const ada = await joined(place, "google", "ada", "Ada");
  const { body } = await ada.get("/account");
  assert.match(body, /ada of the web · Linked on /);
  assert.match(body, new RegExp(await unlinkPath(place.application, "Ada")));
  assert.match(body, /action="\/providers\/school\/link"/);
  assert.doesNotMatch(body, /action="\/providers\/google\/link"/);
  const alone = await signedUp(await startApplication(t), "Ada");
  assert.doesNotMatch((await alone.get("/account")).body, /id="providers"|\/providers\//);
});

test("P10: linking needs a recent sign-in", async (t) => {
  const { application } = await startWithProviders(t);
  const ada = await signedUp(application, "Ada");
  application.clock.advance(600_000);
  assert.equal((await ada.post("/providers/google/link")).headers.location, "/confirm-identity?next=/resume");
  assert.match(
    (await application.browser().post("/providers/google/link")).headers.location ?? "",
    /^\/sign-in/,
  );
});

test("P10: an identity that is somebody's cannot be linked by anybody else", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const bob = await signedUp(application, "Bob");
  const back = await identify(destination(await bob.post("/providers/google/link")), "ada");
  await assertRefused(application, bob, () => bob.get(back.href), {
    action: "provider.link",
    detail: /^taken/,
  });
});

test("P10: confirming by a provider counts as a recent sign-in, and asks for a new one there", async (t) => {
  const { application, google } = await startWithProviders(t, { REAUTHENTICATE_AFTER: "1s" });
  const ada = application.browser();
  const there = new Browser(google);
  const signIn = destination(await ada.post("/providers/google", { purpose: "sign-in" }));
  await ada.get((await identify(signIn, "ada", there)).href);
  await ada.post("/providers/choose-name", { name: "Ada" });
  application.clock.advance(2_000);
  assert.match((await ada.post("/providers/school/link")).headers.location ?? "", /^\/confirm-identity/);

  const url = destination(await ada.post("/providers/google", { purpose: "confirm", next: "/resume" }));
  assert.equal(url.searchParams.get("prompt"), "login");
  assert.equal(url.searchParams.get("max_age"), "0");
  const confirmed = await ada.get((await identify(url, "ada", there)).href);
  assert.equal(confirmed.headers.location, "/resume");
  assert.partialDeepStrictEqual(events(application).at(-1), {
    action: "identity.confirm",
    result: "done",
    detail: "provider:google",
  });
  assert.match((await ada.post("/providers/school/link")).body, /Taking you to School/);
});

test("P10: nobody confirms who they are with somebody else's identity, or with one that nobody has", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  const bob = await joined(place, "google", "bob", "Bob");
  for (const login of ["ada", "carol"]) {
    const back = await identify(
      destination(await bob.post("/providers/google", { purpose: "confirm" })),
      login,
    );
    await assertRefused(application, bob, () => bob.get(back.href), {
      action: "identity.confirm",
      detail: /^other/,
    });
  }
});

test("P10: a disabled account is not entered by a provider, and learns no more than anybody", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  await joined(place, "google", "ada", "Ada");
  await application.services.database.updateTable("people").set({ disabledAt: 1 }).execute();
  const browser = application.browser();
  const back = await identify(
    destination(await browser.post("/providers/google", { purpose: "sign-in" })),
    "ada",
  );
  const refusal = { detail: /disabled/ };
  await assertRefused(
    application,
    browser,
    async () => {
      const answer = await browser.get(back.href);
      assert.doesNotMatch(answer.body, /disabled/i);
      return answer;
    },
    refusal,
  );
});

test("P10: unlinking asks first, takes only one's own, and keeps the last way in", async (t) => {
  const place = await startWithProviders(t);
  const { application } = place;
  const ada = await joined(place, "google", "ada", "Ada");
  const google = await unlinkPath(application, "Ada");
  assert.match((await ada.get(google)).body, /Unlink Google\?/);
  await ada.post(google);
  assert.match((await ada.get("/")).body, /Google is your only way into this account/);
  assert.partialDeepStrictEqual(events(application).at(-1), { action: "provider.unlink", result: "denied" });
  assert.equal((await accounts(application)).identities.length, 1);

  const bob = await signedUp(application, "Bob");
  assert.equal((await bob.get(google)).status, 404);
  assert.equal((await bob.post(google)).status, 404);
  assert.partialDeepStrictEqual(events(application).at(-1), { action: "access.denied", actorName: "Bob" });

  await ada.get((await identify(destination(await ada.post("/providers/school/link")), "ada")).href);
  assert.equal((await ada.post(google)).headers.location, "/account");
  assert.partialDeepStrictEqual(events(application).at(-1), { action: "provider.unlink", result: "done" });
  assert.equal((await accounts(application)).identities.length, 1);
  assert.equal(
    (await pass(application.browser(), "google", "ada")).headers.location,
    "/providers/choose-name",
  );

  application.clock.advance(600_000);
  assert.match(
    (await ada.get(await unlinkPath(application, "Ada"))).headers.location ?? "",
    /^\/confirm-identity/,
  );
});

test("P10: the verified identity of a newcomer makes one account, also when it is sent twice at once", async (t) => {
  const { application } = await startWithProviders(t);
  const ada = application.browser();
  await pass(ada, "google", "ada");
  const { promise: oneAnswered, resolve: release } = Promise.withResolvers<void>();
  // Whoever is about to make the account waits there, until the other was answered or is there as well.
  let there = 0;
  t.mock.method(application.services.throttle, "signUp", async () => {
    if (++there === 2) release();
    await oneAnswered;
    return 0;
  });
  const copies = [1, 2].map((n) => ada.post("/providers/choose-name", { name: `Ada ${n}` }));
  await Promise.race(copies).then(() => release());
  const locations = (await Promise.all(copies)).map(({ headers }) => headers.location);
  assert.deepEqual(locations.sort(), ["/registrations", "/sign-up"]);
  assert.equal((await accounts(application)).people.length, 1);
});

test("P10: the verified identity of a newcomer waits ten minutes, and not for who signed in otherwise", async (t) => {
  const { application } = await startWithProviders(t);
  const late = application.browser();
  await pass(late, "google", "bob");
  application.clock.advance(600_001);
  assert.equal((await late.get("/providers/choose-name")).headers.location, "/sign-up");
  assert.equal((await late.post("/providers/choose-name", { name: "Bob" })).headers.location, "/sign-up");

  await signedUp(application, "Ada");
  const ada = application.browser();
  await pass(ada, "google", "ada");
  await ada.post("/sign-in", { name: "Ada", password: PASSWORD });
  assert.equal((await ada.get("/providers/choose-name")).headers.location, "/sign-up");
  const answer = await ada.post("/providers/choose-name", { name: "Another" });
  assert.equal(answer.headers.location, "/registrations");
  assert.equal(await whoIs(ada), "Ada");
  assert.equal((await accounts(application)).people.length, 1);
});

test("P10: a newcomer whose identity was linked in the meantime gets no second account", async (t) => {
  const { application } = await startWithProviders(t);
  const [phone, laptop] = [application.browser(), application.browser()];
  await pass(phone, "google", "ada");
  await pass(laptop, "google", "ada");
  await phone.post("/providers/choose-name", { name: "Ada" });
  const late = () => laptop.post("/providers/choose-name", { name: "Another" });
  await assertRefused(application, laptop, late, { action: "sign-up", detail: /^stale/ });
});

test("P10: a newcomer's form comes back for a bad name, a taken one, and too many accounts", async (t) => {
  const { application } = await startWithProviders(t, { SIGN_UPS_PER_HOUR: "2" });
  await signedUp(application, "Ada");
  const bob = application.browser();
  await pass(bob, "google", "bob");
  assert.equal((await bob.post("/providers/choose-name", { name: " " })).status, 400);
  assert.equal((await bob.post("/providers/choose-name", { name: "ADA" })).status, 409);
  const waits = await bob.post("/providers/choose-name", { name: "Bob" });
  assert.equal(waits.status, 429);
  assert.match(waits.headers["retry-after"] ?? "", /^\d+$/);
  assert.equal((await bob.get("/providers/choose-name")).status, 200);
});

test("P10: a wrong purpose, an unknown provider or a signed-in visitor starts nothing", async (t) => {
  const { application } = await startWithProviders(t);
  const anybody = application.browser();
  assert.equal((await anybody.post("/providers/google", { purpose: "link" })).status, 400);
  assert.equal((await anybody.post("/providers/nowhere", { purpose: "sign-in" })).status, 404);
  assert.equal((await anybody.get("/providers/nowhere/callback?code=1&state=1")).status, 404);
  assert.equal(
    (await anybody.post("/providers/google", { purpose: "confirm" })).headers.location,
    "/sign-in",
  );
  const ada = await signedUp(application, "Ada");
  const again = await ada.post("/providers/google", { purpose: "sign-in", next: "//evil.example" });
  assert.equal(again.headers.location, "/");
});

async function unlinkPath({ services: { database } }: Application, name: string): Promise<string> {
  const person = await database
    .selectFrom("people")
    .select("id")
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  const [identity] = await identitiesOf(database, person.id);
  return `/providers/identities/${identity?.id}/unlink`;
}
