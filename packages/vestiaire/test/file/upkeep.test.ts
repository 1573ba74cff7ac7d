// What the sweep collects, and what it and the user index cost: calls to the file system are counted, not time.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SessionRecord } from "../../src/core/record.ts";
import { MARK_LIFE, type SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { hashUser } from "../../src/stores/file/users.ts";
import { countCalls } from "./calls.ts";
import { DAY, NOW, newDirectory, pathOf, smallStore, someRecord } from "./support.ts";

const LONG = { expiresAt: NOW + 20 * DAY };
const LATER = NOW + DAY;

/** How old the files of a test are: the cost of a call depends on it, and a busy machine makes any test slow. */
function filesAre(t: TestContext, age: "new" | "old"): void {
  const at = Date.now() + (age === "old" ? 3_600_000 : 0);
  t.mock.method(Date, "now", () => at);
}

test("the cost of a sweep follows what is due, not what lives", (t) => {
  filesAre(t, "old");
  const costs = [10, 1_000].map((living) => {
    const directory = newDirectory(t);
    const store = fileStore(directory);
    for (let i = 0; i < living; i += 1) store.create(someRecord({ userId: `user ${i}`, ...LONG }), NOW);
    const idle = countCalls(() => assert.deepEqual(store.sweep?.(LATER, 100), { removed: 0, more: false }));
    for (let i = 0; i < 10; i += 1) store.create(someRecord({ userId: "ada" }), NOW);
    const busy = countCalls(() => assert.deepEqual(store.sweep?.(LATER, 100), { removed: 10, more: false }));
    return { idle, busy };
  });
  assert.deepEqual(costs[0], costs[1]);
  assert.ok((costs[0]?.idle ?? 0) < 10);
});

test("the cost of a user's sessions follows how many the user has, not how many live", (t) => {
  filesAre(t, "old");
  const costs = [10, 1_000].map((living) => {
    const directory = newDirectory(t);
    const store = fileStore(directory);
    for (let i = 0; i < living; i += 1) store.create(someRecord({ userId: `user ${i}` }), NOW);
    for (let i = 0; i < 3; i += 1) store.create(someRecord({ userId: "ada" }), NOW);
    const reader = fileStore(directory);
    const found = countCalls(() => assert.equal([...(reader.findByUser("ada", NOW) as [])].length, 3));
    const none = countCalls(() => assert.deepEqual(reader.findByUser("nobody", NOW), []));
    const ended = countCalls(() => assert.equal([...(reader.deleteByUser("ada", NOW) as [])].length, 3));
    return { found, none, ended };
  });
  assert.deepEqual(costs[0], costs[1]);
});

test("a change is four calls: open, write, look, close; five while the file is new", (t) => {
  filesAre(t, "new");
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord();
  store.create(record, NOW);
  store.patch(record.id, { set: { a: "0" } }, NOW);
  const change = (value: string) =>
    countCalls(() => assert.equal(store.patch(record.id, { set: { a: value } }, NOW), "done"));
  assert.equal(change("1"), 5);
  filesAre(t, "old");
  assert.equal(change("2"), 5);
  assert.equal(change("3"), 4);
});

test("a read is one call, right after this process's own change too; and another's change is seen at once", (t) => {
  const directory = newDirectory(t);
  const [here, there] = [fileStore(directory), fileStore(directory)];
  const record = someRecord();
  here.create(record, NOW);
  filesAre(t, "old");
  here.patch(record.id, { set: { a: "0" } }, NOW);
  for (const [writer, value] of [
    [here, "1"],
    [there, "2"],
    [here, "3"],
    [there, "4"],
  ] as const) {
    assert.equal(writer.patch(record.id, { set: { a: value } }, NOW), "done");
    assert.equal((here.find(record.id, NOW) as SessionRecord).data.a, value);
    assert.equal(
      countCalls(() => here.find(record.id, NOW)),
      1,
    );
  }
  const { revision } = there.find(record.id, NOW) as SessionRecord;
  there.patch(record.id, { set: { a: "5" } }, NOW);
  assert.equal(here.patch(record.id, { set: { a: "6" } }, NOW, { revision }), "conflict");
});

test("a fresh read sees another's change too, and is no dearer than any other", (t) => {
  filesAre(t, "old");
  const directory = newDirectory(t);
  const [here, there]: SessionStore[] = [fileStore(directory), fileStore(directory)];
  const record = someRecord();
  here?.create(record, NOW);
  for (const value of ["1", "2"]) {
    assert.equal(there?.patch(record.id, { set: { a: value } }, NOW), "done");
    const found = here?.find(record.id, NOW, { fresh: true }) as SessionRecord;
    assert.equal(found.data.a, value);
    assert.equal(
      countCalls(() => assert.equal(here?.find(record.id, NOW, { fresh: true }), found)),
      1,
    );
  }
});

test("as long as nothing changes, a read answers the same object", (t) => {
  const directory = newDirectory(t);
  const [here, there] = [fileStore(directory), fileStore(directory)];
  const record = someRecord();
  here.create(record, NOW);
  const found = here.find(record.id, NOW);
  assert.equal(here.find(record.id, NOW), found);
  assert.equal(here.patch(record.id, { set: { a: "0" } }, NOW), "done");
  const patched = here.find(record.id, NOW);
  assert.notEqual(patched, found);
  assert.equal(here.find(record.id, NOW), patched);
  there.patch(record.id, { set: { a: "1" } }, NOW);
  assert.notEqual(here.find(record.id, NOW), patched);
});

test("a sweep does up to its limit of work, and the next goes on from there", (t) => {
  const store = fileStore(newDirectory(t));
  for (let i = 0; i < 25; i += 1) store.create(someRecord(), NOW);
  const sweeps = [10, 10, 10, 10].map((limit) => store.sweep?.(LATER, limit));
  assert.deepEqual(sweeps, [
    { removed: 10, more: true },
    { removed: 10, more: true },
    { removed: 5, more: false },
    { removed: 0, more: false },
  ]);
});

test("what lives on is listed anew, and swept once it is over", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord();
  store.create(record, NOW);
  store.patch(record.id, LONG, NOW);
  assert.deepEqual(store.sweep?.(LATER, 10), { removed: 0, more: false });
  assert.equal(readdirSync(join(directory, "due")).length, 1);
  assert.deepEqual(store.sweep?.(NOW + 21 * DAY, 10), { removed: 1, more: false });
  assert.deepEqual(readdirSync(join(directory, "due")), []);
});

