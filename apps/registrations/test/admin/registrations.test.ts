// Everybody's registrations in the back office: filter, add, remove, and the export to a spreadsheet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvFile, csvLines } from "../../src/admin/csv.ts";
import { type Application, signedUp, startApplication } from "../support/application.ts";
import { audited, idOf } from "../support/people.ts";
import { addPeople, administrator, firstCells } from "./administrator.ts";

/** Registers everybody for these sports, in the database only. */
async function registerAll(
  { services: { database } }: Application,
  sports: readonly string[],
): Promise<void> {
  const people = await database.selectFrom("people").select("id").execute();
  for (const { id: personId } of people)
    for (const sportId of sports)
      await database
        .insertInto("registrations")
        .values({ id: `${personId}-${sportId}`, personId, sportId, createdAt: Date.UTC(2026, 8, 1, 12) })
        .execute();
}

test("registrations are filtered by sport and by name", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await addPeople(application.services.database, ["Élodie", "Grace", "a_b", "aXb"]);
  await registerAll(application, ["soccer", "basketball"]);
  const shown = async (query: Record<string, string>) => {
    const page = await ada.get(`/admin/registrations?${new URLSearchParams(query)}`);
    return firstCells(page);
  };
  assert.equal((await shown({})).length, 10);
  assert.deepEqual(await shown({ sport: "soccer", name: "éLO" }), ["Élodie"]);
  assert.deepEqual(await shown({ name: "A_B" }), ["a_b", "a_b"]);
  assert.deepEqual(await shown({ sport: "ultimate-frisbee" }), []);
});

test("a registration is added by the person's name, once, and only for an open sport", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  const add = (person: string, sport: string) => ada.post("/admin/registrations", { person, for: sport });
  const added = await ada.follow(await add(" GRACE ", "soccer"));
  assert.match(added.body, /Grace is registered for Soccer/);
  assert.match((await grace.get("/registrations")).body, /Soccer/);
  const again = await add("Grace", "soccer");
  assert.equal(again.status, 409);
  assert.match(again.body, /registered for Soccer already/);
  const nobody = await add("Nobody", "soccer");
  assert.equal(nobody.status, 400);
  assert.match(nobody.body, /Nobody has this name/);
  assert.match(nobody.body, /value="Nobody"/);
  assert.equal((await add("Grace", "chess")).status, 400);
  await ada.post("/admin/sports/basketball/close");
  assert.equal((await add("Grace", "basketball")).status, 409);
  const events = await audited(application, "registration.add", "done");
  assert.deepEqual(
    events.map(({ actorName, target }) => [actorName, target]),
    [["Ada", "Grace"]],
  );
});

test("a registration is removed after a question, and its owner's others stay", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const grace = await signedUp(application, "Grace");
  await grace.post("/registrations", { sport: ["soccer", "basketball"] });
  const [, path = ""] =
    /href="(\/admin\/registrations\/[^"]*\/remove)"/.exec((await ada.get("/admin/registrations")).body) ?? [];
  assert.match((await ada.get(path)).body, /Remove the registration of Grace for Basketball\?/);
  await ada.post(path);
  assert.deepEqual(firstCells(await ada.get("/admin/registrations")), ["Grace"]);
  assert.equal((await ada.post(path)).status, 404);
  const [event, ...others] = await audited(application, "registration.remove", "done");
  assert.deepEqual(
    [event?.actorName, event?.target, event?.detail, others.length],
    ["Ada", "Grace", `${await idOf(application, "Grace")}, Basketball`, 0],
  );
});

test("the export holds the filter's registrations, and is written down", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  await addPeople(application.services.database, ['Zoë "Z" O’Neil, jr.', "=1+1"]);
  await registerAll(application, ["soccer", "basketball"]);
  const { status, headers, body } = await ada.post("/admin/registrations/export", {
    sport: "soccer",
    name: "",
  });
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "text/csv; charset=utf-8");
  assert.match(
    headers["content-disposition"] ?? "",
    /^attachment; filename="registrations-\d{4}-\d\d-\d\d\.csv"$/,
  );
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(
    body,
    '\uFEFF"Name","Sport","Registered"\r\n' +
      '"\'=1+1","Soccer","2026-09-01T12:00:00.000Z"\r\n' +
      '"Ada","Soccer","2026-09-01T12:00:00.000Z"\r\n' +
      '"Zoë ""Z"" O’Neil, jr.","Soccer","2026-09-01T12:00:00.000Z"\r\n',
  );
  const [event] = await audited(application, "registrations.export", "done");
  assert.equal(event?.actorName, "Ada");
  assert.equal(event?.detail, "name=&sport=soccer");
});

test("an export of more than fits into one batch is whole", async (t) => {
  const application = await startApplication(t);
  const ada = await administrator(application);
  const names = Array.from({ length: 1_100 }, (_, index) => `Person ${String(index).padStart(4, "0")}`);
  await addPeople(application.services.database, names);
  await registerAll(application, ["soccer", "basketball"]);
  const { body } = await ada.post("/admin/registrations/export", { name: "person" });
  const lines = body.split("\r\n").slice(1, -1);
  assert.equal(lines.length, 2_200);
  assert.equal(new Set(lines).size, 2_200);
});

test("no cell of an export is a formula", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    assert.equal(csvLines([[`${start}cmd`]]), `"'${start}cmd"\r\n`);
  assert.equal(csvLines([["a=b", '"', "a\r\nb", ""]]), '"a=b","""","a\r\nb",""\r\n');
});

test("an export whose rows fail breaks off instead of looking whole", async () => {
  async function* failing() {
    yield [["Ada"]];
    throw new Error("The database is gone.");
  }
  await assert.rejects(new Response(csvFile(["Name"], failing())).text(), /gone/);
});
