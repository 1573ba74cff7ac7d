// R3, R4 and R7 of the security requirements, and of R8 how errors look: what browsers are told about every answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { failures } from "./failures.ts";
import { crawl, linksIn, routesOf } from "./probes.ts";

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'";

/** The application behind a proxy on this machine that speaks HTTPS, and what that proxy adds to each request. */
const HTTPS = { ORIGIN: "https://register.example.org", TRUSTED_PROXIES: "127.0.0.1,::1" };
const FORWARDED = {
  Host: "register.example.org",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-For": "192.0.2.7",
};

/** An administrator with a registration: of all people, the one with most pages. */
async function administrator(application: Application): Promise<Browser> {
  const ada = await signedUp(application, "Ada");
  await promote(application, "Ada");
  await ada.post("/registrations", { sport: "soccer" });
  return ada;
}

const everyPage = (application: Application, browser: Browser) =>
  crawl(
    browser,
    routesOf(application, "safe").map(({ path }) => path),
  );

const isAsset = (path: string) => path.startsWith("/assets/");

test("R3: nothing that a signed-in person sees stays in a cache", async (t) => {
  const application = await startApplication(t);
  const answers = await everyPage(application, await administrator(application));
  for (const [path, { headers, body }] of answers) {
    if (isAsset(path)) continue;
    assert.equal(headers["cache-control"], "no-store", path);
    assert.match(headers.vary ?? "", /(^|, )Cookie(,|$)/, path);
    if (body !== "") assert.match(headers.vary ?? "", /(^|, )Accept-Language(,|$)/, path);
  }
  assert.ok(answers.size > 10);
});

test("R3: no answer that sets a cookie stays in a cache", async (t) => {
  const application = await startApplication(t);
  const browser = application.browser();
  const credentials = { name: "Ada", password: PASSWORD };
  const steps: [path: string, fields: Record<string, string>][] = [
    ["/sign-up", credentials],
    ["/sign-out", {}],
    ["/language", { language: "fr" }],
    ["/sign-in", credentials],
    ["/confirm-identity", credentials],
  ];
  for (const [path, fields] of steps) {
    const { headers } = await browser.post(path, fields);
    assert.ok(headers["set-cookie"], path);
    assert.equal(headers["cache-control"], "no-store", path);
  }
});

test("R3: assets are everybody's: they are cached, and no cookie makes a difference", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const assets = linksIn(await ada.get("/sign-up"))
    .concat(linksIn(await application.browser().get("/sign-up")))
    .filter(isAsset);
  assert.ok(assets.some((path) => path.endsWith(".css")) && assets.some((path) => path.endsWith(".js")));
  for (const path of assets) {
    const { headers } = await ada.get(path);
    assert.equal(headers["cache-control"], "public, max-age=31536000, immutable", path);
    assert.equal(headers["set-cookie"], undefined, path);
    assert.equal(headers.vary, undefined, path);
  }
});

/** What every answer has to say to a browser. */
function assertProtected(what: string, { headers }: Answer, transport: string | undefined): void {
  assert.equal(headers["content-security-policy"], POLICY, what);
  assert.equal(headers["x-content-type-options"], "nosniff", what);
  assert.equal(headers["referrer-policy"], "same-origin", what);
  assert.equal(headers["cross-origin-opener-policy"], "same-origin", what);
  assert.equal(headers["cross-origin-resource-policy"], "same-origin", what);
  assert.equal(headers["x-frame-options"], "DENY", what);
  assert.equal(headers["strict-transport-security"], transport, what);
  assert.equal(headers["x-powered-by"] ?? headers.server, undefined, what);
}

test("R4: every page, redirect and asset carries the headers", async (t) => {
  const application = await startApplication(t);
  const answers = [
    ...(await everyPage(application, application.browser())),
    ...(await everyPage(application, await administrator(application))),
  ];
  for (const [path, answer] of answers) assertProtected(path, answer, undefined);
  for (const status of [200, 303, 404]) assert.ok(answers.some(([, answer]) => answer.status === status));
});

