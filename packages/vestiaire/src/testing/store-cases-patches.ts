// What a patch changes, and what it must leave alone.

import assert from "node:assert/strict";
import type { Patch, PatchCondition } from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import {
  HOUR,
  key,
  MINUTE,
  NOW,
  type StoreCase,
  someHash,
  someId,
  stored,
  values,
} from "./store-cases-fixtures.ts";

const UNTIMED: readonly Patch[] = [
  { set: values({ name: "Ada" }) },
  { unset: [key("name")] },
  { clear: true },
  { expiresAt: NOW + 2 * HOUR, lastSeenAt: NOW + 2 * HOUR },
  { secretHashes: { current: someHash(), previous: null, retired: null } },
];

export const patchCases: readonly StoreCase[] = [
  {
    name: "a patch sets the keys that it names and leaves the others",
    async run({ store }) {
      const record = await stored(store, { userId: "ada", data: values({ name: "Ada", visits: 1 }) });
      const set = values({ visits: 2, cart: ["pen"] });
      assert.equal(await store.patch(record.id, { set }, NOW), "done");
      const data = values({ name: "Ada", visits: 2, cart: ["pen"] });
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1, data });
    },
  },
  {
    name: "a patch unsets keys, and one that is not there does no harm",
    async run({ store }) {
      const record = await stored(store, { data: values({ name: "Ada", visits: 1 }) });
      assert.equal(await store.patch(record.id, { unset: [key("visits"), key("absent")] }, NOW), "done");
      const data = values({ name: "Ada" });
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1, data });
    },
  },
  {
    name: "set and unset in one patch both count",
    async run({ store }) {
      const record = await stored(store, { data: values({ old: 1, kept: 2 }) });
      await store.patch(record.id, { set: values({ new: 3 }), unset: [key("old")] }, NOW);
      const data = values({ kept: 2, new: 3 });
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1, data });
    },
  },
  {
    name: "clear removes every key",
    async run({ store }) {
      const record = await stored(store, { data: values({ name: "Ada", visits: 1 }) });
      assert.equal(await store.patch(record.id, { clear: true }, NOW), "done");
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1, data: {} });
    },
  },
  {
    name: "clear comes before set in one patch",
    async run({ store }) {
      const record = await stored(store, { data: values({ name: "Ada", visits: 1 }) });
      await store.patch(record.id, { clear: true, set: values({ visits: 2 }) }, NOW);
      const data = values({ visits: 2 });
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1, data });
    },
  },
  {
    name: "clear also removes what was set since the caller looked",
    async run({ store }) {
      const record = await stored(store, { data: values({ name: "Ada" }) });
      await store.patch(record.id, { set: values({ later: true }) }, NOW);
      await store.patch(record.id, { clear: true }, NOW);
      assert.deepEqual((await store.find(record.id, NOW))?.data, {});
    },
  },
  {
    name: "each change of data raises the revision by one, even to the same value",
    async run({ store }) {
      const record = await stored(store, { revision: 3, data: values({ a: 1 }) });
      const changes: Patch[] = [{ set: values({ a: 1 }) }, { unset: [key("absent")] }, { clear: true }];
      for (const [index, patch] of changes.entries()) {
        await store.patch(record.id, patch, NOW);
        assert.equal((await store.find(record.id, NOW))?.revision, 4 + index);
      }
    },
  },
  {
    name: "a refresh or a rotation does not raise the revision",
    async run({ store }) {
      const record = await stored(store, { revision: 3, data: values({ a: 1 }) });
      const secretHashes = { ...record.secretHashes, current: someHash() };
      await store.patch(record.id, { expiresAt: NOW + 2 * HOUR }, NOW);
      await store.patch(record.id, { lastSeenAt: NOW + MINUTE }, NOW);
      await store.patch(record.id, { secretHashes }, NOW);
      assert.deepEqual(await store.find(record.id, NOW), {
        ...record,
        secretHashes,
        expiresAt: NOW + 2 * HOUR,
        lastSeenAt: NOW + MINUTE,
      });
    },
  },
  {
    name: "one patch may change data, secret and times together",
    async run({ store }) {
      const record = await stored(store);
      const patch = {
        set: values({ a: 1 }),
        secretHashes: { ...record.secretHashes, current: someHash() },
        expiresAt: NOW + 2 * HOUR,
        lastSeenAt: NOW + MINUTE,
      };
      assert.equal(await store.patch(record.id, patch, NOW), "done");
      const { set: data, ...rest } = patch;
      assert.deepEqual(await store.find(record.id, NOW), { ...record, ...rest, revision: 1, data });
    },
  },
  {
    name: "a patch replaces the secret hashes as a whole",
    async run({ store }) {
      const previous = { hash: someHash(), until: NOW + MINUTE };
      const record = await stored(store, {
        secretHashes: { current: someHash(), previous, retired: someHash() },
      });
      const secretHashes = { current: someHash(), previous: null, retired: null };
      await store.patch(record.id, { secretHashes }, NOW);
      assert.deepEqual(await store.find(record.id, NOW), { ...record, secretHashes });
    },
  },
  {
    name: "expiresAt and lastSeenAt never move back",
    async run({ store }) {
      const record = await stored(store);
      const patch = { expiresAt: record.expiresAt - 1, lastSeenAt: record.lastSeenAt - 1 };
      assert.equal(await store.patch(record.id, patch, NOW), "done");
      assert.deepEqual(await store.find(record.id, NOW), record);
    },
  },
  {
    name: "a refreshed session lives on, for its user too",
    async run({ store }) {
      const record = await stored(store, { userId: "ada" });
      await store.patch(record.id, { expiresAt: NOW + 2 * HOUR }, NOW);
      const refreshed = { ...record, expiresAt: NOW + 2 * HOUR };
      assert.deepEqual(await store.find(record.id, NOW + 2 * HOUR - 1), refreshed);
      assert.deepEqual(await store.findByUser("ada", NOW + 2 * HOUR - 1), [refreshed]);
      assert.equal(await store.find(record.id, NOW + 2 * HOUR), null);
    },
  },
  {
    name: "a patch never creates a record",
    async run({ store }) {
      const id = someId();
      for (const patch of UNTIMED) assert.equal(await store.patch(id, patch, NOW), "gone");
      assert.equal(await store.find(id, NOW), null);
      assert.equal(await store.delete(id), null);
    },
  },
  {
    name: "an expired session is gone for every patch, and a refresh does not bring it back",
    async run({ store }) {
      const record = await stored(store);
      for (const patch of UNTIMED) {
        assert.equal(await store.patch(record.id, patch, record.expiresAt), "gone");
      }
      assert.deepEqual(await store.find(record.id, record.expiresAt - 1), record);
    },
  },
  {
    name: "a patch with a revision counts only at that revision; otherwise conflict, and nothing changes",
    async run({ store }) {
      const record = await stored(store, { revision: 4, data: values({ a: 1 }) });
      await assertOnlyWhen(store, record.id, { revision: 3 }, "conflict");
      await assertOnlyWhen(store, record.id, { revision: 5 }, "conflict");
      assert.deepEqual(await store.find(record.id, NOW), record);
      await assertOnlyWhen(store, record.id, { revision: 4 }, "done");
      assert.equal((await store.find(record.id, NOW))?.revision, 5);
    },
  },
  {
    name: "a patch with a secret counts only while that is the current one; otherwise conflict",
    async run({ store }) {
      const previous = { hash: someHash(), until: NOW + MINUTE };
      const secretHashes = { current: someHash(), previous, retired: someHash() };
      const record = await stored(store, { secretHashes });
      for (const secretHash of [someHash(), previous.hash, secretHashes.retired]) {
        await assertOnlyWhen(store, record.id, { secretHash }, "conflict");
      }
      assert.deepEqual(await store.find(record.id, NOW), record);
      await assertOnlyWhen(store, record.id, { secretHash: secretHashes.current }, "done");
    },
  },
  {
    name: "a patch with two conditions needs both",
    async run({ store }) {
      const record = await stored(store, { revision: 2 });
      const secretHash = record.secretHashes.current;
      await assertOnlyWhen(store, record.id, { revision: 2, secretHash: someHash() }, "conflict");
      await assertOnlyWhen(store, record.id, { revision: 1, secretHash }, "conflict");
      await assertOnlyWhen(store, record.id, { revision: 2, secretHash }, "done");
    },
  },
  {
    name: "a session that is not there is gone, not a conflict",
    async run({ store }) {
      const record = await stored(store);
      const when = { revision: 99, secretHash: someHash() };
      await assertOnlyWhen(store, someId(), when, "gone");
      assert.equal(await store.patch(record.id, { clear: true }, record.expiresAt, when), "gone");
      await store.delete(record.id);
      await assertOnlyWhen(store, record.id, when, "gone");
    },
  },
];

async function assertOnlyWhen(
  store: SessionStore,
  id: string,
  when: PatchCondition,
  answer: "done" | "gone" | "conflict",
): Promise<void> {
  assert.equal(await store.patch(id, { set: values({ patched: true }) }, NOW, when), answer);
}
