// The lists of the back office, on every engine: searches find what they say, and pages hold everything once.

import assert from "node:assert/strict";
import { listEvents } from "../../src/admin/audit-log.ts";
import type { Page, Place } from "../../src/admin/listing.ts";
import { searchPeople } from "../../src/admin/people.ts";
import { everyRegistration, listRegistrations } from "../../src/admin/registrations.ts";
import type { Database } from "../../src/database/schema.ts";
import { register } from "../../src/registrations/registrations.ts";
import { crawl } from "../security/probes.ts";
import { startApplication } from "../support/application.ts";
import { eachDatabase } from "../support/databases.ts";
import { addPeople, administrator, firstCells, linkOf } from "./administrator.ts";

const START: Place = { keys: null, backwards: false };

/** Walks to the last page and back to the first. Answers the rows of both ways. */
async function walk<Row>(list: (place: Place) => Promise<Page<Row>>) {
  let page = await list(START);
  assert.equal(page.previous, null);
  const there = [...page.rows];
  let pages = 1;
  for (; page.next !== null; pages++) {
    page = await list({ keys: page.next, backwards: false });
    there.push(...page.rows);
  }
  const back = [...page.rows];
  for (let left = pages - 1; left > 0; left--) {
    page = await list({ keys: page.previous, backwards: true });
    back.unshift(...page.rows);
  }
  assert.equal(page.previous, null);
  return { there, back, pages };
}

/** So many names that differ in all that engines sort by: case, accents, blanks, signs. */
const NAMES = Array.from({ length: 130 }, (_, index) => `${["é", "E", "z ", "_", "Å"][index % 5]}${index}`);

async function addEvents(on: Database): Promise<void> {
  for (let index = 0; index < 130; index++)
    await on
      .insertInto("audit")
      .values({
        id: `event-${index}`,
        // Many at one instant: the id decides then.
        at: 1_790_000_000_000 + Math.floor(index / 40),
        action: index % 2 === 0 ? "sign-in" : "sign-out",
        result: index % 5 === 0 ? "denied" : "done",
        actorId: null,
        actorName: index % 10 === 0 ? "GRACE" : null,
        address: null,
        target: null,
        detail: null,
      })
      .execute();
}

eachDatabase(
  "the pages of people are complete and without repeats, in both directions",
  async ({ database }) => {
    await addPeople(database, NAMES);
    const { there, back, pages } = await walk((place) => searchPeople(database, "", place));
    assert.equal(pages, 3);
    assert.deepEqual(there.map(({ name }) => name).sort(), NAMES.map((name) => name.trim()).sort());
    assert.deepEqual(back, there);
  },
);

eachDatabase(
  "the pages of registrations are complete and without repeats, and so is the export",
  async ({ database }) => {
    for (const { id: personId } of await addPeople(database, NAMES))
      for (const sportId of ["soccer", "basketball"]) await register(database, { personId, sportId, now: 0 });
    const everything = { sport: "", name: "" };
    const { there, back } = await walk((place) => listRegistrations(database, everything, place));
    assert.equal(new Set(there.map(({ id }) => id)).size, 260);
    assert.equal(there.length, 260);
    assert.deepEqual(back, there);
    const exported = [];
    for await (const rows of everyRegistration(database, everything)) exported.push(...rows);
    assert.deepEqual(exported, there);
  },
);

