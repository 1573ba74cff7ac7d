// The DynamoDB store, on an emulator: the contract, and what is particular to it: the limits of an expression, items
// beside the record, a table that makes itself, and answers that say more than the emulator's.

import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { ConfigurationError } from "../../src/core/errors.ts";
import type { SessionId } from "../../src/core/token.ts";
import { dynamodbStore, schema } from "../../src/stores/dynamodb.ts";
import {
  atOnce,
  HOUR,
  NOW,
  several,
  someHash,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { startDynalite, tableUrl } from "../services/dynalite.ts";

const { port, stop } = await startDynalite();
const client = newClient();
after(() => {
  client.destroy();
  stop();
});

testStore("dynamodbStore, on an emulator", () => {
  const url = tableUrl(port);
  return {
    store: dynamodbStore(url),
    reopen: () => dynamodbStore(url),
    damage: (id) => damage(tableIn(url), id),
  };
});

test("patches of more keys than an expression can name lose none of each other's", async (t) => {
  const { store } = open(t);
  const { id } = await stored(store, { data: values(numbered("old", 150)) });
  const [unset, ...sets] = await Promise.all([
    store.patch(id, { unset: Object.keys(values(numbered("old", 150))) }, NOW),
    atOnce(3, async (index) => store.patch(id, { set: values(numbered(`many${index}`, 150)) }, NOW)),
    atOnce(3, async (index) => store.patch(id, { set: values({ [`few${index}`]: index }) }, NOW)),
  ]);
  assert.deepEqual(new Set([unset, ...sets.flat()]), new Set(["done"]));
  const found = await store.find(id, NOW);
  assert.equal(found?.revision, 7);
  const many = [0, 1, 2].map((index) => numbered(`many${index}`, 150));
  assert.deepEqual(found?.data, values(Object.assign({ few0: 0, few1: 1, few2: 2 }, ...many)));
});

test("a patch of many keys keeps to its conditions", async (t) => {
  const { store } = open(t);
  const record = await stored(store);
  const patch = { set: values(numbered("key", 150)) };
  assert.equal(await store.patch(record.id, patch, NOW, { revision: 1 }), "conflict");
  assert.equal(await store.patch(record.id, patch, NOW, { secretHash: someHash() }), "conflict");
  assert.equal(await store.patch(record.id, patch, record.expiresAt), "gone");
  assert.deepEqual(await store.find(record.id, NOW), record);
  assert.equal(await store.patch(record.id, patch, NOW, { revision: 0 }), "done");
});

test("no expression is longer than DynamoDB allows", async (t) => {
  const { store, sent } = open(t);
  const { id } = await stored(store);
  const counts = [1, 50, 100, 101, 200, 300, 400, 500];
  for (const count of counts) {
    const set = values(numbered("a long name for a key ".repeat(10), count));
    const secretHashes = { current: someHash(), previous: null, retired: null };
    const times = { expiresAt: NOW + 2 * HOUR, lastSeenAt: NOW };
    const record = await store.find(id, NOW);
    const when = { revision: record?.revision ?? 0, secretHash: record?.secretHashes.current ?? "" };
    assert.equal(await store.patch(id, { set, secretHashes, ...times }, NOW, when), "done");
  }
  for (const { UpdateExpression = "" } of updatesIn(sent)) assert.ok(UpdateExpression.length < 4_096);
  assert.equal(updatesIn(sent).length, counts.length);
});

test("a key may be named twice: set and unset it is set, and unset twice it is unset", async (t) => {
  const { store } = open(t);
  const { id } = await stored(store);
  const set = values({ a: 1 });
  const twice = [...Object.keys(set), ...Object.keys(set)];
  assert.equal(await store.patch(id, { set, unset: twice }, NOW), "done");
  assert.deepEqual((await store.find(id, NOW))?.data, set);
  assert.equal(await store.patch(id, { unset: twice }, NOW), "done");
  assert.deepEqual((await store.find(id, NOW))?.data, {});
});

test("of refreshes at once all are done, and the latest times stay", async (t) => {
  const { store } = open(t);
  const record = await stored(store);
  const times = Array.from({ length: 20 }, (_, index) => NOW + index);
  const answers = await Promise.all(
    times.map((now) => store.patch(record.id, { expiresAt: now + 2 * HOUR, lastSeenAt: now }, NOW)),
  );
  assert.deepEqual(new Set(answers), new Set(["done"]));
  const last = { lastSeenAt: NOW + 19, expiresAt: NOW + 19 + 2 * HOUR };
  assert.deepEqual(await store.find(record.id, NOW), { ...record, ...last });
  for (const older of [{ expiresAt: record.expiresAt }, { lastSeenAt: record.lastSeenAt }]) {
    assert.equal(await store.patch(record.id, older, NOW), "done");
    assert.deepEqual(await store.find(record.id, NOW), { ...record, ...last });
  }
});

test("every read is strongly consistent", async (t) => {
  const { store, sent } = open(t);
  const { id } = await stored(store, { userId: "ada" });
  await store.find(id, NOW);
  await store.findByUser("ada", NOW);
  await store.deleteByUser("ada", NOW);
  await store.list?.(NOW);
  const reads = sent.filter(({ name }) => /^(GetItem|Query|Scan)Command$/.test(name));
  assert.deepEqual(new Set(reads.map(({ name }) => name)).size, 3);
  for (const { input } of reads) assert.partialDeepStrictEqual(input, { ConsistentRead: true });
});

test("where the server tells what it found, nothing more is asked", async (t) => {
  const { store, sent } = open(t, tellingClient());
  const record = await stored(store);
  const asked = sent.length;
  const patch = { set: values({ a: 1 }), expiresAt: record.expiresAt - 1 };
  assert.equal(await store.patch(record.id, patch, NOW, { revision: 1 }), "conflict");
  assert.equal(await store.patch(record.id, patch, record.expiresAt), "gone");
  assert.equal(sent.length, asked + 2);
  assert.equal(await store.patch(record.id, patch, NOW), "done");
  assert.equal(sent.length, asked + 4);
});

test("a sign-in that was ended, and a session that was deleted, leave nothing behind", async (t) => {
  const { store, table } = open(t);
  await store.deleteByUser("ada", NOW);
  assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
  const { id } = await stored(store, { userId: "eve" });
  await store.delete(id);
  await stored(store, { userId: "joe" });
  await store.deleteByUser("joe", NOW);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  assert.deepEqual(
    Items.map(({ sk }) => sk?.S),
    ["mark:", "mark:"],
  );
});

test("a sign-in under another's id gives no power over it", async (t) => {
  const { store } = open(t);
  const record = await stored(store, { userId: "ada" });
  assert.equal(await store.create(someRecord({ id: record.id, userId: "eve" }), NOW), "taken");
  assert.deepEqual(await store.deleteByUser("eve", NOW), []);
  assert.deepEqual(await store.find(record.id, NOW), record);
});

test("DynamoDB may remove an item a minute after it counts", async (t) => {
  const { store, table } = open(t);
  const { id, endsAt } = await stored(store, { userId: "ada" });
  await store.patch(id, { expiresAt: NOW + 2 * HOUR }, NOW);
  await store.deleteByUser("eve", NOW);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  const kept = Object.fromEntries(Items.map(({ sk, ttl }) => [sk?.S, Number(ttl?.N)]));
  const [session, index, mark] = [NOW + 2 * HOUR, endsAt, NOW + HOUR / 6].map(
    (at) => Math.ceil(at / 1_000) + 60,
  );
  assert.deepEqual(kept, { record: session, [`session:${id}`]: index, "mark:": mark });
});

test("no page of the list is empty but the last", async (t) => {
  const { store } = open(t);
  await several(10, () => stored(store, { userId: "ada" }));
  for (let cursor: string | undefined, pages = 0; ; pages += 1) {
    const page = await store.list?.(NOW, cursor, 1);
    if (page === undefined || page.cursor === null) break;
    assert.equal(page.records.length, 1);
    cursor = page.cursor;
    assert.ok(pages < 10);
  }
});

test("several stores that find no table make one together", async (t) => {
  const url = tableUrl(port);
  const stores = Array.from({ length: 3 }, () => dynamodbStore(url));
  t.after(() => Promise.all(stores.map((store) => store.close?.())));
  const records = await atOnce(9, (index) => stored(stores[index % 3] ?? dynamodbStore(url)));
  for (const record of records) assert.deepEqual(await stores[0]?.find(record.id, NOW), record);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableIn(url) }));
  assert.equal(Table?.BillingModeSummary?.BillingMode, "PAY_PER_REQUEST");
  for (const { AttributeName, KeyType } of Table?.KeySchema ?? []) {
    assert.match(schema(), new RegExp(`AttributeName=${AttributeName},KeyType=${KeyType}`));
  }
});

