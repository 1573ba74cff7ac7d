// The account page and the password, over HTTP: A and B are two browsers of one person.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Application, PASSWORD, signedUp, startApplication } from "../support/application.ts";
import type { Browser } from "../support/browser.ts";
import { audited, signedIn } from "../support/people.ts";

const NEW = "a lantern over eleven wet stairs";

const change = (browser: Browser, currentPassword: string, newPassword: string) =>
  browser.post("/account/password", { currentPassword, newPassword });

const canSignIn = async (application: Application, name: string, password: string) =>
  (await application.browser().post("/sign-in", { name, password })).status === 303;

/** Makes the account one that has no password, as with a provider. */
async function withoutPassword({ services }: Application, name: string): Promise<void> {
  await services.database
    .updateTable("people")
    .set({ passwordHash: null })
    .where("name", "=", name)
    .execute();
}

test("the account page shows who one is, and the way to each of its parts", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada <b>");
  const { status, body } = await ada.get("/account");
  assert.equal(status, 200);
  assert.match(body, /<dd>Ada &lt;b&gt;<\/dd>/);
  for (const way of ["/account/password", "/account/delete"]) assert.ok(body.includes(`href="${way}"`), way);
  assert.match(body, /action="\/account\/data"/);
  const french = await ada.get("/account", { "Accept-Language": "fr" });
  assert.match(french.body, /<h1>Votre compte<\/h1>/);
});

test("nobody who is not signed in gets to any part of an account", async (t) => {
  const application = await startApplication(t);
  const stranger = application.browser();
  for (const path of ["/account", "/account/password", "/account/delete"]) {
    const { status, headers } = await stranger.get(path);
    assert.equal(status, 303, path);
    assert.equal(headers.location, `/sign-in?next=${encodeURIComponent(path)}`);
  }
  const paths = ["/account/password", "/account/data", "/account/delete", "/account/devices/end-others"];
  for (const path of paths) {
    const { status, headers } = await stranger.post(path);
    assert.equal(status, 303, path);
    assert.equal(headers.location, "/sign-in?next=%2F&unsent=on");
  }
});

test("P7: who changes the password stays in, and every other session is out at its next request", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  const answer = await change(a, PASSWORD, NEW);
  assert.equal(answer.headers.location, "/account");
  assert.equal((await b.get("/registrations")).headers.location, "/sign-in?next=%2Fregistrations");
  assert.match((await a.get("/account")).body, /Your password is changed/);
  assert.equal(await canSignIn(application, "Ada", NEW), true);
  assert.equal(await canSignIn(application, "Ada", PASSWORD), false);
  assert.equal((await audited(application, "password.change", "done")).length, 1);
});

test("P7: the session that stays gets a new token", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const before = a.cookies.get("session");
  await change(a, PASSWORD, NEW);
  const after = a.cookies.get("session");
  assert.notEqual(after, before);
  assert.equal(after?.split(".")[0], before?.split(".")[0]);
});

test("P7: a wrong current password changes nothing, and ends nothing", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const b = await signedIn(application, "Ada");
  for (const wrong of ["not the password at all", ""]) {
    const answer = await change(a, wrong, NEW);
    assert.equal(answer.status, 400);
    assert.match(
      answer.body,
      /role="alert".*href="#field-currentPassword">This is not your current password/s,
    );
    assert.ok(!answer.body.includes(NEW));
  }
  assert.equal((await a.post("/account/password", { newPassword: NEW })).status, 400);
  assert.equal((await b.get("/account")).status, 200);
  assert.equal(await canSignIn(application, "Ada", PASSWORD), true);
  assert.equal((await audited(application, "identity.confirm", "failed")).length, 3);
});

test("P1: a new password that is no good is refused, and no guess is counted", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const answer = await change(a, PASSWORD, "too short");
  assert.equal(answer.status, 400);
  assert.match(answer.body, /href="#field-newPassword"/);
  assert.equal(await canSignIn(application, "Ada", PASSWORD), true);
});

test("P4: guesses at the current password are throttled, and then the right one is not looked at either", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const guesses = await Promise.all(
    Array.from({ length: 30 }, () => change(a, "not the password at all", NEW)),
  );
  assert.equal(guesses.filter(({ status }) => status === 400).length, 10);
  const late = await change(a, PASSWORD, NEW);
  assert.equal(late.status, 429);
  assert.ok(Number(late.headers["retry-after"]) > 0);
  assert.equal(await canSignIn(application, "Ada", PASSWORD), true);
});

test("P2: the password form says to password managers what each field is", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  const { body } = await a.get("/account/password");
  const field = (name: string) => new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(body)?.[0] ?? "";
  assert.match(field("name"), /value="Ada" autocomplete="username"/);
  assert.match(field("currentPassword"), /type="password" autocomplete="current-password"/);
  assert.match(field("newPassword"), /type="password" autocomplete="new-password"/);
});

test("P8: an account without a password takes one after a recent sign-in only, and keeps none in between", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  await withoutPassword(application, "Ada");
  application.clock.advance(6 * 60_000);
  for (const answer of [
    await a.get("/account/password"),
    await a.post("/account/password", { newPassword: NEW }),
  ]) {
    assert.equal(answer.headers.location, "/confirm-identity?next=%2Faccount%2Fpassword");
  }
  assert.equal((await a.get("/resume")).headers.location, "/");
  assert.equal(await canSignIn(application, "Ada", NEW), false);
});

test("an account without a password gets one, and has a way in more", async (t) => {
  const application = await startApplication(t);
  const a = await signedUp(application, "Ada");
  await withoutPassword(application, "Ada");
  const form = await a.get("/account/password");
  assert.match(form.body, /<h1>Set a password<\/h1>/);
  assert.ok(!form.body.includes("currentPassword"));
  assert.equal((await a.post("/account/password", { newPassword: NEW })).status, 303);
  assert.equal(await canSignIn(application, "Ada", NEW), true);
  assert.equal((await a.get("/account")).status, 200);
});
