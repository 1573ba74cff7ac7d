// Registering for sports: what people are told is what happened, sport by sport.

import assert from "node:assert/strict";
import { test } from "node:test";
import { registrationsOf } from "../security/registrants.ts";
import { signedUp, startApplication } from "../support/application.ts";
import type { Answer } from "../support/browser.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited } from "../support/people.ts";

/** What the page says about the action before it. */
const notices = ({ body }: Answer) =>
  [...body.matchAll(/<p class="notice (\w+)"[^>]*>(.*?)<\/p>/gs)].map(([, kind, text]) => `${kind}: ${text}`);

eachDatabase(
  "each sport that was chosen is told apart: added, there already, closed, or gone",
  async ({ url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const bob = await signedUp(application, "Bob");
    const choose = async (...sport: string[]) =>
      notices(await bob.follow(await bob.post("/registrations", { sport })));
    assert.deepEqual(await choose("basketball"), ["done: You are registered for Basketball."]);
    await application.services.database
      .updateTable("sports")
      .set({ closedAt: 1 })
      .where("id", "=", "soccer")
      .execute();
    assert.deepEqual(await choose("soccer"), [
      "failed: You are not registered for Soccer: registration has closed.",
    ]);
    assert.deepEqual(await choose("nonsense"), [
      "failed: A sport of your choice cannot be found any more: you are not registered for it.",
    ]);
    assert.deepEqual(await choose("soccer", "basketball", "ultimate-frisbee", "nonsense", "no sense"), [
      "done: You are registered for Ultimate Frisbee.",
      "failed: You were registered for Basketball already.",
      "failed: You are not registered for Soccer: registration has closed.",
      "failed: 2 sports of your choice cannot be found any more: you are not registered for them.",
    ]);
    assert.equal((await registrationsOf(application, "Bob")).length, 2);
    assert.equal((await audited(application, "registration.add", "done")).length, 2);
  },
);

test("an administrator is told whether a registration was there already or its sport is closed", async (t) => {
  const application = await startApplication(t);
  const ada = await signedUp(application, "Ada");
  await application.services.database.updateTable("people").set({ administrator: 1 }).execute();
  const add = () => ada.post("/admin/registrations", { person: "Ada", for: "soccer" });
  await application.services.database.updateTable("sports").set({ closedAt: 1 }).execute();
  assert.match((await add()).body, /No sport is open/);
  await application.services.database
    .updateTable("sports")
    .set({ closedAt: null })
    .where("id", "=", "basketball")
    .execute();
  assert.match((await add()).body, /Ada is not registered: Soccer takes no registrations any more/);
  await application.services.database.updateTable("sports").set({ closedAt: null }).execute();
  await add();
  assert.match((await add()).body, /Ada is registered for Soccer already/);
});
