// The MongoDB store: the contract, on a real server where there is one and else on the emulator, which this file says;
// and what the contract does not ask: indexes, clients of the caller's, damage to each field.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Db, type Document, MongoClient } from "mongodb";
import { ConfigurationError, CorruptRecordError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { mongodbStore, schema } from "../../src/stores/mongodb.ts";
import { DAY, NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { someMongodb } from "../services/mongodb.ts";

const server = await someMongodb();
if (server.notice !== null) console.log(server.notice);
const client = new MongoClient(server.url);
const db = client.db();
after(async () => {
  await client.close();
  await server.stop();
});

/** All but those that may hold text. */
const FIELDS = [
  "revision",
  "secretHashes",
  "persistent",
  "createdAt",
  "lastSeenAt",
  "expiresAt",
  "endsAt",
  "data",
];

/** Collections of its own for each test. */
function newCollections() {
  const collection = `test-${crypto.randomUUID()}`;
  const sessions = db.collection<Document & { _id: string }>(collection);
  const drop = async () => {
    await sessions.drop();
    await db.collection(`${collection}_marks`).drop();
  };
  return { collection, sessions, drop };
}

/** The same database, for a caller that is held up there. */
function beforeDeleteMany(hook: () => unknown): Db {
  const collection = (...place: Parameters<Db["collection"]>) => {
    const found = db.collection(...place);
    const deleteMany = found.deleteMany.bind(found);
    return Object.assign(found, {
      deleteMany: async (filter: Document) => {
        await hook();
        return deleteMany(filter);
      },
    });
  };
  return Object.assign(Object.create(db), { collection });
}

testStore("mongodbStore of a URL", () => {
  const { collection, sessions, drop } = newCollections();
  return {
    store: mongodbStore(server.url, { collection }),
    reopen: () => mongodbStore(server.url, { collection }),
    damage: async (id) => {
      await sessions.updateOne({ _id: id }, { $set: { data: "{" } });
    },
    close: drop,
  };
});

testStore("mongodbStore of a Db", () => {
  const { collection, drop } = newCollections();
  return {
    store: mongodbStore(db, { collection }),
    reopen: () => mongodbStore(db, { collection }),
    close: drop,
  };
});

describe("mongodbStore", () => {
  async function withStore(
    run: (store: SessionStore, at: ReturnType<typeof newCollections>) => Promise<void>,
    connection: Parameters<typeof mongodbStore>[0] = db,
  ): Promise<void> {
    const at = newCollections();
    const store = mongodbStore(connection, at);
    try {
      await run(store, at);
    } finally {
      await store.close?.();
      await at.drop();
    }
  }

  test("a client that was handed in is not closed, and one of a URL is", async () => {
    await withStore(async (store) => {
      const { id } = await stored(store);
      await store.close?.();
      assert.ok(await store.find(id, NOW));
    }, client);
    await withStore(async (store) => {
      const { id } = await stored(store);
      await store.close?.();
      await assert.rejects(async () => store.find(id, NOW), /connected/);
    }, server.url);
  });

  test("close lets the calls under way finish", async () => {
    await withStore(async (store) => {
      const record = someRecord({ userId: "ada" });
      const created = store.create(record, NOW);
      await store.close?.();
      assert.equal(await created, "created");
    }, server.url);
  });

  test("the caller's own settings for numbers do no harm", async () => {
    for (const options of [{ promoteLongs: false }, { promoteValues: false }, { useBigInt64: true }]) {
      const other = new MongoClient(server.url, options);
      await withStore(async (store) => {
        const record = await stored(store, { userId: "ada", lastSeenAt: NOW + 0.5, revision: 2 ** 40 });
        assert.deepEqual(await store.find(record.id, NOW), record);
        assert.deepEqual(await store.findByUser("ada", NOW), [record]);
        assert.deepEqual(await store.delete(record.id), record);
      }, other);
      await other.close();
    }
  });

  test("the indexes are there after the first use, those that the schema prints", async () => {
    await withStore(async (store, { collection, sessions }) => {
      await Promise.all([stored(store), stored(mongodbStore(db, { collection }))]);
      const marks = db.collection(`${collection}_marks`);
      const commands: string[] = [];
      for (const each of [sessions, marks]) {
        for (const { v, key, name, ...options } of await each.indexes()) {
          if (name === "_id_") continue;
          const all = JSON.stringify({ name, ...options });
          commands.push(
            `db.getCollection("${each.collectionName}").createIndex(${JSON.stringify(key)}, ${all});`,
          );
        }
      }
      assert.deepEqual(schema(collection).trim().split("\n"), commands);
      assert.equal(commands.length, 4);
    });
  });

  test("MongoDB's own expiry goes by a date that a refresh moves on, and never back", async () => {
    await withStore(async (store, { sessions }) => {
      const { id, expiresAt } = await stored(store, { expiresAt: NOW + 1_000.5 });
      const date = async () => (await sessions.findOne({ _id: id }))?.expiryDate.getTime();
      assert.equal(await date(), NOW + 1_001);
      await store.patch(id, { expiresAt: NOW + DAY }, NOW);
      assert.equal(await date(), NOW + DAY);
      await store.patch(id, { expiresAt }, NOW);
      assert.equal(await date(), NOW + DAY);
    });
  });

  test("a sweep by a clock with fractions leaves a session alone until its expiresAt", async () => {
    await withStore(async (store) => {
      const { id, expiresAt } = await stored(store, { expiresAt: NOW + 1_000.5 });
      await store.sweep?.(expiresAt - 0.25, 10);
      assert.ok(await store.find(id, expiresAt - 0.25));
    });
  });

  test("each damaged field is noticed, and the others' sessions come to no harm", async () => {
    const damages: Document[] = [
      ...FIELDS.map((field) => ({ [field]: "x" })),
      ...[{ userId: 1 }, { userId: "{" }, { "secretHashes.current": 1 }],
      ...[{ data: null }, { data: new Date(0) }, { "data.a": 1 }],
    ];
    await withStore(async (store, { sessions }) => {
      const sound = await stored(store, { userId: "ada" });
      for (const damage of damages) {
        const { id } = await stored(store, { userId: "ada" });
        await sessions.updateOne({ _id: id }, { $set: damage });
        await assert.rejects(async () => store.find(id, NOW), CorruptRecordError, JSON.stringify(damage));
        assert.deepEqual(await store.findByUser("ada", NOW), [sound]);
        assert.deepEqual((await store.list?.(NOW))?.records, [sound]);
        assert.equal(await store.delete(id), null);
        assert.equal(await store.find(id, NOW), null);
      }
    });
  });

  test("a patch of what no update could be applied to finds it gone", async () => {
    await withStore(async (store, { sessions }) => {
      for (const damage of [{ revision: "x" }, { expiresAt: "x" }, { data: "x" }]) {
        const { id } = await stored(store);
        await sessions.updateOne({ _id: id }, { $set: damage });
        assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "gone");
        assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW, { revision: 0 }), "gone");
      }
    });
  });

  test("more sessions than fit into one batch are all found and ended", async () => {
    await withStore(async (store) => {
      const records = Array.from({ length: 250 }, () => someRecord({ userId: "ada" }));
      await Promise.all(records.map(async (record) => store.create(record, NOW)));
      assert.equal((await store.findByUser("ada", NOW)).length, 250);
      assert.equal((await store.list?.(NOW, undefined, 300))?.records.length, 250);
      assert.equal((await store.deleteByUser("ada", NOW)).length, 250);
    });
  });

  test("a patch that names nothing, or empty lists, is done", async () => {
    await withStore(async (store) => {
      const record = await stored(store, { data: values({ a: 1 }) });
      assert.equal(await store.patch(record.id, {}, NOW), "done");
      assert.equal(await store.patch(record.id, { set: {}, unset: [] }, NOW), "done");
      assert.deepEqual(await store.find(record.id, NOW), { ...record, revision: 1 });
    });
  });

  test("a key that is both unset and set is set", async () => {
    await withStore(async (store) => {
      const { id } = await stored(store, { data: values({ a: 1, b: 1 }) });
      const set = values({ a: 2 });
      const unset = Object.keys(values({ a: 1, b: 1 }));
      assert.equal(await store.patch(id, { set, unset }, NOW), "done");
      assert.deepEqual((await store.find(id, NOW))?.data, set);
    });
  });

  test("keys that look like the escape of another stay apart", async () => {
    await withStore(async (store) => {
      const data = values({ "a.b": 1, "a%2Eb": 2, "a%252Eb": 3, "a%b": 4 });
      const created = await stored(store, { data });
      assert.deepEqual(await store.find(created.id, NOW), created);
      const { id } = await stored(store);
      await store.patch(id, { set: data }, NOW);
      assert.deepEqual((await store.find(id, NOW))?.data, data);
    });
  });

  test("of two ends of a user at once, each session is answered by one", async () => {
    await withStore(async (store) => {
      const records = Array.from({ length: 20 }, () => someRecord({ userId: "ada" }));
      await Promise.all(records.map(async (record) => store.create(record, NOW)));
      const answers = await Promise.all([1, 2].map(async () => store.deleteByUser("ada", NOW)));
      assert.deepEqual(answers.flat().sort(), records.map(({ id }) => id).sort());
    });
  });

  test("a session that is refreshed while a sweep is at it lives on", async () => {
    await withStore(async (store, { collection }) => {
      const { id, expiresAt } = await stored(store);
      const refresh = () => store.patch(id, { expiresAt: expiresAt + DAY }, NOW);
      const late = mongodbStore(beforeDeleteMany(refresh), { collection });
      assert.deepEqual(await late.sweep?.(expiresAt, 10), { removed: 0, more: false });
      assert.ok(await store.find(id, expiresAt));
    });
  });

  test("what cannot be a URL or a collection is refused when the store is made, without repeating a password", async () => {
    for (const url of ["", "mongodb://", "http://ada:secret@localhost", "redis://localhost"]) {
      assert.throws(() => mongodbStore(url), ConfigurationError);
    }
    for (const collection of ["", "a.b", "$a", "a b", "1a", "a\0", "x".repeat(101)]) {
      assert.throws(() => mongodbStore(db, { collection }), ConfigurationError);
      assert.throws(() => schema(collection), ConfigurationError);
    }
    const store = mongodbStore("mongodb://ada:secret@localhost/x?nonsense=1");
    await assert.rejects(
      async () => store.find("0", NOW),
      (error) => error instanceof ConfigurationError && !error.message.includes("secret"),
    );
  });
});
