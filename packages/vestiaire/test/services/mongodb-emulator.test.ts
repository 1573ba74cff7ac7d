// Whether the emulator of MongoDB may be trusted: it refuses whatever it does not know, and where it answers, it answers
// as MongoDB does. The second half also runs on the server that MONGODB_URL names, which is the judge of it.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Collection, type Document, MongoClient, MongoServerError } from "mongodb";
import { mongodbEmulator, urlOf } from "./mongodb.ts";
import { Service } from "./service.ts";

type Doc = Document & { _id: string };

const service = await Service.start(mongodbEmulator);
const emulator = new MongoClient(urlOf(service.port));
const real = process.env.MONGODB_URL === undefined ? null : new MongoClient(process.env.MONGODB_URL);
after(async () => {
  await emulator.close();
  await real?.close();
  await service.stop();
});

describe("the emulator refuses what it does not know", () => {
  const db = emulator.db();
  const collection = db.collection<Doc>("refusals");
  const attempts: Record<string, () => Promise<unknown>> = {
    "a command": () => db.command({ aggregate: "refusals", pipeline: [], cursor: {} }),
    "a field of a command": () => db.command({ find: "refusals", hint: "_id_" }),
    "a query operator": () => collection.findOne({ a: { $regex: "a" } }),
    "a query operator at the top": () => collection.findOne({ $or: [{ a: 1 }] }),
    "a regular expression": () => collection.findOne({ a: /a/ }),
    "a $type": () => collection.findOne({ a: { $type: "string" } }),
    "an array in a filter": () => collection.findOne({ a: [1] }),
    "an array in a document": () => collection.insertOne({ _id: "x", a: { b: [1] } }),
    "several documents": () => collection.insertMany([{ _id: "y" }, { _id: "z" }]),
    "an update operator": () => collection.updateOne({}, { $mul: { a: 1 } }),
    "a pipeline": () => collection.updateOne({}, [{ $set: { a: 1 } }]),
    "an array in an update": () => collection.updateOne({}, { $set: { a: [1] } }),
    "an upsert": () => collection.updateOne({}, { $set: { a: 1 } }, { upsert: true }),
    "an update of many": () => collection.updateMany({}, { $set: { a: 1 } }),
    "a positional path": () => collection.updateOne({}, { $set: { "a.$[]": 1 } }),
    "a collation": () => collection.deleteOne({}, { collation: { locale: "fr" } }),
    "an update that answers": () => collection.findOneAndUpdate({}, { $set: { a: 1 } }),
    "a projection": () => collection.findOne({}, { projection: { a: 1 } }),
    "an order backwards": () => collection.find({}, { sort: { _id: -1 } }).toArray(),
    "a skip": () => collection.find({}, { skip: 1 }).toArray(),
    "a unique index": () => collection.createIndex({ a: 1 }, { unique: true }),
    "a write concern": () => collection.insertOne({ _id: "w" }, { writeConcern: { w: 2 } }),
    "a snapshot": () => collection.findOne({}, { readConcern: "snapshot" }),
    "a read concern for a write": () => db.command({ delete: "refusals", deletes: [], readConcern: {} }),
    "a fail point": () => emulator.db("admin").command({ configureFailPoint: "hang", mode: "alwaysOn" }),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    test(what, async () => {
      await collection.drop();
      await collection.insertOne({ _id: "only", a: "a" });
      await assert.rejects(attempt, /emulator does not know|unknown field|no such command|not allowed/);
      assert.deepEqual(await collection.find().toArray(), [{ _id: "only", a: "a" }]);
    });
  }
});

