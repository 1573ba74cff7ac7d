// The sessions of one user: found after every operation, told apart from everybody else's byte for byte, and ended for
// good, together with a sign-in that is under way.

import assert from "node:assert/strict";
import type { SessionRecord } from "../core/record.ts";
import { MARK_LIFE } from "../core/store.ts";
import {
  assertSessionsOf,
  atOnce,
  HOUR,
  MINUTE,
  NOW,
  type StoreCase,
  several,
  someId,
  someRecord,
  stored,
  values,
} from "./store-cases-fixtures.ts";

/** Users whom a collation, a pattern, a path, a query or a C string would take for each other. */
const USERS: readonly string[] = [
  ...["alice", "Alice", "ALICE", "alice ", " alice", "alicé", "alice\u0301", "álice", "a\u0301lice"],
  ...["alice\0", "alice\0x", "\0", "%", "_", "*", "al%", "a_ice", "al*", "?", "alice%", "[a]lice"],
  ...['"', "'", "''", "\\", "`", "alice'--", "'; DROP TABLE sessions; --", "$where", "{}", "a.b", "a:b"],
  ...["../x", "..", ".", "/", "x", "C:\\x", "a/b", "a\nb", "a\r\nb", "\t", "1", "01", "1.0", "null", "true"],
  ...["__proto__", "constructor", "toString", "🦊", "🦊🦊", "ß", "ss", "ſ", "ﬀ", "İ", "i", "I", "ı"],
  ...["x".repeat(500), `${"x".repeat(499)}y`],
];

