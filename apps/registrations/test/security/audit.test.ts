// P12 of the security requirements: whatever is tried, refused, made, ended or administered is written down, once in the
// log and once in the database, and neither tells a secret. C3, for the application: nor does any page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { firstAdministratorLink } from "../../src/accounts/first-administrator.ts";
import { auditActions } from "../../src/audit/audit.ts";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import { type Answer, Browser } from "../support/browser.ts";
import { idOf } from "../support/people.ts";
import { auditOf } from "./probes.ts";

/** A browser that notes everything it got, and every cookie that it ever had. */
class Witness extends Browser {
  readonly answers: Answer[] = [];
  readonly secrets = new Set<string>();

  override async send(...request: Parameters<Browser["send"]>): Promise<Answer> {
    const answer = await super.send(...request);
    this.answers.push(answer);
    const open = ["language", "account-deleted"];
    for (const [name, value] of this.cookies) if (!open.includes(name)) this.secrets.add(value);
    return answer;
  }
}

const NEW_PASSWORD = "nine loud umbrellas in a row";
const WRONG_PASSWORD = "eleven lost gloves by a door";
const MISTYPED_PASSWORD = "thirteen open doors at night";

/** The application with Ada, its first administrator, Bob, and everything that the two can do and try without a key. */
async function longRun(application: Application) {
  const [ada, bob] = [new Witness(application.url), new Witness(application.url)];
  const first = (await firstAdministratorLink(application.services, application.url)) ?? assert.fail();
  await ada.post(new URL(first).pathname, { name: "Ada", newPassword: PASSWORD });
  await ada.post(new URL(first).pathname, { name: "Ada", newPassword: PASSWORD });
  await bob.post("/sign-up", { name: "Bob", password: PASSWORD });
  await bob.post("/sign-up", { name: "Bob", password: PASSWORD });
  const id = await idOf(application, "Bob");

  // One's own account.
  await bob.post("/registrations", { sport: ["soccer", "basketball"] });
  const own =
    /\/registrations\/[^"]+\/take-back/.exec((await bob.get("/registrations")).body)?.[0] ?? assert.fail();
  await bob.post(own);
  await bob.post(own);
  await bob.post("/confirm-identity", { password: WRONG_PASSWORD });
  await bob.post("/confirm-identity", { password: PASSWORD });
  await bob.post("/account/password", { currentPassword: WRONG_PASSWORD, newPassword: NEW_PASSWORD });
  await bob.post("/account/password", { currentPassword: PASSWORD, newPassword: NEW_PASSWORD });
  await bob.post("/account/devices/end-others");
  await bob.post("/account/data");
  await bob.post("/sign-out", {}, { "Sec-Fetch-Site": "cross-site" });
  await bob.get("/admin");
  await bob.post("/sign-out");
  // Somebody who types into the wrong field.
  await bob.post("/sign-in", { name: MISTYPED_PASSWORD, password: "Bob" });
  await bob.post("/sign-in", { name: "Bob", password: WRONG_PASSWORD });
  await bob.post("/sign-in", { name: "Bob", password: NEW_PASSWORD });
  for (let guess = 0; guess < 6; guess++)
    await new Witness(application.url).post("/sign-in", { name: "Bob", password: WRONG_PASSWORD });

  // The back office.
  await ada.post("/admin/people", { name: "Eve" });
  for (const what of ["disable", "enable", "promote", "demote"])
    await ada.post(`/admin/people/${id}/${what}`);
  await ada.post(`/admin/people/${id}/sessions/end`);
  const handedOut = await ada.post(`/admin/people/${id}/reset-link`);
  const reset = /\/reset\/[\w-]+/.exec(handedOut.body)?.[0] ?? assert.fail();
  await ada.post("/admin/sports", { name: "Chess" });
  const sport =
    /\/admin\/sports\/[\w-]{36}/.exec((await ada.get("/admin/sports")).body)?.[0] ?? assert.fail();
  await ada.post(`${sport}/rename`, { name: "Go" });
  for (const what of ["close", "open", "remove"]) await ada.post(`${sport}/${what}`);
  await ada.post("/admin/registrations/export", { name: "", sport: "" });
  for (const path of ["/admin", "/admin/people", "/admin/sessions", "/admin/audit", "/account"])
    await ada.get(path);

  // The link, read on the way, used and used again.
  await bob.get(reset);
  await bob.post(reset, { newPassword: PASSWORD }, { "Sec-Fetch-Site": "cross-site" });
  await bob.get(`${reset}?x=/nothing`);
  await bob.post(reset, { newPassword: PASSWORD });
  await bob.post(reset, { newPassword: PASSWORD });
  await bob.post("/account/delete");
  await ada.post(`/admin/people/${await idOf(application, "Eve")}/remove`);

  const secrets = new Set([PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, ...ada.secrets, ...bob.secrets]);
  const links = [first, reset].map((link) => link.split("/").at(-1) ?? assert.fail());
  return { ada, bob, secrets, links };
}

/** What a test of its own shows: it takes a key, or a provider. */
const ELSEWHERE = ["passkey.add", "passkey.remove", "provider.link", "provider.unlink"];

test("P12: everything that can happen is written down: when, who, from where, what, with which result", async (t) => {
  const application = await startApplication(t);
  await longRun(application);
  const rows = await auditOf(application);
  const actions = new Set([...rows.map(({ action }) => action), ...ELSEWHERE]);
  assert.deepEqual([...actions].sort(), [...auditActions].sort());
  for (const { at, result, address } of rows) {
    assert.equal(at, application.clock.now());
    assert.match(result, /^(?:done|denied|failed)$/);
    assert.match(address ?? "", /^(?:::ffff:)?127\.0\.0\.1$|^::1$/);
  }
  const of = (action: string) =>
    rows.filter((row) => row.action === action).map(({ result, actorName }) => `${result} ${actorName}`);
  assert.deepEqual(of("sign-up"), ["done Bob", "failed Bob"]);
  assert.deepEqual(of("registration.remove"), ["done Bob"]);
  assert.deepEqual(of("access.denied"), ["denied Bob", "denied Bob"]);
  // Before anybody is looked up.
  assert.deepEqual(of("request.cross-site"), ["denied null", "denied null"]);
  assert.deepEqual(of("identity.confirm"), ["failed Bob", "done Bob", "failed Bob"]);
  assert.deepEqual(of("administrator.first"), ["done Ada", "denied Ada"]);
  assert.equal(of("sign-in").filter((event) => event === "denied null").length, 1);
});

test("P12: each event is one line of JSON, the same as its row", async (t) => {
  const application = await startApplication(t);
  await longRun(application);
  const lines = application.logged.map((line) => {
    assert.match(line, /^[^\n]*\n$/);
    return JSON.parse(line) as { time: number; msg: string; requestId: string; audit?: { at: string } };
  });
  const events = lines.flatMap(({ audit, msg, requestId }) =>
    audit === undefined ? [] : [{ audit, msg, requestId }],
  );
  const rows = await auditOf(application);
  assert.deepEqual(
    events.map(({ audit }) => audit).sort(byId),
    rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() })).sort(byId),
  );
  for (const { audit, requestId } of events) {
    assert.match(audit.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(lines.some((line) => line.msg === "request" && line.requestId === requestId));
  }
});

