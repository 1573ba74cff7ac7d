// What a provider may get wrong or forge in its answer, one thing at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, events, whoIs } from "./checks.ts";
import { type Lie, startWithLiar } from "./liar.ts";

const lies: Readonly<Record<string, { lie: Lie; detail: RegExp }>> = {
  "another nonce": { lie: { claims: { nonce: "another" } }, detail: /"nonce"/ },
  "no nonce": { lie: { claims: { nonce: undefined } }, detail: /"nonce"/ },
  "another audience": { lie: { claims: { aud: "another client" } }, detail: /"aud"/ },
  "another authorised party": { lie: { claims: { aud: ["registrations", "b"], azp: "b" } }, detail: /"azp"/ },
  "another issuer": { lie: { claims: { iss: "https://accounts.google.com" } }, detail: /"iss"/ },
  "no subject": { lie: { claims: { sub: undefined } }, detail: /"sub"/ },
  "an ID token that has expired": { lie: { claims: { exp: 1_000_000_000 } }, detail: /"exp"/ },
  "another key": { lie: { signedWith: "another key" }, detail: /signature/ },
  "no signature": { lie: { signedWith: "nothing" }, detail: /unsupported/ },
  "no ID token": { lie: { withoutIdToken: true }, detail: /"id_token"/ },
  "another issuer beside the code": { lie: { parameters: { iss: "https://evil.example" } }, detail: /"iss"/ },
  "no code": { lie: { parameters: { code: undefined } }, detail: /code/ },
};

test("P10: a provider's answer with one thing wrong lets nobody in, and an honest one does", async (t) => {
  const { application, answer } = await startWithLiar(t);
  const ada = application.browser();
  assert.equal((await ada.get(await answer(ada))).headers.location, "/providers/choose-name");
  await ada.post("/providers/choose-name", { name: "Ada" });
  for (const [name, { lie, detail }] of Object.entries(lies)) {
    await t.test(name, async () => {
      const browser = application.browser();
      const back = await answer(browser, lie);
      await assertRefused(application, browser, () => browser.get(back), { detail });
      await browser.get(await answer(browser));
      assert.equal(await whoIs(browser), "Ada");
    });
  }
});

test("P10: an answer is good once even at a provider that takes its code twice", async (t) => {
  const { application, answer } = await startWithLiar(t);
  const browser = application.browser();
  const back = await answer(browser);
  const copies = await Promise.all([1, 2, 3].map(() => browser.get(back)));
  assert.deepEqual(copies.map(({ status }) => status).sort(), [303, 400, 400]);
  await assertRefused(application, browser, () => browser.get(back), { detail: /answered already/ });
});

test("P10: whatever a provider calls people, the page stands and the name is theirs to choose", async (t) => {
  const { application, answer } = await startWithLiar(t);
  for (const name of ["x".repeat(100_000), "<script>alert(1)</script>", "\u0000\u202e", 7, null]) {
    const browser = application.browser();
    await browser.get(await answer(browser, { claims: { name } }));
    const { status, body } = await browser.get("/providers/choose-name");
    assert.equal(status, 200);
    assert.doesNotMatch(body, /<script>|x{61}/);
  }
});

test("P10: a provider that names itself beside the code must do so every time", async (t) => {
  const { application, answer, issuer } = await startWithLiar(t, {
    authorization_response_iss_parameter_supported: true,
  });
  const browser = application.browser();
  const without = await answer(browser);
  await assertRefused(application, browser, () => browser.get(without), { detail: /"iss".*missing/ });
  const named = await answer(browser, { parameters: { iss: issuer } });
  assert.equal((await browser.get(named)).headers.location, "/providers/choose-name");
});

test("P10: a provider that did not ask anew who it is, or does not say so, confirms nothing", async (t) => {
  const { application, answer } = await startWithLiar(t);
  const ada = application.browser();
  await ada.get(await answer(ada));
  await ada.post("/providers/choose-name", { name: "Ada" });
  const now = Math.floor(application.clock.now() / 1_000);
  application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
  const unproved: [claims: Record<string, unknown>, detail: RegExp][] = [
    [{ auth_time: now - 3_600 }, /no new sign-in/],
    [{ auth_time: undefined }, /did not say when/],
  ];
  for (const [claims, detail] of unproved) {
    const back = await answer(ada, { claims }, "confirm");
    await assertRefused(application, ada, () => ada.get(back), { action: "identity.confirm", detail });
    assert.equal((await ada.post("/account/delete")).headers.location, "/confirm-identity?next=/resume");
  }
  const said = await ada.get(await answer(ada, {}, "confirm"));
  assert.match(said.body, /School did not say that you have just proved who you are[\s\S]*sign out here/);
  const anew = Math.floor(application.clock.now() / 1_000);
  await ada.get(await answer(ada, { claims: { auth_time: anew } }, "confirm"));
  assert.partialDeepStrictEqual(events(application).at(-1), { action: "identity.confirm", result: "done" });
});

test("P10: tokens, codes and secrets are in no log line and not in the database", async (t) => {
  const { application, answer } = await startWithLiar(t);
  const ada = application.browser();
  const back = await answer(ada, { parameters: { code: "a-code-of-the-liar" } });
  await ada.get(back);
  await ada.post("/providers/choose-name", { name: "Ada" });
  const wrong = await answer(
    ada,
    { signedWith: "another key", parameters: { code: "a-code-of-the-liar" } },
    "confirm",
  );
  await ada.get(wrong);
  const rows = await application.services.database.selectFrom("audit").selectAll().execute();
  const kept = [...application.logged, JSON.stringify(rows)].join("\n");
  const state = new URLSearchParams(back.split("?")[1]).get("state") ?? "";
  assert.match(kept, /signature/);
  for (const secret of [
    "a secret of the liar's",
    "a-code-of-the-liar",
    "eyJ",
    state,
    "known to both sides only",
  ])
    assert.ok(!kept.includes(secret), secret);
});