test("R4, R8: every error carries the headers, and is a page in the visitor's language that tells no internals", async (t) => {
  const application = await startApplication(t);
  for (const [what, provoke] of Object.entries(failures)) {
    const answer = await provoke(application.browser({ "Accept-Language": "fr" }), application);
    assert.equal(String(answer.status), what.split(",", 1)[0], what);
    assertProtected(what, answer, undefined);
    assert.equal(answer.headers["content-type"], "text/html; charset=UTF-8", what);
    assert.equal(answer.headers["cache-control"], "no-store", what);
    assert.equal(answer.headers["set-cookie"], undefined, what);
    assert.match(
      answer.body,
      /^<!doctype html>\n<html lang="fr">[\s\S]*<title>[^<]+ · [^<]+<\/title>[\s\S]*<h1>/,
      what,
    );
    const told =
      /\n\s+at |\.ts\b|node_modules|Error:|sqlite|kysely|hono|\bselect\b|evil\.example|alert\(1\)/i;
    assert.doesNotMatch(answer.body.replaceAll(/ value="[^"]*"/g, ""), told, what);
    if (answer.status === 429 || answer.status === 503)
      assert.match(answer.headers["retry-after"] ?? "", /^[1-9]\d*$/, what);
    if (answer.status === 405) assert.equal(answer.headers.allow, "GET, HEAD, POST", what);
  }
});

test("R8: an error's page has a reference that leads to the log, where the cause is", async (t) => {
  const application = await startApplication(t);
  const { body } = await (failures["500, a broken query"] ?? assert.fail())(
    application.browser(),
    application,
  );
  const [reference = assert.fail()] = /[0-9a-f-]{36}/.exec(body) ?? [];
  assert.ok(application.logged.some((line) => line.includes(reference) && line.includes("no such table")));
});

test("R4: over HTTPS, browsers are told to stay with it", async (t) => {
  const application = await startApplication(t, HTTPS);
  const browser = application.browser(FORWARDED);
  for (const path of [
    "/",
    "/sign-in",
    "/registrations",
    "/nothing",
    ...linksIn(await browser.get("/")).filter(isAsset),
  ])
    assertProtected(path, await browser.get(path), "max-age=31536000; includeSubDomains");
  assertProtected(
    "421",
    await browser.get("/", { Host: "evil.example" }),
    "max-age=31536000; includeSubDomains",
  );
});

test("R4: no page holds a script or a style of its own, and none comes from elsewhere", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, `<b onclick="x()">O'Hara & "co"</b>`);
  await promote(application, `<b onclick="x()">O'Hara & "co"</b>`);
  await ada.post("/registrations", { sport: "soccer" });
  const answers = [
    ...(await everyPage(application, application.browser())),
    ...(await everyPage(application, ada)),
  ];
  for (const [path, { body, headers }] of answers) {
    if (!headers["content-type"]?.startsWith("text/html")) continue;
    const tags = [...body.matchAll(/<(?!!)[^>]*>/g)].map(([tag]) => tag);
    for (const tag of tags) {
      // The values of attributes apart: what is left is names.
      const names = tag.replaceAll(/"[^"]*"/g, '""');
      assert.doesNotMatch(names, /\son\w+=|\sstyle=|\ssrcdoc=|^<(style|iframe|object|embed|base)\b/i, path);
      for (const [, address = ""] of tag.matchAll(/\s(?:href|src|action|formaction)="([^"]*)"/gi))
        assert.match(address, /^[/#]/, `${path}: ${tag}`);
    }
    for (const [, attributes = "", script = ""] of body.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/gi)) {
      assert.match(attributes, / src="\/assets\//, path);
      assert.equal(script, "", path);
    }
    assert.doesNotMatch(body, /<b onclick/, path);
  }
});

test("R7: signing out over HTTPS clears what the browser kept, unless told otherwise", async (t) => {
  const cases: [
    environment: Record<string, string>,
    headers: Record<string, string>,
    cleared: string | undefined,
  ][] = [
    [HTTPS, FORWARDED, '"cache", "storage"'],
    [{ ...HTTPS, CLEAR_SITE_DATA: "off" }, FORWARDED, undefined],
    [{}, {}, undefined],
  ];
  for (const [environment, headers, cleared] of cases) {
    const application = await startApplication(t, environment);
    const browser = application.browser(headers);
    await browser.post("/sign-up", { name: "Ada", password: PASSWORD });
    const signedOut = await browser.post("/sign-out");
    assert.equal(signedOut.status, 303);
    assert.equal(signedOut.headers["clear-site-data"], cleared);
  }
});