test("close lets calls finish, and leaves a client that was handed in open", async (t) => {
  const { store, table } = open(t);
  const record = await stored(store);
  const found = store.find(record.id, NOW);
  await store.close?.();
  assert.deepEqual(await found, record);
  const other = dynamodbStore(client, { table });
  await other.find(record.id, NOW);
  await other.close?.();
  assert.ok(await client.send(new DescribeTableCommand({ TableName: table })));
});

test("a URL or a table that cannot be is a ConfigurationError", () => {
  for (const bad of [
    "",
    "dynamodb:",
    "redis://eu-west-3",
    "dynamodb://eu-west-3/a b",
    "dynamodb://eu-west-3/ab",
  ]) {
    assert.throws(() => dynamodbStore(bad), ConfigurationError, bad);
  }
  for (const bad of ["dynamodb://eu-west-3/sessions?table=x", "dynamodb://eu-west-3?endpoint=localhost"]) {
    assert.throws(() => dynamodbStore(bad), ConfigurationError, bad);
  }
  assert.throws(() => dynamodbStore(client, { table: "a/b" }), ConfigurationError);
  assert.throws(() => schema("; rm"), ConfigurationError);
});

// ---- helpers

type Item = Record<string, AttributeValue>;

function newClient(): DynamoDBClient {
  return new DynamoDBClient({
    region: "eu-west-3",
    endpoint: `http://127.0.0.1:${port}`,
    maxAttempts: 1,
  });
}

