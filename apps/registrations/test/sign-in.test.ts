// Signing up, in and out with a name and a password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PASSWORD, signedUp, startApplication } from "./support/application.ts";

test("somebody signs up, registers, and takes the registration back", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const added = await ada.follow(await ada.post("/registrations", { sport: ["soccer", "basketball"] }));
  assert.match(added.body, /You are registered for Basketball, Soccer\./);
  const [, path = ""] = /href="(\/registrations\/[^"]+\/take-back)"/.exec(added.body) ?? [];
  assert.match((await ada.get(path)).body, /Take back Basketball\?/);
  const taken = await ada.follow(await ada.post(path));
  assert.match(taken.body, /Your registration for Basketball is taken back\./);
  assert.equal((await ada.get(path)).status, 404);
});

test("whoever signed out is out, and signs in again with name and password", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await ada.post("/sign-out");
  const away = await ada.get("/registrations");
  assert.equal(away.headers.location, "/sign-in?next=%2Fregistrations");
  const back = await ada.post("/sign-in", { name: "ada", password: PASSWORD, next: "/registrations" });
  assert.equal(back.headers.location, "/registrations");
  assert.equal((await ada.get("/registrations")).status, 200);
});

test("a password that is changed while a sign-in with the old one is checked lets nobody in", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  const { passwords } = application.services;
  const verify = passwords.verify.bind(passwords);
  const thief = application.browser();
  const changed = "eleven other coats upstairs";
  t.mock.method(passwords, "verify", async (hash: string | null, password: string) => {
    const right = await verify(hash, password);
    t.mock.restoreAll();
    const fields = { currentPassword: PASSWORD, newPassword: changed };
    const { headers } = await ada.post("/account/password", fields);
    assert.equal(headers.location, "/account");
    return right;
  });
  const { status } = await thief.post("/sign-in", { name: "Ada", password: PASSWORD });
  assert.equal(status, 400);
  assert.equal((await thief.get("/account")).status, 303);
  assert.equal((await ada.get("/account")).status, 200);
});

test("confirming who one is leaves a sign-in as lasting as it was", async (t) => {
  const application = await startApplication(t);
  await signedUp(application, "Ada");
  const phone = application.browser();
  await phone.post("/sign-in", { name: "Ada", password: PASSWORD, remember: "on" });
  const { headers } = await phone.post("/confirm-identity", { password: PASSWORD });
  assert.match(`${headers["set-cookie"]}`, /session=[^;]+;.*Max-Age=[1-9]/);
});