for (const client of real === null ? [emulator] : [emulator, real]) {
  describe(client === real ? "the real server" : "the emulator answers as MongoDB does", () => {
    test("values of different types do not compare, and null also means absent", () =>
      withDocuments(
        client,
        [{ _id: "a", n: 1 }, { _id: "b", n: "1" }, { _id: "c", n: null }, { _id: "d" }],
        async (collection) => {
          const ids = async (filter: Document) =>
            (await collection.find(filter, { sort: { _id: 1 } }).toArray()).map(({ _id }) => _id);
          assert.deepEqual(await ids({ n: { $gt: 0 } }), ["a"]);
          assert.deepEqual(await ids({ n: { $gt: "" } }), ["b"]);
          assert.deepEqual(await ids({ n: null }), ["c", "d"]);
          assert.deepEqual(await ids({ n: { $ne: 1 } }), ["b", "c", "d"]);
          assert.deepEqual(await ids({ n: { $ne: null } }), ["a", "b"]);
          assert.deepEqual(await ids({ n: { $in: [1, "1", "x"] } }), ["a", "b"]);
          assert.deepEqual(await ids({ n: { $type: "object" } }), []);
          assert.deepEqual(await ids({ n: { $gte: 1, $lte: 1 } }), ["a"]);
        },
      ));

    test("a path leads into documents, and a document equals its like", () =>
      withDocuments(
        client,
        [
          { _id: "a", in: { x: 1, y: 2 } },
          { _id: "b", in: "x" },
        ],
        async (collection) => {
          assert.equal((await collection.findOne({ "in.x": 1 }))?._id, "a");
          assert.equal((await collection.findOne({ in: { x: 1, y: 2 } }))?._id, "a");
          assert.equal(await collection.findOne({ in: { y: 2, x: 1 } }), null);
          assert.equal(await collection.findOne({ in: { x: 1 } }), null);
        },
      ));

    test("strings are in the order of their bytes", () =>
      withDocuments(
        client,
        [{ _id: "é" }, { _id: "Z" }, { _id: "a" }, { _id: "🦊" }, { _id: "\uffff" }],
        async (all) => {
          const found = await all.find({ _id: { $gt: "a" } }, { sort: { _id: 1 } }).toArray();
          assert.deepEqual(
            found.map(({ _id }) => _id),
            ["é", "\uffff", "🦊"],
          );
        },
      ));

    test("an update changes what it names, the highest stays, and hostile names stay apart", () =>
      withDocuments(client, [{ _id: "a", n: 1, max: 5, old: 1, in: { kept: 1 } }], async (collection) => {
        const update = {
          $inc: { n: 2, made: 1 },
          $max: { max: 4, new: 1 },
          $unset: { old: "", never: "", "in.never": "" },
          $set: { 'in."__proto__"': "p", 'in."$a"': "d" },
        };
        const { matchedCount } = await collection.updateOne({ _id: "a" }, update);
        assert.equal(matchedCount, 1);
        const expected = {
          _id: "a",
          n: 3,
          made: 1,
          max: 5,
          new: 1,
          in: { kept: 1, '"__proto__"': "p", '"$a"': "d" },
        };
        assert.deepEqual(await collection.findOne({}), expected);
      }));

    const refused: readonly [string, Document][] = [
      ["a field named twice", { $set: { "in.x": 1 }, $unset: { "in.x": "" } }],
      ["a field and what it is in", { $set: { in: {}, "in.x": 1 } }],
      ["an $inc of a string", { $inc: { text: 1 } }],
      ["a path through a string", { $set: { "text.x": 1 } }],
      ["an empty name in a path", { $set: { "in..x": 1 } }],
      ["another _id", { $set: { _id: "b" } }],
    ];
    for (const [what, update] of refused) {
      test(`refuses ${what}, and changes nothing`, () =>
        withDocuments(client, [{ _id: "a", text: "t", in: { x: 0 } }], async (collection, before) => {
          await assert.rejects(async () => collection.updateOne({ _id: "a" }, update), MongoServerError);
          assert.deepEqual(await collection.find().toArray(), before);
        }));
    }

    test("an _id that is there is a duplicate, and nothing is stored", () =>
      withDocuments(client, [{ _id: "a", n: 1 }], async (collection, before) => {
        await assert.rejects(async () => collection.insertOne({ _id: "a", n: 2 }), { code: 11_000 });
        assert.deepEqual(await collection.find().toArray(), before);
      }));

    test("a removal answers what it removed, once", () =>
      withDocuments(client, [{ _id: "a", n: 1 }], async (collection, [before]) => {
        assert.deepEqual(await collection.findOneAndDelete({ _id: "a" }), before);
        assert.equal(await collection.findOneAndDelete({ _id: "a" }), null);
        assert.equal((await collection.deleteOne({ _id: "a" })).deletedCount, 0);
      }));

    test("a cursor goes on where its batch ended", () => {
      const documents = Array.from({ length: 25 }, (_, index) => ({ _id: `id${10 + index}` }));
      return withDocuments(client, documents, async (collection) => {
        const found = await collection.find({}, { sort: { _id: 1 }, batchSize: 4 }).toArray();
        assert.deepEqual(found, documents);
        assert.equal((await collection.find({}, { limit: 7, batchSize: 3 }).toArray()).length, 7);
      });
    });
  });
}

test("what the emulator acknowledged survives its being killed", async () => {
  const collection = emulator.db().collection<Doc>("kept");
  const document = { _id: "a", at: new Date(5), n: 1.5, text: "\0🦊" };
  await collection.insertOne(document);
  await service.kill("SIGKILL");
  await service.restart();
  assert.deepEqual(await collection.find().toArray(), [document]);
});

async function withDocuments(
  client: MongoClient,
  documents: Doc[],
  run: (collection: Collection<Doc>, documents: Doc[]) => Promise<void>,
): Promise<void> {
  const collection = client.db().collection<Doc>(`test-${crypto.randomUUID()}`);
  for (const document of documents) await collection.insertOne(document);
  try {
    await run(collection, documents);
  } finally {
    await collection.drop();
  }
}
