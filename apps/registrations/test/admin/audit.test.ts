// The audit log's page and the overview: what administrators read of what happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { auditActions } from "../../src/audit/audit.ts";
import { translate } from "../../src/i18n/translate.ts";
import { signedUp, startApplication } from "../support/application.ts";
import { idOf } from "../support/people.ts";
import { addPeople, administrator } from "./administrator.ts";

test("the log says who did what to whom, in the reader's language, and that it was refused", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await ada.post(`/admin/people/${await idOf(application, "Grace")}/promote`);
  await ada.post(`/admin/people/${await idOf(application, "Grace")}/demote`);
  await grace.get("/admin/audit");
  const refused = (await ada.get("/admin/audit?result=denied&name=grace")).body;
  assert.match(refused, /<div>Access<.*?Denied.*?Grace.*?\/admin\/audit/s);
  assert.doesNotMatch(refused, /<div>Sign-up/);
  const french = await ada.get("/admin/audit?action=person.promote", { "Accept-Language": "fr" });
  assert.match(french.body, /Droits d’administration accordés<.*?Fait.*?Ada.*?Grace/s);
  assert.doesNotMatch(french.body, /<div>Droits d’administration retirés</);
});

test("a name in the log is text, whatever is in it", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await ada.post("/admin/people", { name: "<script>alert(1)</script>" });
  for (const path of ["/admin/audit", "/admin/people"]) {
    const { body } = await ada.get(path);
    assert.match(body, /&lt;script&gt;alert\(1\)/, path);
    assert.doesNotMatch(body, /<script>/, path);
  }
});

test("every action has a text of its own, in each language", () => {
  for (const language of ["en", "fr"] as const) {
    const texts = auditActions.map((action) => translate(language)(`audit.${action}`));
    assert.equal(new Set(texts).size, auditActions.length);
  }
});

test("the overview counts people, administrators and registrations, and shows what was refused", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: ["soccer", "basketball"] });
  assert.doesNotMatch((await ada.get("/admin")).body, /Latest refusals/);
  const [barbara] = await addPeople(application.services.database, ["Barbara"]);
  await ada.post(`/admin/people/${barbara?.id}/disable`);
  await grace.get("/admin/people");
  const { body } = await ada.get("/admin");
  const facts = [...body.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map(
    ([, term, value]) => `${term}: ${value}`,
  );
  assert.deepEqual(facts, ["People: 3", "Administrators: 1", "Disabled accounts: 1", "Registrations: 2"]);
  assert.match(body, /Latest refusals.*Access<.*Grace/s);
});

test("events of one instant are listed newest first", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  // The clock stands still: all of this happens within one millisecond.
  const names = Array.from({ length: 30 }, (_, index) => `Sport ${index}`);
  for (const name of names) await ada.post("/admin/sports", { name });
  const { body } = await ada.get("/admin/audit?action=sport.add");
  const listed = [...body.matchAll(/<div>(Sport \d+)<\/div>/g)].map(([, name]) => name);
  assert.deepEqual(listed, names.toReversed());
});

test("what was tried and failed is named as an attempt, and the words in the log are in the reader's language", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  for (let guess = 0; guess < 6; guess++)
    await application.browser().post("/sign-in", { name: "Ada", password: "wrong" });
  await ada.post("/account/devices/end-others");
  await ada.get("/registrations/x/take-back");
  const rows = async (language: string) => {
    const { body } = await ada.get("/admin/audit", { "Accept-Language": language });
    return [...body.matchAll(/<tr role="row">\s*<th scope="row.*?<\/tr>/gs)].map(([row]) =>
      [...row.matchAll(/<div>(.*?)<\/div>/gs)].map(([, cell = ""]) => cell.replaceAll(/<[^>]*>/g, "")),
    );
  };
  const told = (all: string[][], action: string, result: string) =>
    all.filter(([a, b]) => a === action && b === result).map((row) => row.slice(4).join("|"));
  const english = await rows("en");
  assert.ok(told(english, "Sign-in", "Failed").includes("Ada|"));
  assert.ok(told(english, "Sign-in", "Denied").includes("Ada|too many attempts"));
  const french = await rows("fr");
  assert.deepEqual(told(french, "Connexion", "Refusé"), ["Ada|trop de tentatives"]);
  assert.deepEqual(told(french, "Connexion", "Fait"), ["|nouveau compte"]);
  assert.deepEqual(told(french, "Fermeture de sessions", "Fait"), ["tous les autres appareils|"]);
  assert.deepEqual(told(french, "Accès", "Refusé"), ["inscription x|"]);
});
