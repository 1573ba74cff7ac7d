// Several requests of one session at the same time. On a store that answers at once these run in turn; on all others
// they really race, and whatever the interleaving, the outcome is one that some order explains.

import assert from "node:assert/strict";
import type { Patch } from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { atOnce, HOUR, key, NOW, type StoreCase, someHash, stored, values } from "./store-cases-fixtures.ts";

const WRITERS = 50;

export const raceCases: readonly StoreCase[] = [
  {
    name: "patches of different keys at once all win",
    async run({ store }) {
      const { id } = await stored(store, { data: values({ kept: true }) });
      const answers = await atOnce(WRITERS, async (index) =>
        store.patch(id, { set: values({ [`key${index}`]: index }) }, NOW),
      );
      assert.deepEqual(new Set(answers), new Set(["done"]));
      const expected = Object.fromEntries(answers.map((_, index) => [`key${index}`, index]));
      const found = await store.find(id, NOW);
      assert.deepEqual(found?.data, values({ kept: true, ...expected }));
      assert.equal(found?.revision, WRITERS);
    },
  },
  {
    name: "a patch of data and a refresh at once both win",
    async run({ store }) {
      for (let round = 0; round < 10; round += 1) {
        const record = await stored(store);
        const patches: Patch[] = [{ set: values({ a: 1 }) }, { expiresAt: NOW + 2 * HOUR }];
        await Promise.all(patches.map(async (patch) => store.patch(record.id, patch, NOW)));
        const data = values({ a: 1 });
        const expected = { ...record, revision: 1, expiresAt: NOW + 2 * HOUR, data };
        assert.deepEqual(await store.find(record.id, NOW), expected);
      }
    },
  },
  {
    name: "50 conditional increments at once lose none",
    async run({ store }) {
      const { id } = await stored(store, { data: values({ count: 0 }) });
      await atOnce(WRITERS, () => increment(store, id));
      const found = await store.find(id, NOW, { fresh: true });
      assert.deepEqual(found?.data, values({ count: WRITERS }));
      assert.equal(found?.revision, WRITERS);
    },
  },
  {
    name: "of conditional patches at once on one revision, exactly one counts",
    async run({ store }) {
      const { id, revision } = await stored(store);
      const answers = await atOnce(20, async (index) =>
        store.patch(id, { set: values({ winner: index }) }, NOW, { revision }),
      );
      assert.equal(answers.filter((answer) => answer === "done").length, 1);
      assert.equal(answers.filter((answer) => answer === "conflict").length, 19);
      const winner = answers.indexOf("done");
      assert.deepEqual((await store.find(id, NOW))?.data, values({ winner }));
    },
  },
  {
    name: "of rotations at once from one secret, exactly one counts",
    async run({ store }) {
      const { id, secretHashes } = await stored(store);
      const hashes = Array.from({ length: 20 }, someHash);
      const answers = await Promise.all(
        hashes.map(async (current) =>
          store.patch(id, { secretHashes: { ...secretHashes, current } }, NOW, {
            secretHash: secretHashes.current,
          }),
        ),
      );
      assert.equal(answers.filter((answer) => answer === "done").length, 1);
      const found = await store.find(id, NOW);
      assert.equal(found?.secretHashes.current, hashes[answers.indexOf("done")]);
    },
  },
  {
    name: "a patch that races a delete never brings the session back",
    async run({ store }) {
      for (let round = 0; round < 20; round += 1) {
        const { id } = await stored(store, { userId: "ada" });
        const patches = atOnce(4, async (index) =>
          store.patch(id, { set: values({ [`key${index}`]: index }), expiresAt: NOW + 2 * HOUR }, NOW),
        );
        const [answers, ended] = await Promise.all([patches, (async () => store.delete(id))()]);
        assert.equal(await store.find(id, NOW), null);
        assert.equal(await store.delete(id), null);
        assert.deepEqual(await store.findByUser("ada", NOW), []);
        // An acknowledged write is in the record that the delete answered; a refused one is not.
        const written = answers.flatMap((answer, index) => (answer === "done" ? [key(`key${index}`)] : []));
        assert.deepEqual(Object.keys(ended?.data ?? {}).sort(), written);
      }
    },
  },
  {
    name: "a patch that races the end of all the user's sessions never brings one back",
    async run({ store }) {
      for (let round = 0; round < 10; round += 1) {
        const userId = `ada${round}`;
        const { id } = await stored(store, { userId });
        const patches = atOnce(4, async (index) =>
          store.patch(id, { set: values({ index }), expiresAt: NOW + 2 * HOUR }, NOW),
        );
        await Promise.all([patches, (async () => store.deleteByUser(userId, NOW))()]);
        assert.equal(await store.find(id, NOW), null);
        assert.equal(await store.delete(id), null);
        assert.deepEqual(await store.findByUser(userId, NOW), []);
      }
    },
  },
  {
    name: "two stores on the same data lose none of 50 increments",
    needs: ["reopen"],
    async run({ store, reopen }) {
      const other = await reopen();
      const { id } = await stored(store, { data: values({ count: 0 }) });
      await atOnce(WRITERS, (index) => increment(index % 2 === 0 ? store : other, id));
      for (const each of [store, other]) {
        assert.deepEqual((await each.find(id, NOW, { fresh: true }))?.data, values({ count: WRITERS }));
      }
    },
  },
];

/** Reads, adds one, and tries again whenever somebody else was faster. */
async function increment(store: SessionStore, id: SessionId): Promise<void> {
  for (;;) {
    const record = await store.find(id, NOW, { fresh: true });
    assert.ok(record, "the session vanished");
    const count = Number(record.data[key("count")]);
    const set = values({ count: count + 1 });
    const answer = await store.patch(id, { set }, NOW, { revision: record.revision });
    if (answer === "done") return;
    assert.equal(answer, "conflict");
  }
}
