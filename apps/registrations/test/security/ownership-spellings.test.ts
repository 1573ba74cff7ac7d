// P13 of the security requirements, for those who write their own requests: no other method, spelling or field reaches
// somebody else's registration.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited, idOf, rowOf } from "../support/people.ts";
import { adaAndBob, atStake, registrationsOf } from "./registrants.ts";

/** Other ways to say "delete that one", from somebody who is signed in. */
function attempts(target: string, own: string): Record<string, (browser: Browser) => Promise<Answer>> {
  const form = { "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded" };
  const there = `/registrations/${target}`;
  const by =
    (method: string, path: string, headers = {}, body = "") =>
    (browser: Browser) =>
      browser.send(method, path, { ...form, ...headers }, body);
  return {
    "DELETE it": by("DELETE", there),
    "DELETE the form": by("DELETE", `${there}/take-back`),
    "PUT, PATCH and the like": by("PUT", `${there}/take-back`),
    PATCH: by("PATCH", there, {}, "sport=soccer"),
    QUERY: by("QUERY", `${there}/take-back`),
    HEAD: by("HEAD", `${there}/take-back`),
    "a method in a header": by("POST", there, {
      "X-HTTP-Method-Override": "DELETE",
      "X-HTTP-Method": "DELETE",
      "X-Method-Override": "DELETE",
    }),
    "a method in a field": by("POST", there, {}, "_method=DELETE"),
    "a method in the query": by("POST", `${there}?_method=DELETE`),
    "a method in the query of a GET": by("GET", `${there}/take-back?_method=POST`),
    "the list with an id": by(
      "POST",
      "/registrations",
      {},
      `id=${target}&remove=${target}&_method=DELETE&action=take-back`,
    ),
    "DELETE the list": by("DELETE", "/registrations"),
    "in the back office": by("POST", `/admin/registrations/${target}/remove`),
    "in the back office, to look": by("GET", `/admin/registrations/${target}/remove`),
    "whose it is, in a field": by(
      "POST",
      `${there}/take-back`,
      {},
      `personId=x&userId=x&owner=x&id=${target}`,
    ),
    "whose it is, in a header": by("POST", `${there}/take-back`, {
      "X-User-Id": "x",
      "X-Original-URL": `/registrations/${own}/take-back`,
    }),
    "both, one behind the other": by("POST", `/registrations/${own},${target}/take-back`),
    "through one's own, encoded": by("POST", `/registrations/${own}%2f..%2f${target}/take-back`),
    "an id in the query": by("POST", `/registrations/x/take-back?id=${target}`),
    "capital letters": by("POST", `/registrations/${target.toUpperCase()}/take-back`),
    "percent-encoded": by("POST", `/registrations/${percent(target)}/take-back`),
    "encoded twice": by("POST", `/registrations/${percent(target).replaceAll("%", "%25")}/take-back`),
    "a blank behind": by("POST", `/registrations/${target}%20/take-back`),
    "a dot behind": by("POST", `/registrations/${target}./take-back`),
    "a slash behind": by("POST", `${there}/take-back/`),
    "two slashes": by("POST", `/registrations//${target}//take-back`),
    "a semicolon": by("POST", `/registrations/${target};own=1/take-back`),
    "wildcards of SQL": by("POST", "/registrations/%25/take-back"),
    "one wildcard for each character": by(
      "POST",
      `/registrations/${target.replaceAll(/[0-9a-f]/g, "_")}/take-back`,
    ),
    SQL: by("POST", `/registrations/${encodeURIComponent("' or '1'='1")}/take-back`),
    "the person's id": by("POST", "/registrations/undefined/take-back"),
    "the ticket's number": by("POST", `/registrations/${target.slice(0, 4)}/take-back`),
    __proto__: by("POST", "/registrations/__proto__/take-back"),
    JSON: by(
      "POST",
      `${there}/take-back`,
      { "Content-Type": "application/json" },
      JSON.stringify({ id: target }),
    ),
  };
}

const percent = (text: string) =>
  text.replaceAll(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`);

eachDatabase(
  "P13: no other method, spelling or field takes back somebody else's registration",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const { bob, target, own } = await adaAndBob(application);
    const before = await atStake(application);
    for (const [what, attempt] of Object.entries(attempts(target, own))) {
      const { status } = await attempt(bob);
      assert.ok([400, 403, 404, 405].includes(status), `${what}: ${status}`);
      assert.deepEqual(await atStake(application), before, what);
    }
  },
);

test("P13: whoever tries another method on a registration leaves an event", async (t) => {
  const application = await startApplication(t);
  const { bob, target, own } = await adaAndBob(application);
  const tries = attempts(target, own);
  for (const what of ["DELETE it", "DELETE the form", "PUT, PATCH and the like", "PATCH", "QUERY"]) {
    const before = await audited(application, "access.denied", "denied");
    await tries[what]?.(bob);
    const [event, ...others] = (await audited(application, "access.denied", "denied")).slice(before.length);
    assert.deepEqual([event?.actorName, event?.target, others], ["Bob", `registration ${target}`, []], what);
    assert.match(event?.detail ?? "", /^(?:DELETE|PUT|PATCH|QUERY)$/, what);
  }
});

eachDatabase("P13: ids are compared to the letter, one's own as well", async ({ url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const { bob, own } = await adaAndBob(application);
  assert.equal((await bob.post(`/registrations/${own.toUpperCase()}x/take-back`)).status, 404);
  assert.equal((await bob.post(`/registrations/${own}%20/take-back`)).status, 404);
  assert.deepEqual(await registrationsOf(application, "Bob"), [own]);
  // The same address, however it is written, is the same registration.
  assert.equal((await bob.post(`/registrations/${percent(own)}/take-back`)).status, 303);
  assert.deepEqual(await registrationsOf(application, "Bob"), []);
});

test("P13: a form of one's own that names somebody else's registration concerns one's own only", async (t) => {
  const application = await startApplication(t);
  const { bob, target, own } = await adaAndBob(application);
  const adas = await registrationsOf(application, "Ada");
  const ada = await idOf(application, "Ada");
  await bob.post("/registrations", { sport: "basketball", personId: ada, person: "Ada", userId: ada });
  assert.equal((await registrationsOf(application, "Bob")).length, 2);
  await bob.post(`/registrations/${own}/take-back`, { id: target, registration: target, personId: ada });
  assert.equal((await registrationsOf(application, "Bob")).length, 1);
  assert.deepEqual(await registrationsOf(application, "Ada"), adas);
});

test("P13: nobody makes themselves more than a person by what they send", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const ada = await idOf(application, "Ada");
  const bob = application.browser();
  const more = {
    administrator: "1",
    isAdministrator: "true",
    role: "admin",
    id: ada,
    passwordHash: "x",
    disabledAt: "",
    createdAt: "0",
  };
  await bob.post("/sign-up", { name: "Bob", password: PASSWORD, ...more });
  const row = await rowOf(application, "Bob");
  assert.notEqual(row?.id, ada);
  assert.equal(row?.administrator, 0);
  assert.equal(row?.createdAt, application.clock.now());
  await bob.post("/sign-in", { name: "Bob", password: PASSWORD, ...more });
  await bob.post("/account/password", { currentPassword: PASSWORD, newPassword: `${PASSWORD}!`, ...more });
  assert.equal((await rowOf(application, "Bob"))?.administrator, 0);
  assert.equal((await bob.get("/admin")).status, 403);
});
