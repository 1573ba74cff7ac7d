// The file store against the simplest model there is: a Map, changed by the core's own functions. Any sequence of
// operations through any of three stores on one directory answers what the model answers.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { applyPatch, isLive, meets, type Patch, type SessionRecord } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { DAY, HOUR, NOW, newDirectory, smallStore, someRecord } from "./support.ts";

const USERS = [null, "ada", "Ada", "\ud800", "\ud801"];

const slot = fc.nat(5);
const patch: fc.Arbitrary<Patch> = fc.record(
  {
    clear: fc.boolean(),
    set: fc.dictionary(
      fc.string({ unit: "binary", maxLength: 4 }).map((key) => JSON.stringify(key)),
      fc.string({ unit: "binary" }),
    ),
    unset: fc.array(
      fc.string({ maxLength: 4 }).map((key) => JSON.stringify(key)),
      { maxLength: 2 },
    ),
    secretHashes: fc.constant({ current: "next", previous: { hash: "current", until: NOW }, retired: null }),
    expiresAt: fc.integer({ min: NOW, max: NOW + DAY }),
    lastSeenAt: fc.integer({ min: NOW, max: NOW + DAY }),
  },
  { requiredKeys: [] },
);
const when = fc.option(
  fc.record({ revision: fc.nat(3), secretHash: fc.constantFrom("current", "next") }, { requiredKeys: [] }),
  { nil: undefined },
);

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("create" as const), slot, user: fc.constantFrom(...USERS) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("patch" as const), slot, patch, when }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("find" as const), slot, fresh: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), slot }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("findByUser" as const),
      user: fc.constantFrom("ada", "Ada", "\ud800"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("deleteByUser" as const),
      user: fc.constantFrom("ada", "\ud801"),
      slot,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("list" as const), limit: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), for: fc.integer({ min: 1, max: 3 * HOUR }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("sweep" as const), limit: fc.integer({ min: 1, max: 5 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

const inOrder = (records: readonly SessionRecord[]) => [...records].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Does one thing to the store and to the model, and compares. */
async function take(
  store: SessionStore,
  model: Map<string, SessionRecord>,
  ids: string[],
  now: number,
  each: Step,
) {
  const id = "slot" in each ? (ids[each.slot] as string) : "";
  const record = model.get(id);
  const live = record !== undefined && isLive(record, now);
  const all = [...model.values()].filter((other) => isLive(other, now));
  switch (each.kind) {
    case "create": {
      if (record !== undefined) break;
      // Ids are never reused.
      const made = someRecord({ userId: each.user, createdAt: now, expiresAt: now + HOUR });
      ids[each.slot] = made.id;
      model.set(made.id, made);
      return assert.equal(await store.create(made, now), "created");
    }
    case "patch": {
      const answer = !live ? "gone" : each.when && !meets(record, each.when) ? "conflict" : "done";
      assert.equal(await store.patch(id, each.patch, now, each.when), answer);
      if (answer === "done") model.set(id, applyPatch(record as SessionRecord, each.patch));
      return;
    }
    case "find":
      return assert.deepEqual(await store.find(id, now, { fresh: each.fresh }), live ? record : null);
    case "delete": {
      const ended = await store.delete(id);
      // What has expired may have been swept.
      if (live || ended !== null) assert.deepEqual(ended, record);
      model.delete(id);
      return;
    }
    case "findByUser":
      return assert.deepEqual(
        inOrder(await store.findByUser(each.user, now)),
        inOrder(all.filter(({ userId }) => userId === each.user)),
      );
    case "deleteByUser": {
      const ended = await store.deleteByUser(each.user, now - 1, { except: id });
      const expected = all.filter((other) => other.userId === each.user && other.id !== id);
      for (const other of expected) assert.ok(ended.includes(other.id));
      for (const other of ended) model.delete(other);
      return;
    }
    case "list": {
      const found = new Map<string, SessionRecord>();
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await store.list?.(now, cursor, each.limit);
        for (const listed of page?.records ?? []) found.set(listed.id, listed);
        cursor = page?.cursor ?? null;
      }
      return assert.deepEqual(inOrder([...found.values()]), inOrder(all));
    }
    case "sweep":
      await store.sweep?.(now, each.limit);
  }
}

test("whatever is done through several stores on one directory, they answer as one Map would", async (t) => {
  const parent = newDirectory(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), step), { maxLength: 120 }), async (steps) => {
      run += 1;
      const directory = join(parent, String(run));
      const stores = [smallStore(directory, 500), smallStore(directory, 600), fileStore(directory)] as const;
      const model = new Map<string, SessionRecord>();
      const ids = Array.from({ length: 6 }, () => someRecord().id);
      let now = NOW;
      for (const [which, each] of steps) {
        // Time goes on, so that the end of a user's sessions never meets one of the same instant.
        now += each.kind === "wait" ? each.for : 2;
        await take(stores[which] as SessionStore, model, ids, now, each);
      }
    }),
    { numRuns: 60 },
  );
});
