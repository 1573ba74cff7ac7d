// Sessions take room, and whoever comes can have one made: there is an end to how many.

import assert from "node:assert/strict";
import { test } from "node:test";
import { events } from "../providers/checks.ts";
import { startWithProviders } from "../providers/provider.ts";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { idOf, signedIn } from "../support/people.ts";
import { sessionsOf } from "./probes.ts";

test("a stranger cannot have sessions made without end, by passkeys and providers together", async (t) => {
  const { application } = await startWithProviders(t);
  const starts = [
    () => application.browser().postJson("/sign-in/passkey/options", {}),
    () => application.browser().post("/providers/google", { purpose: "sign-in" }),
    () => application.browser().post("/providers/school", { purpose: "sign-up" }),
  ];
  let [made, refused] = [0, 0];
  while (refused === 0) {
    const answers = await Promise.all(starts.map((start) => start()));
    made += answers.filter(({ status }) => status === 200).length;
    refused = answers.filter(({ status }) => status === 429).length;
  }
  assert.equal(made, 300);
  assert.equal((await sessionsOf(application)).length, 300);

  const { status, headers, body } = await application
    .browser({ "Accept-Language": "fr" })
    .post("/providers/google", { purpose: "sign-in" });
  assert.equal(status, 429);
  assert.match(headers["retry-after"] ?? "", /^[1-9]\d*$/);
  assert.match(body, /<h1[^>]*>Trop de tentatives/);
  assert.partialDeepStrictEqual(events(application).at(-1), {
    action: "sign-in",
    result: "denied",
    target: "google",
    detail: "throttled",
  });

  application.clock.advance(15 * 60_000);
  assert.equal((await application.browser().post("/providers/google", { purpose: "sign-in" })).status, 200);
});

test("nobody has more than fifty sessions: the one that was signed in first ends", async (t) => {
  const application = await startApplication(t);
  const first = await signedUp(application, "Ada");
  application.clock.advance(1_000);
  const second = await signedIn(application, "Ada");
  for (let count = 3; count <= 51; count++) {
    application.clock.advance(1_000);
    await signedIn(application, "Ada", PASSWORD);
  }
  const sessions = await application.services.sessions.ofUser(await idOf(application, "Ada"));
  assert.equal(sessions.length, 50);
  assert.equal((await first.get("/registrations")).headers.location, "/sign-in?next=%2Fregistrations");
  assert.equal((await second.get("/registrations")).status, 200);
});

test("messages that nobody looks at do not fill a session: the last ten stay", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  for (let count = 0; count < 12; count++)
    assert.equal((await ada.post("/account/devices/end-others")).status, 303);
  const { body } = await ada.get("/account");
  assert.equal(body.match(/class="notice /g)?.length, 10);
  assert.doesNotMatch((await ada.get("/account")).body, /class="notice /);
});
