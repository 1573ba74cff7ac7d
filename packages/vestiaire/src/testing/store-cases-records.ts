// One record, from its creation to its end: what is found, when it is over, and what deleting answers.

import assert from "node:assert/strict";
import {
  atOnce,
  DAY,
  HOUR,
  MINUTE,
  NOW,
  type StoreCase,
  someHash,
  someId,
  someRecord,
  stored,
  values,
} from "./store-cases-fixtures.ts";

export const recordCases: readonly StoreCase[] = [
  {
    name: "find answers null for an id that was never stored",
    async run({ store }) {
      assert.equal(await store.find(someId(), NOW), null);
    },
  },
  {
    name: "a record comes back with every field as it was",
    async run({ store }) {
      const record = someRecord({
        revision: 7,
        userId: "ada",
        secretHashes: {
          current: someHash(),
          previous: { hash: someHash(), until: NOW + 5 * MINUTE },
          retired: someHash(),
        },
        persistent: true,
        createdAt: NOW - DAY,
        lastSeenAt: NOW - MINUTE,
        expiresAt: NOW + HOUR,
        endsAt: NOW + 29 * DAY,
        data: values({ name: "Ada", cart: ["pen", "ink"], visits: 3 }),
      });
      assert.equal(await store.create(record, NOW), "created");
      assert.deepEqual(await store.find(record.id, NOW), record);
      assert.deepEqual(await store.find(record.id, NOW, { fresh: true }), record);
    },
  },
  {
    name: "an anonymous record without data comes back as it was",
    async run({ store }) {
      const record = await stored(store);
      assert.deepEqual(await store.find(record.id, NOW), record);
    },
  },
  {
    name: "creating under a taken id changes nothing and answers taken",
    async run({ store }) {
      const first = await stored(store, { userId: "ada", data: values({ name: "first" }) });
      const second = someRecord({ id: first.id, userId: "eve", data: values({ name: "second" }) });
      assert.equal(await store.create(second, NOW), "taken");
      assert.deepEqual(await store.find(first.id, NOW), first);
      assert.deepEqual(await store.findByUser("ada", NOW), [first]);
      assert.deepEqual(await store.findByUser("eve", NOW), []);
    },
  },
  {
    name: "of creates at once under one id, exactly one wins",
    async run({ store }) {
      const records = Array.from({ length: 10 }, (_, index) =>
        someRecord({ id: "0123456789abcdef0123456789abcdef", data: values({ index }) }),
      );
      const answers = await Promise.all(records.map(async (record) => store.create(record, NOW)));
      assert.equal(answers.filter((answer) => answer === "created").length, 1);
      assert.equal(answers.filter((answer) => answer === "taken").length, 9);
      const winner = records[answers.indexOf("created")];
      assert.deepEqual(await store.find("0123456789abcdef0123456789abcdef", NOW), winner);
    },
  },
  {
    name: "a session is over exactly at expiresAt, by the caller's clock",
    async run({ store }) {
      const record = await stored(store, { userId: "ada" });
      assert.deepEqual(await store.find(record.id, record.expiresAt - 1), record);
      assert.deepEqual(await store.findByUser("ada", record.expiresAt - 1), [record]);
      assert.equal(await store.find(record.id, record.expiresAt), null);
      assert.deepEqual(await store.findByUser("ada", record.expiresAt), []);
    },
  },
  {
    name: "delete answers the record as it ended",
    async run({ store }) {
      const record = await stored(store, { userId: "ada", data: values({ name: "Ada" }) });
      await store.patch(record.id, { set: values({ cart: ["pen"] }) }, NOW);
      const ended = await store.delete(record.id);
      assert.deepEqual(ended, { ...record, revision: 1, data: values({ name: "Ada", cart: ["pen"] }) });
    },
  },
  {
    name: "delete answers an expired record too",
    async run({ store }) {
      const record = await stored(store);
      assert.equal(await store.find(record.id, record.expiresAt), null);
      assert.deepEqual(await store.delete(record.id), record);
    },
  },
  {
    name: "delete answers null when there is no record, and again after the first delete",
    async run({ store }) {
      assert.equal(await store.delete(someId()), null);
      const record = await stored(store);
      await store.delete(record.id);
      assert.equal(await store.delete(record.id), null);
    },
  },
  {
    name: "a deleted session is gone for find, patch and its user",
    async run({ store }) {
      const record = await stored(store, { userId: "ada" });
      await store.delete(record.id);
      assert.equal(await store.find(record.id, NOW), null);
      assert.equal(await store.find(record.id, NOW, { fresh: true }), null);
      assert.equal(await store.patch(record.id, { set: values({ a: 1 }) }, NOW), "gone");
      assert.deepEqual(await store.findByUser("ada", NOW), []);
    },
  },
  {
    name: "of deletes at once, exactly one is given the record",
    async run({ store }) {
      const record = await stored(store, { data: values({ coupon: "X1" }) });
      const answers = await atOnce(20, async () => store.delete(record.id));
      assert.deepEqual(
        answers.filter((answer) => answer !== null),
        [record],
      );
    },
  },
];
