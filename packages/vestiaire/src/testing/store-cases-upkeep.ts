// What the store does for whoever looks after it: pages of all sessions, and the removal of expired ones.

import assert from "node:assert/strict";
import { InvalidValueError } from "../core/errors.ts";
import type { SessionRecord } from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import {
  DAY,
  HOUR,
  inOrder,
  MINUTE,
  NOW,
  type StoreCase,
  several,
  someRecord,
  stored,
  values,
} from "./store-cases-fixtures.ts";

/** Late enough for stores that sweep whole periods. */
const MUCH_LATER = NOW + 2 * DAY;
const LONG = { expiresAt: NOW + 20 * DAY } as const;
const PAGES = 1_000;

export const upkeepCases: readonly StoreCase[] = [
  {
    name: "list answers every live record, whoever it belongs to",
    needs: ["list"],
    async run({ store }) {
      const users = [null, "ada", "eve"];
      const records = await several(25, (index) =>
        stored(store, { userId: users[index % 3] ?? null, data: values({ index }) }),
      );
      for (const limit of [undefined, 1, 4, 5, 24, 25, 26]) {
        assert.deepEqual(inOrder(await listed(store, NOW, limit)), inOrder(records), `limit ${limit}`);
      }
    },
  },
  {
    name: "list of an empty store ends",
    needs: ["list"],
    async run({ store }) {
      assert.deepEqual(await listed(store, NOW), []);
    },
  },
  {
    name: "list refuses a cursor that no page can have given",
    needs: ["list"],
    async run({ store }) {
      await stored(store);
      for (const cursor of ["no cursor", "\0", "../..", "é"]) {
        await assert.rejects(async () => store.list(NOW, cursor, 10), InvalidValueError, cursor);
      }
    },
  },
  {
    name: "list leaves out what has expired or was deleted",
    needs: ["list"],
    async run({ store }) {
      const living = await several(4, () => stored(store, LONG));
      await several(4, () => stored(store));
      const deleted = await stored(store, LONG);
      await store.delete(deleted.id);
      assert.deepEqual(inOrder(await listed(store, NOW + HOUR, 3)), inOrder(living));
    },
  },
  {
    name: "list loses no session that lives throughout, whatever else comes and goes between the pages",
    needs: ["list"],
    async run({ store }) {
      const records = await several(30, () => stored(store, { userId: "ada" }));
      const living = new Set(records.map(({ id }) => id));
      const seen = new Set<SessionId>();
      const page = async (records: readonly SessionRecord[]) => {
        for (const { id } of records) seen.add(id);
        // The end of the page is where a cursor is likely to stand.
        const last = records.at(-1);
        if (last !== undefined && living.delete(last.id)) await store.delete(last.id);
        if (living.size > 0) await store.patch([...living][0] ?? "", { expiresAt: NOW + 2 * HOUR }, NOW);
        if (seen.size < 20) await stored(store);
      };
      await eachPage(store, NOW, 4, page);
      assert.deepEqual(
        [...living].filter((id) => !seen.has(id)),
        [],
      );
      assert.ok(living.size > 10);
    },
  },
  {
    name: "sweep removes what has expired, and nothing that lives",
    needs: ["sweep"],
    async run({ store }) {
      const living = await several(5, () => stored(store, { userId: "ada", ...LONG }));
      const expired = await several(5, () => stored(store, { userId: "ada" }));
      assert.equal(await sweepAll(store, MUCH_LATER, 100), 5);
      for (const { id } of expired) assert.equal(await store.delete(id), null);
      for (const record of living) assert.deepEqual(await store.find(record.id, MUCH_LATER), record);
      assert.deepEqual(inOrder(await store.findByUser("ada", NOW)), inOrder(living));
    },
  },
  {
    name: "sweep leaves a session alone until its expiresAt",
    needs: ["sweep"],
    async run({ store }) {
      const record = await stored(store);
      assert.equal(await sweepAll(store, record.expiresAt - 1, 100), 0);
      assert.deepEqual(await store.find(record.id, record.expiresAt - 1), record);
    },
  },
  {
    name: "sweep removes at most its limit, and says whether there is more",
    needs: ["sweep"],
    async run({ store }) {
      const expired = await several(10, () => stored(store));
      const first = await store.sweep(MUCH_LATER, 3);
      assert.ok(first.removed <= 3, `${first.removed} removed`);
      assert.equal(first.more, true);
      const left = await several(10, (index) => store.find(expired[index]?.id ?? "", NOW));
      assert.equal(left.filter((record) => record !== null).length, 10 - first.removed);
      assert.equal(first.removed + (await sweepAll(store, MUCH_LATER, 3)), 10);
      for (const { id } of expired) assert.equal(await store.delete(id), null);
    },
  },
  {
    name: "sweep spares a session that was refreshed, and removes it once that is over too",
    needs: ["sweep"],
    async run({ store }) {
      const record = await stored(store);
      await store.patch(record.id, LONG, NOW);
      assert.equal(await sweepAll(store, MUCH_LATER, 100), 0);
      assert.deepEqual(await store.find(record.id, MUCH_LATER), { ...record, ...LONG });
      assert.equal(await sweepAll(store, NOW + 25 * DAY, 100), 1);
      assert.equal(await store.delete(record.id), null);
    },
  },
  {
    name: "sweeping again, or twice at once, is harmless",
    needs: ["sweep"],
    async run({ store }) {
      const living = await several(5, () => stored(store, LONG));
      const expired = await several(20, () => stored(store));
      await Promise.all([sweepAll(store, MUCH_LATER, 4), sweepAll(store, MUCH_LATER, 4)]);
      assert.equal(await sweepAll(store, MUCH_LATER, 100), 0);
      for (const { id } of expired) assert.equal(await store.delete(id), null);
      for (const record of living) assert.deepEqual(await store.find(record.id, MUCH_LATER), record);
    },
  },
  {
    name: "a sweep does not forget a user's end before its 10 minutes are over",
    needs: ["sweep"],
    async run({ store }) {
      await store.deleteByUser("ada", NOW);
      await sweepAll(store, NOW + 9 * MINUTE, 100);
      assert.equal(await store.create(someRecord({ userId: "ada" }), NOW + 9 * MINUTE), "ended");
    },
  },
];

async function listed(store: Required<SessionStore>, now: number, limit?: number): Promise<SessionRecord[]> {
  const all = new Map<SessionId, SessionRecord>();
  await eachPage(store, now, limit, async (records) => {
    for (const record of records) all.set(record.id, record);
  });
  return [...all.values()];
}

async function eachPage(
  store: Required<SessionStore>,
  now: number,
  limit: number | undefined,
  visit: (records: readonly SessionRecord[]) => Promise<void>,
): Promise<void> {
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const page = await store.list(now, cursor, limit);
    await visit(page.records);
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
  assert.fail(`the list did not end after ${PAGES} pages`);
}

/** Sweeps until there is no more; answers how many went. */
async function sweepAll(store: Required<SessionStore>, now: number, limit: number): Promise<number> {
  let total = 0;
  for (let calls = 0; calls < PAGES; calls += 1) {
    const { removed, more } = await store.sweep(now, limit);
    assert.ok(removed <= limit, `${removed} removed, of at most ${limit}`);
    total += removed;
    if (!more) return total;
  }
  return assert.fail(`there was still more after ${PAGES} sweeps`);
}