eachDatabase(
  "the pages of the audit log are complete and without repeats, newest first",
  async ({ database }) => {
    await addEvents(database);
    const everything = { action: null, name: "", result: null };
    const { there, back } = await walk((place) => listEvents(database, everything, place));
    assert.equal(new Set(there.map(({ id }) => id)).size, 130);
    assert.equal(there.length, 130);
    assert.deepEqual(back, there);
    const times = there.map(({ at }) => at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
  },
);

eachDatabase("the audit log is filtered by action, name and result together", async ({ database }) => {
  await addEvents(database);
  const count = async (filter: Parameters<typeof listEvents>[1]) =>
    (await walk((place) => listEvents(database, filter, place))).there.length;
  assert.equal(await count({ action: "sign-in", name: "", result: null }), 65);
  assert.equal(await count({ action: null, name: "", result: "denied" }), 26);
  assert.equal(await count({ action: null, name: "grace", result: null }), 13);
  assert.equal(await count({ action: "sign-out", name: "grace", result: "denied" }), 0);
});

eachDatabase(
  "the audit log's events of a person are found by the name they have, or had",
  async ({ database }) => {
    const [elodie] = await addPeople(database, ["Élodie"]);
    assert.ok(elodie);
    const event = { at: 0, action: "sign-in", result: "done", address: null } as const;
    const nobody = { actorId: null, actorName: null, target: null, detail: null };
    await database
      .insertInto("audit")
      .values([
        { ...event, ...nobody, id: "by her", actorId: elodie.id, actorName: "Élodie" },
        { ...event, ...nobody, id: "to her", target: "Élodie", detail: elodie.id },
        { ...event, ...nobody, id: "by somebody gone", actorId: "gone", actorName: "Grace" },
        { ...event, ...nobody, id: "to somebody gone", target: "Grace", detail: "gone" },
      ])
      .execute();
    const found = async (name: string) => {
      const { rows } = await listEvents(database, { action: null, name, result: null }, START);
      return rows.map(({ id }) => id).sort();
    };
    assert.deepEqual(await found("ÉLO"), ["by her", "to her"]);
    assert.deepEqual(await found("GRACE"), ["by somebody gone", "to somebody gone"]);
  },
);

eachDatabase("people are found in any case, and signs mean themselves", async ({ database }) => {
  await addPeople(database, ["Élodie", "50% off", "50 off", "a_b", "aXb", "c\\d", "it's"]);
  const found = async (search: string) =>
    (await searchPeople(database, search, START)).rows.map(({ name }) => name);
  assert.deepEqual(await found("ÉLODIE"), ["Élodie"]);
  assert.deepEqual(await found("%"), ["50% off"]);
  assert.deepEqual(await found("a_B"), ["a_b"]);
  assert.deepEqual(await found("\\"), ["c\\d"]);
  assert.deepEqual(await found("'"), ["it's"]);
  assert.equal((await found("")).length, 7);
});

eachDatabase(
  "every page of the back office answers, whatever its address asks for",
  async ({ database, url }, t) => {
    const application = await startApplication(t, { DATABASE_URL: url });
    const ada = await administrator(application);
    await addPeople(database, NAMES.slice(0, 5));
    await ada.post("/registrations", { sport: "soccer" });
    const answers = await crawl(ada, ["/admin"]);
    const pages = [...answers].filter(([path]) => path.startsWith("/admin"));
    assert.ok(pages.length > 20);
    for (const [path, { status }] of pages) assert.equal(status, 200, path);
    const lists = ["people", "registrations", "sessions", "audit"];
    const odd = [
      '["a"]',
      "[1,2]",
      '["\\u0000","b"]',
      '[1e30,"b"]',
      '["a","b","c"]',
      "null",
      "{",
      '[{"a":1},"b"]',
    ];
    for (const value of odd)
      for (const list of lists)
        for (const place of ["after", "before"]) {
          const names = [place, "cursor", "action", "result", "sport", "name", "search"];
          const path = `/admin/${list}?${new URLSearchParams(names.map((name) => [name, value]))}`;
          assert.equal((await ada.get(path)).status, 200, path);
        }
  },
);

eachDatabase("the links between pages keep the search", async ({ database, url }, t) => {
  const application = await startApplication(t, { DATABASE_URL: url });
  const ada = await administrator(application);
  await addPeople(
    database,
    NAMES.map((name) => `${name} & co`),
  );
  const first = await ada.get("/admin/people?search=%26+CO");
  assert.ok(!firstCells(first).includes("Ada"));
  const second = await ada.get(linkOf(first, "next") ?? "");
  assert.equal(firstCells(second).length, 50);
  assert.ok(!firstCells(second).includes("Ada"));
  const back = await ada.get(linkOf(second, "prev") ?? "");
  assert.deepEqual(firstCells(back), firstCells(first));
});
