// The memory store: the contract, and what only a store in memory promises.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigurationError, StoreError } from "../../src/core/errors.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { DAY, HOUR, MINUTE, NOW, someRecord } from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { house } from "../core/visits.ts";

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

test("what has expired is not in the way, however short a time ago", () => {
  for (const late of [0, 1, 1_000]) {
    const store = memoryStore({ maxSessions: 2 });
    const living = someRecord({ userId: "eve", expiresAt: NOW + DAY });
    store.create(living, NOW);
    store.create(someRecord({ userId: "ada", expiresAt: NOW + MINUTE }), NOW);
    const then = NOW + MINUTE + late;
    assert.throws(() => store.create(someRecord({ userId: "joe" }), NOW + MINUTE - 1), StoreError);
    assert.equal(store.create(someRecord({ userId: "joe", createdAt: then }), then), "created");
    assert.deepEqual(store.find(living.id, then), living);
  }
});

test("sessions expire in the order of their time, whatever came and went in between", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 3 }))), (steps) => {
      const store = memoryStore();
      const model = new Map<string, number>();
      for (const [at, step] of steps) {
        const known = [...model.keys()];
        const id = known[at % known.length];
        if (step < 2 || id === undefined) {
          const record = someRecord({ expiresAt: NOW + at });
          store.create(record, NOW - 1);
          model.set(record.id, at);
        } else if (step === 2) {
          store.delete(id);
          model.delete(id);
        } else {
          store.patch(id, { expiresAt: NOW + 60 + at }, NOW - 1);
          // An expiry never moves back.
          model.set(id, Math.max(model.get(id) ?? 0, 60 + at));
        }
      }
      for (let now = 0; now <= 110; now += 1) {
        const expired = [...model].filter(([, at]) => at === now).length;
        assert.deepEqual(store.sweep?.(NOW + now, 1_000), { removed: expired, more: false });
      }
    }),
  );
});

test("a visitor whose own session makes room for the sign-in is signed in, and keeps the cart", async () => {
  const { browser, happened } = house({ store: memoryStore({ maxSessions: 2 }) });
  const [alice, bob] = [browser(), browser()];
  await alice.visit((session) => session.set("cart", ["pear"]));
  await bob.visit((session) => session.set("cart", ["apple"]));
  const { cookie } = await alice.visit((session) => session.signIn("alice"));
  assert.ok(cookie);
  const { session } = await alice.start();
  assert.deepEqual([session.userId, session.data.cart], ["alice", ["pear"]]);
  assert.ok(!happened().some((event) => event.startsWith("lost")));
});

test("one that made room is over; of the last ones the record is answered once to whoever deletes it", () => {
  const store = memoryStore({ maxSessions: 2 });
  const records = Array.from({ length: 4 }, () => someRecord());
  for (const record of records) store.create(record, NOW);
  const [first, second] = records as [SessionRecord, SessionRecord];
  assert.equal(store.find(second.id, NOW), null);
  assert.equal(store.patch(second.id, { lastSeenAt: NOW }, NOW), "gone");
  assert.equal(store.delete(first.id), null);
  assert.deepEqual(store.delete(second.id), second);
  assert.equal(store.delete(second.id), null);
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
