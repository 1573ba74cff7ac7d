// A form from somebody whose session has ended while the page was open: nothing of it is done or kept, they are told so,
// and the sign-in leads them back to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionsOf } from "../security/probes.ts";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";

const A_DAY_AND_AN_HOUR = 25 * 3_600_000;
const NOTICE = /class="notice failed"[^>]*>You are not signed in any more, so what you sent was not taken/;

test("a form of a session that has ended is said to be unsent, and the sign-in leads back to its page", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  application.clock.advance(A_DAY_AND_AN_HOUR);
  const referer = { Referer: `${application.url}/account?x=1` };
  const late = await ada.post("/account/devices/end-others", {}, referer);
  assert.equal(late.status, 303);
  const page = await ada.follow(late);
  assert.match(page.body, NOTICE);
  assert.match(page.body, /name="next" value="\/account\?x=1"/);
  const french = await ada.get(late.headers.location ?? "", { "Accept-Language": "fr" });
  assert.match(french.body, /Vous n’êtes plus connecté/);
});

test("the sports that somebody chose when their session had ended are ticked after the sign-in, and not sent", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  application.clock.advance(A_DAY_AND_AN_HOUR);
  const late = await ada.post("/registrations", { sport: ["soccer", "ultimate-frisbee"] });
  const page = await ada.follow(late);
  assert.match(page.body, NOTICE);
  const [, next = ""] =
    /action="\/sign-in"><input type="hidden" name="next" value="([^"]*)"/.exec(page.body) ?? [];
  const path = next.replaceAll("&amp;", "&");
  const back = await ada.follow(await ada.post("/sign-in", { name: "Ada", password: PASSWORD, next: path }));
  const ticked = [...back.body.matchAll(/value="([^"]*)" checked/g)].map(([, id]) => id);
  assert.deepEqual(ticked, ["soccer", "ultimate-frisbee"]);
  assert.deepEqual(await application.services.database.selectFrom("registrations").selectAll().execute(), []);
});

test("forms of strangers make no sessions, and lead to no other site", async (t) => {
  const application = await startApplication(t);
  for (const path of ["/registrations", "/account/data", "/admin/sports"]) {
    const stranger = application.browser();
    const answer = await stranger.post(path, { sport: "soccer" }, { Referer: "https://evil.example/x" });
    assert.match(answer.headers.location ?? "", /^\/sign-in\?next=%2F(registrations[^&]*)?&unsent=on$/);
    await stranger.follow(answer);
    assert.equal(stranger.cookies.size, 0);
  }
  assert.deepEqual(await sessionsOf(application), []);
});

test("whoever is signed in is not told otherwise by an address", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  assert.doesNotMatch((await ada.get("/registrations?unsent=on")).body, NOTICE);
});
