// R1 and R2 of the security requirements: requests that other sites make with a visitor's cookies change nothing, and
// neither does any request whose method promises that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { auditOf, contentOf, crawl, routesOf, sessionsOf } from "./probes.ts";

/** What a page of our own would send, wherever it is sent: without the guard, most routes would do something with it. */
const FIELDS = { name: "Ada", password: PASSWORD, language: "fr", sport: "soccer", next: "/" };
const BODIES = [
  { type: "application/x-www-form-urlencoded", body: new URLSearchParams(FIELDS).toString() },
  { type: "application/json", body: JSON.stringify(FIELDS) },
  // The one that a form of another site can send beside the first.
  { type: "text/plain", body: JSON.stringify(FIELDS) },
];

type Provenance = Readonly<Record<string, string>>;

/** Where a request may say that it comes from, and must not be heard. */
function strangersTo(origin: string): Record<string, Provenance> {
  const { host, port, hostname } = new URL(origin);
  return {
    "cross-site": { "Sec-Fetch-Site": "cross-site" },
    "same-site": { "Sec-Fetch-Site": "same-site" },
    none: { "Sec-Fetch-Site": "none" },
    "same-origin in other letters": { "Sec-Fetch-Site": "Same-Origin" },
    "same-origin and more": { "Sec-Fetch-Site": "same-origin, cross-site" },
    "cross-site with our origin": { "Sec-Fetch-Site": "cross-site", Origin: origin },
    "another scheme": { Origin: `https://${host}` },
    "another port": { Origin: `http://${hostname}:${Number(port) + 1}` },
    "no port": { Origin: `http://${hostname}` },
    "a name that begins like ours": { Origin: `${origin}.evil.example` },
    "a name that ends like ours": { Origin: `http://evil-${host}` },
    "another name of this machine": { Origin: `http://127.0.0.1:${port}` },
    "our origin with a path": { Origin: `${origin}/` },
    "our origin and another": { Origin: `${origin}, http://evil.example` },
    "no origin that can be named": { Origin: "null" },
    "only a referrer": { Referer: `${origin}/sign-in` },
    nothing: {},
  };
}

async function administrator(application: Application): Promise<Browser> {
  const ada = await signedUp(application, "Ada");
  await promote(application, "Ada");
  await ada.post("/registrations", { sport: "basketball" });
  return ada;
}

/** That something was refused is written down, and counted. */
const KEPT_OF_REFUSALS = ["audit", "attempts"];

test("R1: no route does anything for a request from elsewhere", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const routes = routesOf(application, "unsafe");
  assert.ok(routes.some(({ path }) => path === "/sign-out") && routes.length > 5);
  const before = await contentOf(application, KEPT_OF_REFUSALS);
  const sessions = await sessionsOf(application);
  for (const { method, path } of routes) {
    for (const [from, headers] of Object.entries(strangersTo(application.url))) {
      for (const { type, body } of from === "cross-site" ? BODIES : BODIES.slice(0, 1)) {
        const { status, headers: given } = await ada.send(
          method,
          path,
          { "Content-Type": type, ...headers },
          body,
        );
        assert.equal(status, 403, `${method} ${path} from ${from} as ${type}`);
        assert.equal(given["set-cookie"], undefined, `${method} ${path} from ${from} as ${type}`);
      }
    }
  }
  assert.deepEqual(await contentOf(application, KEPT_OF_REFUSALS), before);
  assert.deepEqual(await sessionsOf(application), sessions);
});

test("R1: every refusal is an audit event, which does not hold the address", async (t) => {
  const application = await startApplication(t);
  const ada = application.browser();
  await ada.send("POST", "/registrations/who-knows-what/take-back", { "Sec-Fetch-Site": "cross-site" });
  const [event, ...others] = await auditOf(application);
  assert.deepEqual(others, []);
  assert.equal(event?.action, "request.cross-site");
  assert.equal(event?.result, "denied");
  assert.equal(event?.target, "/registrations/:id/take-back");
});

test("R1: methods that no route takes are no way around", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const before = await contentOf(application, KEPT_OF_REFUSALS);
  for (const method of ["PUT", "PATCH", "DELETE", "QUERY", "PROPFIND", "TRACE"]) {
    for (const { path } of [...routesOf(application, "unsafe"), { path: "/nothing" }]) {
      const { status } = await ada.send(method, path, { "Sec-Fetch-Site": "cross-site" });
      assert.equal(status, 403, `${method} ${path}`);
    }
  }
  assert.deepEqual(await contentOf(application, KEPT_OF_REFUSALS), before);
});

test("R1: our own pages are heard, in old browsers by their origin", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const fields = { name: "Ada", password: PASSWORD, next: "/registrations" };
  for (const headers of [
    { "Sec-Fetch-Site": "same-origin" },
    { "Sec-Fetch-Site": "", Origin: application.url },
    // A proxy or a privacy filter may blank the origin where the browser says that it is the same.
    { "Sec-Fetch-Site": "same-origin", Origin: "null" },
  ]) {
    const browser = application.browser();
    const signedIn = await browser.post("/sign-in", fields, headers);
    assert.equal(signedIn.status, 303);
    assert.equal((await browser.post("/language", { language: "fr" }, headers)).status, 303);
    assert.equal((await browser.post("/sign-out", {}, headers)).headers.location, "/signed-out");
  }
});

for (const visitor of ["nobody", "a person", "an administrator"]) {
  test(`R2: no page that ${visitor} can get to changes anything`, async (t) => {
    const application = await startApplication(t);
    const ada = await administrator(application);
    const bob = await signedUp(application, "Bob");
    await bob.post("/registrations", { sport: ["soccer", "basketball"] });
    // A form waits in her session, and what was done before is told.
    application.clock.advance(application.services.settings.REAUTHENTICATE_AFTER + 1);
    await ada.post("/admin/sports/soccer/remove");
    await ada.post("/confirm-identity", { password: PASSWORD });
    for (const browser of [ada, bob]) await browser.get("/registrations");
    const browser = { nobody: application.browser(), "a person": bob, "an administrator": ada }[visitor];
    assert.ok(browser);
    // What was looked at, and what was refused, is written down.
    const before = await contentOf(application, ["audit"]);
    const sessions = await sessionsOf(application);
    const from = routesOf(application, "safe").map(({ path }) => path);
    const answers = await crawl(browser, from);
    if (visitor !== "nobody")
      assert.ok([...answers.keys()].some((path) => /take-back$/.test(path) && !path.includes("0000")));
    for (const path of answers.keys()) await browser.send("HEAD", path);
    for (const path of answers.keys()) await browser.send("OPTIONS", path);
    assert.deepEqual(await contentOf(application, ["audit"]), before);
    assert.deepEqual(await sessionsOf(application), sessions);
  });
}