/** A store on a table of its own, with what it sends from now on. */
function open(t: TestContext, client = newClient()) {
  const table = tableIn(tableUrl(port));
  const store = dynamodbStore(client, { table });
  const sent: { readonly name: string; readonly input: object }[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        sent.push({ name: String(commandName), input: args.input });
        return next(args);
      },
    { step: "initialize" },
  );
  t.after(async () => {
    await store.close?.();
    client.destroy();
  });
  return { store, table, sent };
}

function updatesIn(sent: readonly { name: string; input: object }[]): { UpdateExpression?: string }[] {
  return sent.filter(({ name }) => name === "UpdateItemCommand").map(({ input }) => input);
}

/** A client that says what failed a condition, as DynamoDB does and the emulator does not. */
function tellingClient(): DynamoDBClient {
  const telling = newClient();
  telling.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const { TableName, Key } = args.input as { TableName?: string; Key?: Item };
        if (error instanceof ConditionalCheckFailedException && Key !== undefined) {
          const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
          if (Item !== undefined) error.Item = Item;
        }
        throw error;
      }
    },
    { step: "initialize" },
  );
  return telling;
}

function tableIn(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function damage(table: string, id: SessionId): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: `session:${id}` }, sk: { S: "record" } },
      UpdateExpression: "SET #data = :text",
      ExpressionAttributeNames: { "#data": "data" },
      ExpressionAttributeValues: { ":text": { S: "{" } },
    }),
  );
}

/** So many keys that begin with `name`, and their numbers. */
function numbered(name: string, count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, index]));
}