test("P12: what could not be committed is not told as done", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const { database } = application.services;
  // From now on, a transaction that writes an event down fails at its very end.
  await sql`create table promises (person text references people (id) deferrable initially deferred)`.execute(
    database,
  );
  await sql`create trigger broken after insert on audit begin insert into promises values ('nobody'); end`.execute(
    database,
  );
  assert.equal((await ada.post("/registrations", { sport: "soccer" })).status, 500);
  await sql`drop trigger broken`.execute(database);
  const told = () => application.logged.filter((line) => line.includes('"action":"registration.add"')).length;
  const figures = async () => (await fetch(`${application.metricsUrl}/metrics`)).text();
  assert.deepEqual(
    (await auditOf(application)).filter(({ action }) => action === "registration.add"),
    [],
  );
  assert.equal(told(), 0);
  assert.doesNotMatch(await figures(), /action="registration.add"/);
  await ada.post("/registrations", { sport: "soccer" });
  assert.equal(told(), 1);
  assert.match(await figures(), /action="registration.add",result="done"} 1/);
});

const byId = (a: object, b: object) => String("id" in a && a.id).localeCompare(String("id" in b && b.id));

test("P12: what is sent cannot write a line of its own, nor move the cursor of who reads", async (t) => {
  const application = await startApplication(t);
  const name = `O'Hara "\\" {"audit":{}} <b>`;
  const browser = application.browser({
    "X-Forwarded-For": `1.2.3.4"}\u009b[31m`,
    "User-Agent": `x"}\u009b[31m`,
  });
  await browser.post("/sign-up", { name, password: PASSWORD });
  const id = `x\n{"audit":{"action":"person.promote"}}\u001b[2K\u009b2K\u2028\u202e`;
  assert.equal((await browser.post(`/registrations/${encodeURIComponent(id)}/take-back`)).status, 404);
  await browser.post("/sign-in", { name: `${id}`, password: PASSWORD });
  const event = (await auditOf(application)).find(({ action }) => action === "access.denied");
  const target = String.raw`registration x\u{a}{"audit":{"action":"person.promote"}}\u{1b}[2K\u{9b}2K\u{2028}\u{202e}`;
  assert.deepEqual([event?.actorName, event?.target], [name, target]);
  for (const line of application.logged) {
    assert.doesNotMatch(line.slice(0, -1), /[\p{C}\p{Zl}\p{Zp}]/u);
    assert.doesNotThrow(() => JSON.parse(line), line);
  }
  assert.equal(application.logged.filter((line) => line.includes('"action":"person.promote"')).length, 0);
});

test("P12: no password, no cookie and no link's secret is in the log or the database", async (t) => {
  const application = await startApplication(t);
  const { secrets, links } = await longRun(application);
  const { database } = application.services;
  const tables = (await database.introspection.getTables()).map(({ name }) => name);
  const kept = await Promise.all(
    tables.map((table) =>
      database
        .selectFrom(table as "people")
        .selectAll()
        .execute(),
    ),
  );
  const written = [...application.logged, JSON.stringify(kept)].join("\n");
  assert.ok(secrets.size > 10);
  for (const secret of [...secrets, ...links, MISTYPED_PASSWORD]) {
    assert.ok(!written.includes(secret), secret);
    assert.ok(!written.includes(encodeURIComponent(secret)), secret);
    // The half of a session's cookie that proves the right to use it.
    const half = secret.split(".")[1];
    if (half !== undefined) assert.ok(!written.includes(half), secret);
  }
});

test("C3: no page holds a password or a cookie, and only the pages of a link its secret", async (t) => {
  const application = await startApplication(t);
  const { ada, bob, secrets, links } = await longRun(application);
  for (const { body, headers } of [...ada.answers, ...bob.answers]) {
    const { "set-cookie": _, ...others } = headers;
    for (const secret of secrets)
      assert.ok(!body.includes(secret) && !JSON.stringify(others).includes(secret), secret);
  }
  for (const secret of links)
    for (const { headers } of [...ada.answers, ...bob.answers])
      assert.ok(!JSON.stringify(headers).includes(secret));
});
