// R6 of the security requirements: what a request says of its own way here is believed only from declared proxies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, promote, signedUp, startApplication } from "../support/application.ts";
import { idOf } from "../support/people.ts";
import { auditOf, sendRaw } from "./probes.ts";

const ORIGIN = "https://register.example.org";
const SPOOFED = {
  "X-Forwarded-For": "203.0.113.9",
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-Port": "444",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Prefix": "/evil.example",
  "X-Real-IP": "203.0.113.9",
  "X-Original-URL": "/evil.example",
  "X-Rewrite-URL": "/evil.example",
  "CF-Connecting-IP": "203.0.113.9",
  "True-Client-IP": "203.0.113.9",
  Forwarded: "for=203.0.113.9;host=evil.example;proto=https",
};

const LOOPBACK = /^(?:127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/;

test("R6: without a declared proxy, forwarding headers change nothing", async (t) => {
  const application = await startApplication(t);
  const ada = application.browser(SPOOFED);
  const { headers } = await ada.post("/sign-up", { name: "Ada", password: PASSWORD });
  assert.equal(headers.location, "/registrations");
  assert.deepEqual([...ada.cookies.keys()].sort(), ["device", "session"]);
  assert.doesNotMatch(String(headers["set-cookie"]), /secure|evil/i);
  assert.equal(headers["strict-transport-security"], undefined);
  assert.equal((await ada.post("/sign-out")).headers["clear-site-data"], undefined);
  for (const { address } of await auditOf(application)) assert.match(address ?? "", LOOPBACK);
  for (const path of ["/", "/sign-in", "/nothing"])
    assert.doesNotMatch((await ada.get(path)).body, /evil\.example/);
});

test("R6: a link that is handed out leads to this server, whatever the request says", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await signedUp(application, "Bob");
  await promote(application, "Ada");
  const { body } = await ada.post(`/admin/people/${await idOf(application, "Bob")}/reset-link`, {}, SPOOFED);
  assert.match(body, new RegExp(`${application.url}/reset/[\\w-]{32}`));
  assert.doesNotMatch(body, /evil\.example/);
});

test("R6: nobody gets more guesses by making up addresses", async (t) => {
  const application = await startApplication(t);
  const statuses = [];
  for (let guess = 0; guess < 6; guess++) {
    const browser = application.browser({ ...SPOOFED, "X-Forwarded-For": `203.0.113.${guess}` });
    statuses.push((await browser.post("/sign-in", { name: "Ada", password: "wrong" })).status);
  }
  assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429]);
});

/** Starts behind proxies on this machine and in a network, and answers the address that is written down for a request. */
async function addressOf(application: Application, forwardedFor: string): Promise<string | null> {
  const browser = application.browser({ Host: "register.example.org", "X-Forwarded-Proto": "https" });
  await browser.post("/sign-in", { name: "Nobody", password: "wrong" }, { "X-Forwarded-For": forwardedFor });
  const [event] = await auditOf(application);
  await application.services.database.deleteFrom("audit").execute();
  await application.services.database.deleteFrom("attempts").execute();
  return event?.address ?? null;
}

test("R6: with declared proxies, the address nearest to them that is none of them counts", async (t) => {
  const application = await startApplication(t, { ORIGIN, TRUSTED_PROXIES: "127.0.0.1,::1,10.0.0.0/8" });
  const cases: Record<string, string> = {
    "198.51.100.7": "198.51.100.7",
    "203.0.113.9, 198.51.100.7": "198.51.100.7",
    "203.0.113.9, 198.51.100.7, 10.1.2.3": "198.51.100.7",
    "10.9.9.9, 198.51.100.7, 10.1.2.3": "198.51.100.7",
    "2001:db8::1": "2001:db8::1",
  };
  for (const [forwardedFor, address] of Object.entries(cases))
    assert.equal(await addressOf(application, forwardedFor), address, forwardedFor);
  for (const forwardedFor of ["<script>", "x, 10.1.2.3", "198.51.100.7:443", ",", "", "198.51.100.7\t\x80"])
    assert.match((await addressOf(application, forwardedFor)) ?? "", LOOPBACK, JSON.stringify(forwardedFor));
});

