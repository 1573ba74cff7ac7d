// The application behind nginx, as the public meets it: over HTTPS, with every header that a visitor might make up. The
// visitor's address is 127.0.0.2, nginx's towards the application 127.0.0.1: the two cannot be mistaken for each other.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { PASSWORD, startApplication } from "../support/application.ts";
import { type Answer, Browser } from "../support/browser.ts";
import { freePorts, skipWithoutNginx, startNginx } from "./nginx.ts";

const VISITOR = "127.0.0.2";
const ACCOUNT = { name: "Ada", password: PASSWORD };

async function behindNginx(t: TestContext) {
  const [http = 0, https = 0] = await freePorts(2);
  const origin = `https://localhost:${https}`;
  const application = await startApplication(t, { ORIGIN: origin, TRUSTED_PROXIES: "127.0.0.1" });
  const ca = startNginx(t, { http, https, applications: [Number(new URL(application.url).port)] });
  const options = { ca, localAddress: VISITOR, family: 4, servername: "localhost" };
  return {
    application,
    origin,
    plain: `http://localhost:${http}`,
    ca,
    options,
    browser: (headers?: Record<string, string>) => new Browser(origin, headers, options),
    /** Past nginx, from an address that is not declared. */
    direct: (headers?: Record<string, string>) =>
      new Browser(application.url, headers, { localAddress: VISITOR, family: 4 }),
  };
}

/** What every page has to tell browsers, whoever made it. */
function assertProtected({ headers }: Answer): void {
  assert.equal(headers["content-type"], "text/html; charset=UTF-8");
  assert.match(
    String(headers["content-security-policy"]),
    /^default-src 'none'; .*frame-ancestors 'none'; base-uri 'none'$/,
  );
  assert.match(headers["strict-transport-security"] ?? "", /^max-age=\d{8}; includeSubDomains$/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["referrer-policy"], "same-origin");
  assert.equal(headers["cross-origin-opener-policy"], "same-origin");
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  assert.equal(headers["cache-control"], "no-store");
}

/** A page of nginx's, in both languages, whose style its policy lets through. */
function assertOwnPage(answer: Answer, english: string, french: string): void {
  assertProtected(answer);
  const { body, headers } = answer;
  assert.ok(body.startsWith("<!doctype html>"));
  assert.ok(body.includes(`<title>${english}</title>`) && body.includes(`<h1>${english}</h1>`));
  assert.ok(body.includes(`<section lang="fr"><h1>${french}</h1>`));
  assert.doesNotMatch(body, /nginx|\$/);
  const [, style = ""] = /<style>(.*?)<\/style>/.exec(body) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(String(headers["content-security-policy"]).includes(`style-src 'sha256-${hash}';`));
}

test("signing up, out and in works over HTTPS, with a cookie that plain HTTP never sees", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { browser } = await behindNginx(t);
  const ada = browser();
  const { status, headers } = await ada.post("/sign-up", ACCOUNT);
  assert.equal(status, 303);
  const session = headers["set-cookie"]?.find((line) => line.startsWith("__Host-session="));
  assert.match(session ?? "", /; Secure\b/);
  assert.ok(headers["set-cookie"]?.every((line) => /; Secure\b/.test(line)));
  assert.match((await ada.get("/registrations")).body, /Ada/);
  await ada.post("/sign-out");
  assert.equal((await ada.get("/registrations")).status, 303);
  assert.equal((await ada.post("/sign-in", ACCOUNT)).status, 303);
  assert.equal((await ada.get("/registrations")).status, 200);
});

test("browsers that speak HTTP/2 are served as well", { skip: skipWithoutNginx }, async (t) => {
  const { origin, ca } = await behindNginx(t);
  const session = connect(origin, { ca });
  t.after(() => session.close());
  const [headers] = await once(session.request({ ":path": "/sign-in" }).resume(), "response");
  assert.equal(headers[":status"], 200);
});

test("R6: what visitors say of their address, protocol and host is not believed", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { application, browser, direct } = await behindNginx(t);
  const forged = (address: string) => ({
    "X-Forwarded-For": address,
    "X-Real-IP": address,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    Forwarded: `for=${address};proto=http;host=evil.example`,
  });
  const ada = browser(forged("6.6.6.6"));
  const { headers } = await ada.post("/sign-up", ACCOUNT);
  assert.equal(headers.location, "/registrations");
  assert.ok(ada.cookies.has("__Host-session"), "the protocol is what it was");

  const guess = { name: "Ada", password: "one guess of many more" };
  const statuses: number[] = [];
  for (let count = 1; count <= 6; count++)
    statuses.push((await browser(forged(`6.6.6.${count}`)).post("/sign-in", guess)).status);
  assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429], "one address, whatever it says");
  await direct({ ...forged("7.7.7.7"), Host: new URL(headers.origin ?? "https://localhost").host }).get("/");

  const audit = await application.services.database
    .selectFrom("audit")
    .select("address")
    .distinct()
    .execute();
  assert.deepEqual(
    audit.map(({ address }) => address),
    [VISITOR],
  );
  assert.doesNotMatch(application.logged.join("\n"), /[67]\.[67]\.[67]\.\d|evil/);
});