export const userCases: readonly StoreCase[] = [
  {
    name: "findByUser sees every create that was answered, and only that user's",
    async run({ store }) {
      const mine = [];
      for (let count = 0; count < 5; count += 1) {
        mine.push(await stored(store, { userId: "ada" }));
        await stored(store, { userId: "eve" });
        await stored(store);
        await assertSessionsOf(store, "ada", mine);
      }
      await assertSessionsOf(store, "nobody", []);
    },
  },
  {
    name: "findByUser sees all of a user's sign-ins at once",
    async run({ store }) {
      const records = Array.from({ length: 20 }, () => someRecord({ userId: "ada" }));
      await Promise.all(records.map(async (record) => store.create(record, NOW)));
      await assertSessionsOf(store, "ada", records);
    },
  },
  {
    name: "findByUser answers records as they are after a patch, a refresh and a delete",
    async run({ store }) {
      const [first, second, third] = [
        await stored(store, { userId: "ada" }),
        await stored(store, { userId: "ada" }),
        await stored(store, { userId: "ada" }),
      ];
      const data = values({ a: 1 });
      await store.patch(first.id, { set: data }, NOW);
      await store.patch(second.id, { expiresAt: NOW + 2 * HOUR }, NOW);
      await store.delete(third.id);
      const patched = { ...first, revision: 1, data };
      const refreshed = { ...second, expiresAt: NOW + 2 * HOUR };
      await assertSessionsOf(store, "ada", [patched, refreshed]);
      await assertSessionsOf(store, "ada", [refreshed], first.expiresAt);
    },
  },
  {
    name: "user ids are told apart byte for byte",
    async run({ store }) {
      const records: SessionRecord[] = [];
      for (const userId of USERS) records.push(await stored(store, { userId }));
      for (const [index, userId] of USERS.entries()) {
        assert.deepEqual(await store.findByUser(userId, NOW), [records[index]], JSON.stringify(userId));
      }
      const living = new Set(records);
      for (const record of records) {
        assert.deepEqual(await store.deleteByUser(record.userId ?? "", NOW), [record.id]);
        living.delete(record);
        for (const other of living) assert.deepEqual(await store.find(other.id, NOW), other);
      }
    },
  },
  {
    name: "a user's end does not stop another's sign-in, however alike the names",
    async run({ store }) {
      await store.deleteByUser("alice", NOW);
      for (const userId of USERS) {
        const expected = userId === "alice" ? "ended" : "created";
        assert.equal(await store.create(someRecord({ userId }), NOW), expected, JSON.stringify(userId));
      }
      assert.equal(await store.create(someRecord(), NOW), "created");
    },
  },
  {
    name: "deleteByUser ends all of the user's sessions and answers their ids",
    async run({ store }) {
      const mine = await several(5, () => stored(store, { userId: "ada" }));
      const other = await stored(store, { userId: "eve" });
      const anonymous = await stored(store);
      const ids = await store.deleteByUser("ada", NOW);
      assert.deepEqual(ids.toSorted(), mine.map(({ id }) => id).sort());
      await assertSessionsOf(store, "ada", []);
      for (const { id } of mine) {
        assert.equal(await store.find(id, NOW), null);
        assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "gone");
        assert.equal(await store.delete(id), null);
      }
      assert.deepEqual(await store.find(other.id, NOW), other);
      assert.deepEqual(await store.find(anonymous.id, NOW), anonymous);
    },
  },
  {
    name: "deleteByUser answers no ids when there is nothing to end",
    async run({ store }) {
      assert.deepEqual(await store.deleteByUser("ada", NOW), []);
      await stored(store, { userId: "eve" });
      assert.deepEqual(await store.deleteByUser("ada", NOW), []);
    },
  },
  {
    name: "deleteByUser spares the excepted session, and only that",
    async run({ store }) {
      const mine = await several(4, () => stored(store, { userId: "ada" }));
      const [kept, ...rest] = mine;
      assert.ok(kept);
      const ids = await store.deleteByUser("ada", NOW, { except: kept.id });
      assert.deepEqual(ids.toSorted(), rest.map(({ id }) => id).sort());
      await assertSessionsOf(store, "ada", [kept]);
      assert.equal(await store.patch(kept.id, { set: values({ a: 1 }) }, NOW), "done");
    },
  },
  {
    name: "excepting a session of somebody else spares none of the user's",
    async run({ store }) {
      const mine = await stored(store, { userId: "ada" });
      const other = await stored(store, { userId: "eve" });
      assert.deepEqual(await store.deleteByUser("ada", NOW, { except: other.id }), [mine.id]);
      assert.deepEqual(await store.find(other.id, NOW), other);
    },
  },
  {
    name: "a sign-in begun before the user's end is ended, and one begun after it is not",
    async run({ store }) {
      await store.deleteByUser("ada", NOW);
      for (const createdAt of [NOW - MINUTE, NOW - 1, NOW]) {
        const late = someRecord({ userId: "ada", createdAt });
        assert.equal(await store.create(late, NOW), "ended");
        assert.equal(await store.find(late.id, NOW), null);
        assert.equal(await store.delete(late.id), null);
      }
      await assertSessionsOf(store, "ada", []);
      const after = someRecord({ userId: "ada", createdAt: NOW + 1 });
      assert.equal(await store.create(after, NOW + 1), "created");
      await assertSessionsOf(store, "ada", [after]);
    },
  },
  {
    name: "a sign-in that arrives 10 minutes after the user's end is still ended",
    async run({ store }) {
      await store.deleteByUser("ada", NOW);
      const later = NOW + MARK_LIFE;
      await store.deleteByUser("eve", later);
      assert.equal(await store.create(someRecord({ userId: "ada" }), later), "ended");
    },
  },
  {
    name: "the excepted session may also arrive late",
    async run({ store }) {
      const except = someId();
      await store.deleteByUser("ada", NOW, { except });
      assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
      assert.equal(await store.create(someRecord({ userId: "ada", id: except }), NOW), "created");
    },
  },
  {
    name: "a later end of the user does not soften an earlier one",
    async run({ store }) {
      const id = someId();
      await store.deleteByUser("ada", NOW);
      await store.deleteByUser("ada", NOW - MINUTE);
      await store.deleteByUser("ada", NOW + 1, { except: id });
      assert.equal(await store.create(someRecord({ userId: "ada", id }), NOW + 1), "ended");
    },
  },
  {
    name: "sign-ins at the same time as the user's end are ended, whatever the order",
    async run({ store }) {
      for (let round = 0; round < 5; round += 1) {
        const userId = `ada${round}`;
        const records = Array.from({ length: 20 }, () => someRecord({ userId }));
        const halfway = records.length / 2;
        const signIn = async (record: (typeof records)[number]) => store.create(record, NOW);
        await Promise.all([
          ...records.slice(0, halfway).map(signIn),
          (async () => store.deleteByUser(userId, NOW))(),
          ...records.slice(halfway).map(signIn),
        ]);
        await assertSessionsOf(store, userId, []);
        const found = await atOnce(records.length, async (index) =>
          store.find(records[index]?.id ?? "", NOW),
        );
        assert.deepEqual(new Set(found), new Set([null]));
      }
    },
  },
];
