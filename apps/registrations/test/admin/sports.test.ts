// The sports in the back office.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addSport, breaksRule, listSports, removeSport, renameSport } from "../../src/admin/sports.ts";
import { register } from "../../src/registrations/registrations.ts";
import { signedUp, startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { audited } from "../support/people.ts";
import { addPeople, administrator, firstCells } from "./administrator.ts";

test("a sport is added, and people can register for it", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const added = await ada.follow(await ada.post("/admin/sports", { name: " Fencing " }));
  assert.match(added.body, /Fencing is added/);
  assert.deepEqual(firstCells(added), ["Basketball", "Fencing", "Soccer", "Ultimate Frisbee"]);
  assert.match((await ada.get("/registrations")).body, /Fencing/);
  const taken = await ada.post("/admin/sports", { name: "ULTIMATE  frisbee" });
  assert.equal(taken.status, 409);
  assert.match(taken.body, /There is a sport of this name already/);
  assert.equal((await ada.post("/admin/sports", { name: "" })).status, 400);
  const events = await audited(application, "sport.add", "done");
  assert.deepEqual(
    events.map(({ target }) => target),
    ["Fencing"],
  );
});

test("a sport is renamed, but not to another one's name", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  assert.match((await ada.get("/admin/sports/soccer")).body, /value="Soccer"/);
  const renamed = await ada.follow(await ada.post("/admin/sports/soccer/rename", { name: "Football" }));
  assert.deepEqual(firstCells(renamed), ["Basketball", "Football", "Ultimate Frisbee"]);
  const taken = await ada.post("/admin/sports/soccer/rename", { name: "basketball" });
  assert.equal(taken.status, 409);
  assert.match(taken.body, /value="basketball"/);
  assert.equal((await ada.post("/admin/sports/soccer/rename", { name: "FOOTBALL" })).status, 303);
  const [event, ...others] = await audited(application, "sport.rename", "done");
  assert.deepEqual([event?.target, event?.detail, others.length], ["Soccer", "soccer, Football", 1]);
});

test("a closed sport takes no new registrations and keeps the old ones, until it is opened again", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: "soccer" });
  const closed = await ada.follow(await ada.post("/admin/sports/soccer/close"));
  assert.match(closed.body, /Soccer takes no new registrations/);
  assert.match((await grace.get("/registrations")).body, /Soccer/);
  const count = async () =>
    (await listSports(application.services.database)).find(({ id }) => id === "soccer")?.registrations;
  await ada.post("/registrations", { sport: "soccer" });
  assert.equal(await count(), 1);
  await ada.post("/admin/sports/soccer/open");
  await ada.post("/registrations", { sport: "soccer" });
  assert.equal(await count(), 2);
  for (const action of ["sport.close", "sport.open"] as const) {
    const [event] = await audited(application, action, "done");
    assert.deepEqual([event?.actorName, event?.target, event?.detail], ["Ada", "Soccer", "soccer"]);
  }
});

test("a sport is removed after a question, and only while nobody is registered for it", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await ada.post("/registrations", { sport: "soccer" });
  assert.match((await ada.get("/admin/sports/soccer/remove")).body, /Remove Soccer\?/);
  const kept = await ada.follow(await ada.post("/admin/sports/soccer/remove"));
  assert.match(kept.body, /Soccer stays: somebody is registered for it/);
  const removed = await ada.follow(await ada.post("/admin/sports/basketball/remove"));
  assert.deepEqual(firstCells(removed), ["Soccer", "Ultimate Frisbee"]);
  const events = await audited(application, "sport.remove", "done");
  assert.deepEqual(
    events.map(({ target }) => target),
    ["Basketball"],
  );
});

eachDatabase(
  "the database itself keeps names apart, and sports that people are registered for",
  async ({ database }) => {
    const [grace] = await addPeople(database, ["Grace"]);
    await register(database, { personId: grace?.id ?? "", sportId: "soccer", now: 0 });
    await assert.rejects(addSport(database, { id: "x", name: "SOCCER" }), breaksRule);
    await assert.rejects(renameSport(database, "basketball", "soccer"), breaksRule);
    await assert.rejects(removeSport(database, "soccer"), breaksRule);
    await assert.rejects(
      database
        .selectFrom("nothing" as "sports")
        .selectAll()
        .execute(),
      (error) => !breaksRule(error),
    );
    assert.equal((await listSports(database)).length, 3);
  },
);