test("a list that a killed sweeper had taken is swept by another", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  store.create(someRecord(), NOW);
  const due = join(directory, "due");
  const [name] = readdirSync(due);
  renameSync(join(due, `${name}`), join(due, `${name}~${LATER}~dead-1`));
  assert.deepEqual(store.sweep?.(LATER, 10), { removed: 0, more: false });
  assert.deepEqual(store.sweep?.(LATER + 60_000, 10), { removed: 1, more: false });
  assert.deepEqual(readdirSync(due), []);
});

test("torn and foreign lines in a list do no harm", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  store.create(someRecord(), NOW);
  const [name] = readdirSync(join(directory, "due"));
  appendFileSync(join(directory, "due", `${name}`), "\nabc\n../../x -\n\n0123456789abcdef0123456789abc");
  store.create(someRecord(), NOW);
  assert.deepEqual(store.sweep?.(LATER, 10), { removed: 2, more: false });
});

test("what an ended session left in its user's index goes when it is due", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  rmSync(pathOf(directory, record.id));
  assert.deepEqual(store.findByUser("ada", NOW), []);
  assert.ok(existsSync(join(directory, "users", hashUser("ada"), record.id)));
  store.sweep?.(LATER, 10);
  assert.deepEqual(readdirSync(join(directory, "users")), []);
});

test("a damaged session is removed when it is due", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  writeFileSync(pathOf(directory, record.id), "damage");
  store.sweep?.(LATER, 10);
  assert.equal(existsSync(pathOf(directory, record.id)), false);
  assert.deepEqual(readdirSync(join(directory, "users")), []);
});

test("the end of a user's sessions is remembered for as long as it may matter, and then forgotten", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  store.deleteByUser("ada", NOW);
  store.sweep?.(NOW + 2 * MARK_LIFE, 100);
  assert.equal(store.create(someRecord({ userId: "ada" }), NOW + 2 * MARK_LIFE), "ended");
  store.sweep?.(NOW + 4 * MARK_LIFE, 100);
  assert.deepEqual(readdirSync(join(directory, "marks")), []);
});

test("the end of a user's sessions also ends a sign-in whose clock was read before", (t) => {
  const store = fileStore(newDirectory(t));
  store.deleteByUser("ada", NOW + MARK_LIFE);
  assert.equal(store.create(someRecord({ userId: "ada", createdAt: NOW + 1 }), NOW + 1), "ended");
});

test("temporary files of the killed are collected after a minute, in bounded steps", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 500);
  const record = someRecord();
  store.create(record, NOW);
  const temporary = join(directory, "temporary");
  const names = Array.from({ length: 5 }, (_, index) => `${record.id}~${NOW}~dead-${index}`);
  for (const name of [...names, "foreign", `${someRecord().id}~${NOW}~dead-9`])
    writeFileSync(join(temporary, name), "");
  store.sweep(NOW + 59_999, 100);
  // What does not say when it was made is of nobody.
  assert.equal(readdirSync(temporary).length, 6);
  store.sweep(NOW + 60_000, 4);
  assert.equal(readdirSync(temporary).length, 2);
  store.sweep(NOW + 60_000, 4);
  assert.deepEqual(readdirSync(temporary), []);
  assert.deepEqual(store.find(record.id, NOW), record);
});
