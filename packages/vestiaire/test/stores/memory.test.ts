// The memory store: the contract, and what only a store in memory promises.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, StoreError } from "../../src/core/errors.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { DAY, HOUR, MINUTE, NOW, someRecord } from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";

testStore("memoryStore", () => ({ store: memoryStore() }));

test("it answers without promises, and the same object until the record changes", () => {
  const store = memoryStore();
  const record = someRecord();
  assert.equal(store.create(record, NOW), "created");
  const found = store.find(record.id, NOW);
  assert.deepEqual(found, record);
  assert.equal(store.find(record.id, NOW), found);
  assert.equal(store.patch(record.id, { lastSeenAt: NOW + 1 }, NOW), "done");
  assert.notEqual(store.find(record.id, NOW), found);
});

test("at the bound the oldest anonymous session goes, and nobody who is signed in", () => {
  const store = memoryStore({ maxSessions: 3 });
  const signedIn = someRecord({ userId: "ada" });
  const [first, second, third] = [someRecord(), someRecord(), someRecord()];
  for (const record of [signedIn, first, second]) store.create(record, NOW);
  // A visit does not make it younger.
  store.patch(first.id, { lastSeenAt: NOW + MINUTE }, NOW);
  assert.equal(store.create(third, NOW), "created");
  assert.equal(store.find(first.id, NOW), null);
  for (const record of [signedIn, second, third]) assert.deepEqual(store.find(record.id, NOW), record);
});

test("at the bound what has expired goes before anyone who lives", () => {
  const store = memoryStore({ maxSessions: 2 });
  const anonymous = someRecord({ expiresAt: NOW + DAY });
  store.create(anonymous, NOW);
  store.create(someRecord({ userId: "ada" }), NOW);
  const later = NOW + 2 * HOUR;
  assert.equal(store.create(someRecord({ createdAt: later, expiresAt: later + HOUR }), later), "created");
  assert.deepEqual(store.find(anonymous.id, later), anonymous);
});

test("full of signed-in sessions, it refuses a new one and keeps those", () => {
  const store = memoryStore({ maxSessions: 2 });
  const signedIn = [someRecord({ userId: "ada" }), someRecord({ userId: "eve" })];
  for (const record of signedIn) store.create(record, NOW);
  for (const userId of [null, "joe"]) {
    assert.throws(
      () => store.create(someRecord({ userId }), NOW),
      (error) => error instanceof StoreError && error.code === "STORE_FAILED" && error.operation === "create",
    );
  }
  for (const record of signedIn) assert.deepEqual(store.find(record.id, NOW), record);
  store.delete(signedIn[0]?.id ?? "");
  assert.equal(store.create(someRecord(), NOW), "created");
});

test("one that must go to make room is told to whoever watches it", () => {
  const store = memoryStore({ maxSessions: 1 });
  const record = someRecord();
  store.create(record, NOW);
  const ended: string[] = [];
  store.watch?.(new Set([record.id]), (id) => ended.push(id), assert.fail);
  store.create(someRecord(), NOW);
  assert.deepEqual(ended, [record.id]);
});

test("a bound that is not a whole number above 0 is refused", () => {
  for (const maxSessions of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => memoryStore({ maxSessions }), ConfigurationError);
  }
});

test("a sweep looks at what is due, and at nothing that lives on", () => {
  const store = memoryStore();
  const looks = new Map<string, number>();
  const living = Array.from({ length: 1_000 }, () =>
    countingLooks(someRecord({ expiresAt: NOW + 20 * DAY }), looks),
  );
  const refreshed = Array.from({ length: 50 }, () => someRecord());
  const expired = Array.from({ length: 50 }, () => someRecord());
  for (const record of [...living, ...refreshed, ...expired]) store.create(record, NOW);
  for (const { id } of refreshed) store.patch(id, { expiresAt: NOW + 20 * DAY }, NOW);
  looks.clear();
  assert.deepEqual(store.sweep?.(NOW + DAY, 1_000), { removed: 50, more: false });
  assert.deepEqual(store.sweep?.(NOW + DAY, 1_000), { removed: 0, more: false });
  assert.equal(looks.size, 0);
  assert.deepEqual(store.sweep?.(NOW + 21 * DAY, 10_000), { removed: 1_050, more: false });
});

test("those that were refreshed count as work of the sweep that meets them", () => {
  const store = memoryStore();
  for (let count = 0; count < 10; count += 1) {
    const record = someRecord();
    store.create(record, NOW);
    store.patch(record.id, { expiresAt: NOW + 20 * DAY }, NOW);
  }
  assert.deepEqual(store.sweep?.(NOW + DAY, 4), { removed: 0, more: true });
  assert.deepEqual(store.sweep?.(NOW + DAY, 4), { removed: 0, more: true });
  assert.deepEqual(store.sweep?.(NOW + DAY, 4), { removed: 0, more: false });
});

/** The same record, counting each look at when it expires. */
function countingLooks(record: SessionRecord, looks: Map<string, number>): SessionRecord {
  const { id, expiresAt } = record;
  return Object.defineProperty({ ...record }, "expiresAt", {
    enumerable: true,
    get() {
      looks.set(id, (looks.get(id) ?? 0) + 1);
      return expiresAt;
    },
  });
}
