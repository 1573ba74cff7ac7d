// The memcached store: the contract, and what comes of a cache that forgets what it likes: sessions end, and none comes
// back.

import assert from "node:assert/strict";
import { hash, randomUUID } from "node:crypto";
import { after, describe, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MemcacheClient } from "memcache-client";
import { ConfigurationError } from "../../src/core/errors.ts";
import { memcachedStore } from "../../src/stores/memcached.ts";
import {
  DAY,
  HOUR,
  MINUTE,
  NOW,
  several,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { ask, someMemcached, unlessInstalled } from "../services/memcached.ts";

const server = await someMemcached();
after(() => server?.stop());
const url = server?.url ?? "";
const address = URL.parse(url) ?? { hostname: "", port: "" };

describe("with a server", { skip: server === null && unlessInstalled() }, () => {
  testStore("memcachedStore", () => {
    const prefix = newPrefix();
    return {
      store: memcachedStore(url, { prefix }),
      reopen: () => memcachedStore(url, { prefix }),
      damage: (id) => write(`${prefix}${id}`, '{"id":'),
    };
  });

  test("a session whose user's index was evicted is over, and a new sign-in does not bring it back", async (t) => {
    const { store, prefix } = open(t);
    const lost = await stored(store, { userId: "ada" });
    await remove(indexKey(prefix, "ada"));
    assert.equal(await store.find(lost.id, NOW), null);
    assert.equal(await store.patch(lost.id, { expiresAt: NOW + 2 * HOUR }, NOW), "gone");
    const next = await stored(store, { userId: "ada" });
    assert.equal(await store.find(lost.id, NOW), null);
    assert.deepEqual(await store.findByUser("ada", NOW), [next]);
    assert.equal(await store.delete(lost.id), null);
    assert.deepEqual(await store.find(next.id, NOW), next);
  });

  test("a session that was evicted is not answered, and its user's others are", async (t) => {
    const { store, prefix } = open(t);
    const [evicted, other] = [await stored(store, { userId: "ada" }), await stored(store, { userId: "ada" })];
    await remove(`${prefix}${evicted.id}`);
    assert.equal(await store.patch(evicted.id, { clear: true }, NOW), "gone");
    assert.deepEqual(await store.findByUser("ada", NOW), [other]);
    assert.deepEqual(await store.deleteByUser("ada", NOW), [other.id]);
  });

  test("a damaged index ends the user's sessions and stops no sign-in", async (t) => {
    const { store, prefix } = open(t);
    const { id } = await stored(store, { userId: "ada" });
    await write(indexKey(prefix, "ada"), '{"sessions":[');
    assert.equal(await store.find(id, NOW), null);
    const next = await stored(store, { userId: "ada" });
    assert.deepEqual(await store.findByUser("ada", NOW), [next]);
  });

  test("items are kept a minute longer than they count, also for more than 30 days", async (t) => {
    const { store, prefix } = open(t);
    const far = { expiresAt: NOW + 40 * DAY, endsAt: NOW + 80 * DAY };
    const { id } = await stored(store, { userId: "ada", ...far });
    await assertKeptFor(`${prefix}${id}`, 40 * DAY + MINUTE);
    await assertKeptFor(indexKey(prefix, "ada"), 80 * DAY + MINUTE);
    await store.patch(id, { expiresAt: NOW + 50 * DAY }, NOW);
    await assertKeptFor(`${prefix}${id}`, 50 * DAY + MINUTE);
    await store.deleteByUser("ada", NOW);
    await assertKeptFor(indexKey(prefix, "ada"), 11 * MINUTE);
  });

  test("nothing is left of a user who signed out", async (t) => {
    const { store, prefix } = open(t);
    const { id } = await stored(store, { userId: "ada" });
    await store.delete(id);
    for (const key of [`${prefix}${id}`, indexKey(prefix, "ada")]) assert.equal(await meta(key), "EN");
  });

  test("a large index forgets sessions that are over, and none that is being created", async (t) => {
    const { store, prefix } = open(t);
    const long = { userId: "ada", createdAt: NOW - HOUR };
    // memcached drops these at once. One looks as if its record were still on its way.
    const over = { expiresAt: NOW - 2 * MINUTE };
    await several(98, () => stored(store, { ...long, ...over }));
    const named = [
      await stored(store, long),
      await stored(store, { userId: "ada", ...over }),
      await stored(store, { userId: "ada" }),
    ];
    const { sessions } = JSON.parse(await text(indexKey(prefix, "ada")));
    assert.deepEqual(
      [...new Map(sessions).keys()],
      named.map(({ id }) => id),
    );
  });

  test("a sign-in under another's id gives no power over it", async (t) => {
    const { store } = open(t);
    const record = await stored(store, { userId: "ada" });
    assert.equal(await store.create(someRecord({ id: record.id, userId: "eve" }), NOW), "taken");
    assert.deepEqual(await store.deleteByUser("eve", NOW), []);
    assert.deepEqual(await store.find(record.id, NOW), record);
  });

  test("delete answers what was written between its look and the end", async (t) => {
    const client = newClient(t);
    const prefix = newPrefix();
    let meanwhile = async () => {};
    const slow = memcachedStore(
      {
        async gets(key) {
          const found = await client.gets(key);
          await meanwhile();
          return found;
        },
        add: (key, value, options) => client.add(key, value, options),
        cas: (key, value, options) => client.cas(key, value, options),
      },
      { prefix },
    );
    const store = memcachedStore(client, { prefix });
    const record = await stored(store);
    meanwhile = async () => {
      meanwhile = async () => {};
      await store.patch(record.id, { set: values({ a: 1 }) }, NOW);
    };
    assert.deepEqual(await slow.delete(record.id), { ...record, revision: 1, data: values({ a: 1 }) });
    assert.equal(await store.find(record.id, NOW), null);
  });

  test("a session too large for memcached is an error, and stays as it was", async (t) => {
    const { store } = open(t);
    const record = await stored(store, { data: values({ name: "Ada" }) });
    const set = values({ large: "x".repeat(1_100_000) });
    await assert.rejects(async () => store.patch(record.id, { set }, NOW), /too large/);
    assert.deepEqual(await store.find(record.id, NOW), record);
    await assert.rejects(async () => store.create(someRecord({ data: set }), NOW), /too large/);
  });

  test("two prefixes keep two applications apart", async (t) => {
    const [one, other] = [open(t).store, open(t).store];
    const record = await stored(one, { userId: "ada" });
    assert.equal(await other.find(record.id, NOW), null);
    assert.deepEqual(await other.deleteByUser("ada", NOW), []);
    assert.deepEqual(await one.find(record.id, NOW), record);
  });

  test("close lets calls finish, and leaves no connection behind", { timeout: 10_000 }, async () => {
    const store = memcachedStore(url, { prefix: newPrefix() });
    const record = await stored(store, { userId: "ada", data: values({ a: 1 }) });
    const calls = [store.find(record.id, NOW), store.deleteByUser("ada", NOW)];
    // Enough for the requests to leave, and too little for a reply to come.
    for (let turn = 0; turn < 20; turn += 1) await null;
    await store.close?.();
    assert.deepEqual(await Promise.all(calls), [record, [record.id]]);
    while (hasSockets()) await setImmediate();
  });

  test("a client that was handed in is used, and left open", async (t) => {
    const client = newClient(t);
    const store = memcachedStore(client, { prefix: newPrefix() });
    const record = await stored(store, { userId: "ada" });
    assert.deepEqual(await store.find(record.id, NOW), record);
    const pending = client.get(newPrefix());
    await store.close?.();
    assert.equal(await pending, undefined);
  });
});

test("a URL or a prefix that cannot be is a ConfigurationError", () => {
  const urls = [
    "",
    "localhost:11211",
    "redis://localhost",
    "memcached:",
    "memcached://[::1]:11211",
    "memcached://a,b",
  ];
  for (const bad of [...urls, "memcached://localhost/0", "memcached://u:p@localhost", "memcached://h?a=1"]) {
    assert.throws(() => memcachedStore(bad), ConfigurationError, bad);
  }
  for (const prefix of ["a b", "a\n", "é", "x".repeat(101)]) {
    assert.throws(() => memcachedStore("memcached://localhost", { prefix }), ConfigurationError, prefix);
  }
});

// ---- helpers

function newPrefix(): string {
  return `test-${randomUUID()}:`;
}

function open(t: TestContext) {
  const prefix = newPrefix();
  const store = memcachedStore(url, { prefix });
  t.after(() => store.close?.());
  return { store, prefix };
}

function newClient(t: TestContext): MemcacheClient {
  const client = new MemcacheClient({ server: `${address.hostname}:${address.port}` });
  t.after(() => client.shutdown());
  return client;
}

function indexKey(prefix: string, userId: string): string {
  return `${prefix}user:${hash("sha256", JSON.stringify(userId))}`;
}

/** Whether this process is connected to anything. */
function hasSockets(): boolean {
  return process.getActiveResourcesInfo().includes("TCPSocketWrap");
}

async function write(key: string, text: string): Promise<void> {
  assert.equal(await ask(address, `set ${key} 0 100 ${text.length}`, text), "STORED\r\n");
}

async function remove(key: string): Promise<void> {
  assert.equal(await ask(address, `delete ${key}`), "DELETED\r\n");
}

async function text(key: string): Promise<string> {
  const [, text = ""] = (await ask(address, `get ${key}`)).split("\r\n");
  return text;
}

/** What memcached says of the item: how many seconds are left of it, or `EN` when there is none. */
async function meta(key: string): Promise<string> {
  return (await ask(address, `mg ${key} t`)).trim();
}

async function assertKeptFor(key: string, milliseconds: number): Promise<void> {
  const left = Number(/^HD t(\d+)$/.exec(await meta(key))?.[1]);
  const elapsed = (Date.now() - NOW) / 1_000;
  assert.ok(Math.abs(left + elapsed - milliseconds / 1_000) < 5, `${key}: ${left} seconds`);
}