test("R6: a declared proxy says that the browser speaks HTTPS, but not by which name", async (t) => {
  const application = await startApplication(t, { ORIGIN, TRUSTED_PROXIES: "127.0.0.1,::1" });
  const ada = application.browser({ ...SPOOFED, Host: "register.example.org" });
  const { headers } = await ada.post("/sign-up", { name: "Ada", password: PASSWORD });
  assert.deepEqual([...ada.cookies.keys()].sort(), ["__Host-device", "__Host-session"]);
  for (const cookie of headers["set-cookie"] ?? []) assert.match(cookie, /; Path=\/;.*; Secure\b/);
  const other = await ada.get("/", { Host: "evil.example", "X-Forwarded-Host": "register.example.org" });
  assert.equal(other.status, 421);
});

/** Hosts that are not ours, each with the one thing that is not. */
const NOT_OURS = [
  "evil.example",
  "evil.example:5000",
  "localhost.evil.example",
  "evil-localhost",
  "localhost.",
  "127.0.0.2",
  "127.1",
  "2130706433",
  "0.0.0.0",
  "xn--lcalhost-n4a",
  "",
];

/** What is no host at all (RFC 9110, 7.2). */
const NO_HOSTS = [
  "localhost:99999",
  "localhost:x",
  "localhost/",
  "localhost/registrations?",
  "localhost#",
  "user@localhost",
  "a b",
  "[::1",
  "[::1]x",
  "localhost, evil.example",
  "<script>",
  "%6cocalhost",
  "http://localhost",
  "\x80",
];

const titleOf = (answer: string) => /<title>([^<]*)/.exec(answer)?.[1];
const request = (target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n");

test("R6: a host that is not ours gets a page that says so, and what is none is refused", async (t) => {
  const application = await startApplication(t);
  for (const host of NOT_OURS) {
    const answer = await sendRaw(application, request("/", `Host: ${host}`));
    assert.match(answer, /^HTTP\/1.1 421 /, host);
    assert.equal(titleOf(answer), "Wrong address · Vestiaire", host);
    assert.doesNotMatch(answer, /evil/, host);
  }
  for (const host of NO_HOSTS) {
    const answer = await sendRaw(application, request("/", `Host: ${host}`));
    assert.match(answer, /^HTTP\/1.1 (?:400|421) /, host);
    assert.doesNotMatch(answer, /evil|<script>|Error|\bat /, host);
  }
  const twice = await sendRaw(application, request("/", "Host: localhost", "Host: evil.example"));
  assert.match(twice, /^HTTP\/1.1 4(?:00|21) /);
  assert.equal((await application.browser().get("/")).status, 200);
  assert.ok(!application.logged.some((line) => line.includes("a handler failed")));
});

test("R6: any spelling of our own host is ours", async (t) => {
  const application = await startApplication(t);
  for (const host of ["localhost", "LocalHost:80", "127.0.0.1:5000", "[::1]:5000"])
    assert.match(await sendRaw(application, request("/", `Host: ${host}`)), /^HTTP\/1.1 200 /, host);
});

test("R6: a whole URL as the request's target names no other server, and no other scheme", async (t) => {
  const application = await startApplication(t);
  for (const target of [
    "http://evil.example/",
    "https://localhost/",
    "http://localhost/",
    "https://evil.example/sign-in",
  ]) {
    const answer = await sendRaw(application, request(target, "Host: localhost"));
    assert.match(answer, /^HTTP\/1.1 421 /, target);
    assert.doesNotMatch(answer, /evil/, target);
  }
  for (const target of ["http://[", "//", "*", "evil.example:443"]) {
    const answer = await sendRaw(application, request(target, "Host: localhost"));
    assert.match(answer, /^HTTP\/1.1 4\d\d /, target);
  }
});