test("R6: another Host is refused, by nginx and behind it", { skip: skipWithoutNginx }, async (t) => {
  const { application, browser, direct, origin, options } = await behindNginx(t);
  assert.equal(
    (await browser({ Host: "evil.example" }).get("/", { "X-Forwarded-Host": "localhost" })).status,
    421,
  );
  assert.deepEqual(
    application.logged.filter((line) => line.includes('"request"')),
    [],
    "nginx did",
  );
  const stranger = new Browser(origin, {}, { ...options, servername: "evil.example" });
  await assert.rejects(stranger.get("/"), /unrecognized name/);
  assert.equal((await direct({ Host: "evil.example" }).get("/")).status, 421);
});

test("plain HTTP leads to HTTPS", { skip: skipWithoutNginx }, async (t) => {
  const { plain } = await behindNginx(t);
  const { status, headers } = await new Browser(plain, { Host: "localhost" }).get("/sign-in?next=/account");
  assert.deepEqual([status, headers.location], [301, "https://localhost/sign-in?next=/account"]);
});

test("HSTS comes with every answer, once, and nothing of a person's is left at the sign-out (R7)", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { browser } = await behindNginx(t);
  const ada = browser();
  await ada.post("/sign-up", ACCOUNT);
  for (const path of ["/", "/nowhere", "/registrations"]) {
    const { headers } = await ada.get(path);
    assert.match(headers["strict-transport-security"] ?? "", /^max-age=\d{8}; includeSubDomains$/);
    assert.equal(headers["cache-control"], "no-store");
  }
  const { headers } = await ada.post("/sign-out");
  assert.equal(headers["clear-site-data"], '"cache", "storage"');
});

test("a body that is too large gets the application's page, in the visitor's language", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { browser } = await behindNginx(t);
  const french = browser({ "Accept-Language": "fr" });
  const answer = await french.post("/sign-up", { ...ACCOUNT, next: "x".repeat(65 * 1024) });
  assert.equal(answer.status, 413);
  assert.match(answer.body, /<html lang="fr">[\s\S]*<h1[^>]*>C’était trop/);
  assertProtected(answer);
});

test("R8: what nginx refuses by itself is a page in both languages, with the headers of the application's", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { application, browser } = await behindNginx(t);
  const refused = {
    413: await browser().post("/sign-up", { next: "x".repeat(1024 * 1024) }),
    414: await browser().get(`/${"x".repeat(10_000)}`),
    400: await browser().get("/", { "X-Long": "x".repeat(10_000) }),
    404: await browser().get("/nginx-error"),
  };
  for (const [status, answer] of Object.entries(refused)) {
    assert.equal(String(answer.status), status);
    assertOwnPage(answer, "We cannot take that", "Nous ne pouvons pas prendre cela");
  }
  assert.deepEqual(
    application.logged.filter((line) => line.includes('"request"')),
    [],
    "nginx did",
  );
});

test("R8: with the application away nginx says so, on such a page as well", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { application, browser } = await behindNginx(t);
  await application.close();
  for (const answer of [await browser().get("/"), await browser().post("/sign-in", ACCOUNT)]) {
    assert.equal(answer.status, 502);
    assertOwnPage(answer, "We will be right back", "Nous revenons tout de suite");
  }
});

test("one id follows a request through nginx, and a visitor cannot choose it", {
  skip: skipWithoutNginx,
}, async (t) => {
  const { application, browser } = await behindNginx(t);
  await browser({ "X-Request-Id": "chosen-by-the-visitor" }).get("/sign-in");
  const [line = "{}"] = application.logged.filter((text) => text.includes('"/sign-in"'));
  assert.match(JSON.parse(line).requestId, /^[0-9a-f]{32}$/);
});

test("what one application does not answer another does, but a form is never sent twice", {
  skip: skipWithoutNginx,
}, async (t) => {
  const arrived: string[] = [];
  const applications: number[] = [];
  for (const name of ["dead", "dead as well", "alive"]) {
    const server = createServer((request, response) => {
      arrived.push(`${request.method} at ${name}`);
      request.resume().once("end", () => (name === "alive" ? response.end() : response.destroy()));
    });
    t.after(() => server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    applications.push((server.address() as AddressInfo).port);
  }
  const [http = 0, https = 0] = await freePorts(2);
  const ca = startNginx(t, { http, https, applications });
  const browser = new Browser(`https://localhost:${https}`, {}, { ca, family: 4 });
  assert.equal((await browser.post("/registrations", { sport: "soccer" })).status, 502);
  assert.deepEqual(arrived, ["POST at dead"]);
  assert.equal((await browser.get("/registrations")).status, 200);
  assert.deepEqual(arrived.slice(1), ["GET at dead as well", "GET at alive"]);
});
