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
  assert.match(refused, /Access denied<.*?Denied.*?Grace.*?\/admin\/audit/s);
  assert.doesNotMatch(refused, /<div>Signed up/);
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
  assert.match(body, /Latest refusals.*Access denied.*Grace/s);
});
