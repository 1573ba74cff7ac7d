// What reaches a store from outside: another process on the same data, damage to what is stored, and the wish to be told
// when a session ends.

import assert from "node:assert/strict";
import { CorruptRecordError } from "../core/errors.ts";
import type { SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import {
  assertSessionsOf,
  HOUR,
  inOrder,
  NOW,
  type StoreCase,
  someRecord,
  stored,
  values,
} from "./store-cases-fixtures.ts";

/** How long a store may take to tell. Nothing waits that long unless it fails. */
const PATIENCE = 3_000;

const reopenCases: readonly StoreCase[] = [
  {
    name: "two stores on the same data see each other's changes",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const first = await stored(store, { userId: "ada" });
      assert.deepEqual(await store.find(first.id, NOW), first);
      const other = await reopen();
      const second = await stored(other, { userId: "ada" });
      assert.deepEqual(await other.find(first.id, NOW), first);
      assert.deepEqual(await store.find(second.id, NOW), second);
      const set = values({ a: 1 });
      assert.equal(await other.patch(first.id, { set, expiresAt: NOW + 2 * HOUR }, NOW), "done");
      const patched = { ...first, revision: 1, data: set, expiresAt: NOW + 2 * HOUR };
      assert.deepEqual(await store.find(first.id, NOW, { fresh: true }), patched);
      await assertSessionsOf(store, "ada", [patched, second]);
      assert.equal(await store.patch(first.id, { set }, NOW, { revision: 0 }), "conflict");
      assert.deepEqual(await store.delete(second.id), second);
      assert.equal(await other.find(second.id, NOW, { fresh: true }), null);
      assert.equal(await other.patch(second.id, { set }, NOW), "gone");
      await assertSessionsOf(other, "ada", [patched]);
      assert.equal(await other.create(someRecord({ id: first.id }), NOW), "taken");
    },
  },
  {
    name: "the end of a user in one store also ends the sign-in under way in another",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const other = await reopen();
      const { id } = await stored(store, { userId: "ada" });
      assert.deepEqual(await other.deleteByUser("ada", NOW), [id]);
      assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
      await assertSessionsOf(store, "ada", []);
    },
  },
  {
    name: "of deletes at once in two stores, exactly one is given the record",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const other = await reopen();
      for (let round = 0; round < 10; round += 1) {
        const record = await stored(store);
        const answers = await Promise.all([store, other].map(async (each) => each.delete(record.id)));
        assert.deepEqual(
          answers.filter((answer) => answer !== null),
          [record],
        );
      }
    },
  },
];

const damageCases: readonly StoreCase[] = [
  {
    name: "find throws CorruptRecordError for a damaged record, and a patch finds it gone",
    needs: ["damage"],
    async run({ store, damage }) {
      const { id } = await stored(store, { userId: "ada", data: values({ name: "Ada" }) });
      await damage(id);
      await assert.rejects(async () => store.find(id, NOW, { fresh: true }), CorruptRecordError);
      assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "gone");
      await assert.rejects(async () => store.find(id, NOW, { fresh: true }), CorruptRecordError);
    },
  },
  {
    name: "a damaged record can be deleted, and then is not there",
    needs: ["damage"],
    async run({ store, damage }) {
      const { id } = await stored(store, { userId: "ada" });
      await damage(id);
      await store.delete(id);
      assert.equal(await store.find(id, NOW, { fresh: true }), null);
      assert.equal(await store.delete(id), null);
    },
  },
  {
    name: "a damaged record does no harm to the user's others",
    needs: ["damage"],
    async run({ store, damage }) {
      const damaged = await stored(store, { userId: "ada" });
      const sound = await stored(store, { userId: "ada" });
      await damage(damaged.id);
      assert.deepEqual(await store.find(sound.id, NOW), sound);
      await assertSessionsOf(store, "ada", [sound]);
      assert.equal(await store.patch(sound.id, { set: values({ a: 1 }) }, NOW), "done");
      assert.ok((await store.deleteByUser("ada", NOW)).includes(sound.id));
      assert.equal(await store.find(sound.id, NOW), null);
    },
  },
  {
    name: "a damaged record is left out of the list",
    needs: ["damage", "list"],
    async run({ store, damage }) {
      const damaged = await stored(store);
      const sound = [await stored(store), await stored(store)];
      await damage(damaged.id);
      const { records } = await store.list(NOW, undefined, 10);
      assert.deepEqual(inOrder(records), inOrder(sound));
    },
  },
];

const watchCases: readonly StoreCase[] = [
  {
    name: "a watcher hears of a session that is deleted, and of no living one",
    needs: ["watch"],
    async run({ store }) {
      const [living, ended] = [await stored(store), await stored(store)];
      const news = watching(store, [living.id, ended.id]);
      await store.patch(living.id, { set: values({ a: 1 }) }, NOW);
      await store.delete(ended.id);
      await news.of(ended.id);
      assert.ok(!news.ended.includes(living.id));
      news.stop();
    },
  },
  {
    name: "a watcher hears of the end of all the user's sessions",
    needs: ["watch"],
    async run({ store }) {
      const { id } = await stored(store, { userId: "ada" });
      const news = watching(store, [id]);
      await store.deleteByUser("ada", NOW);
      await news.of(id);
      news.stop();
    },
  },
  {
    name: "ids may be added to what is watched",
    needs: ["watch"],
    async run({ store }) {
      const watched = new Set<SessionId>();
      const news = watching(store, watched);
      const { id } = await stored(store);
      watched.add(id);
      await store.delete(id);
      await news.of(id);
      news.stop();
    },
  },
  {
    name: "a watcher that was stopped hears nothing more",
    needs: ["watch"],
    async run({ store }) {
      const { id } = await stored(store);
      const [stopped, other] = [watching(store, [id]), watching(store, [id])];
      stopped.stop();
      await store.delete(id);
      await other.of(id);
      assert.deepEqual([stopped.ended, stopped.gaps()], [[], 0]);
      other.stop();
    },
  },
  {
    name: "a watcher hears of a session that another store ended",
    needs: ["watch", "reopen"],
    async run({ store, reopen }) {
      const { id } = await stored(store);
      const news = watching(store, [id]);
      await (await reopen()).delete(id);
      await news.of(id);
      news.stop();
    },
  },
];

export const outsideCases: readonly StoreCase[] = [...reopenCases, ...damageCases, ...watchCases];

interface News {
  readonly ended: SessionId[];
  gaps(): number;
  /** Until the store has told that this session is over: by name, or by a gap after which it cannot be found. */
  of(id: SessionId): Promise<void>;
  stop(): void;
}

function watching(store: Required<SessionStore>, ids: Iterable<SessionId>): News {
  const watched = ids instanceof Set ? ids : new Set(ids);
  const ended: SessionId[] = [];
  let gaps = 0;
  let wake = () => {};
  const stop = store.watch(
    watched,
    (id) => {
      ended.push(id);
      wake();
    },
    () => {
      gaps += 1;
      wake();
    },
  );
  return {
    ended,
    gaps: () => gaps,
    async of(id) {
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const heard = gaps;
        if (ended.includes(id)) return;
        if (heard > 0 && (await store.find(id, NOW, { fresh: true })) === null) return;
        assert.ok(performance.now() < deadline, "the store told nothing");
        if (gaps === heard) {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          const timer = setTimeout(resolve, deadline - performance.now());
          await promise;
          clearTimeout(timer);
        }
      }
    },
    stop,
  };
}
