// What the Redis store leaves in Redis and for how long, what it tells of changes, and what it refuses to work with.

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { Redis as IoRedis } from "ioredis";
import { createClient, createClientPool } from "redis";
import { ConfigurationError, CorruptRecordError, InvalidValueError } from "../../src/core/errors.ts";
import { MARK_LIFE } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import type { Node } from "../../src/stores/redis/link.ts";
import { placeIn, scanFrom } from "../../src/stores/redis/scan.ts";
import { type NodeRedis, type RedisClient, redisStore } from "../../src/stores/redis.ts";
import {
  assertSessionsOf,
  DAY,
  HOUR,
  inOrder,
  MINUTE,
  NOW,
  someHash,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { noRedisServer, redisServer, said } from "../services/redis.ts";
import { Service } from "../services/service.ts";

describe("redisStore", { skip: noRedisServer() }, () => {
  let service: Service;
  let url: string;
  before(async () => {
    service = await Service.start(redisServer());
    url = `redis://127.0.0.1:${service.port}`;
  });
  after(() => service.stop());

  test("a find, a refresh and a rotation are one command to one key", async (t) => {
    const { store, keys } = await recorded(t, url);
    const { id, secretHashes } = await stored(store, { userId: "ada" });
    await store.patch(id, { clear: true }, NOW);
    assert.deepEqual(await keys(() => store.find(id, NOW)), [`session:${id}`]);
    assert.deepEqual(await keys(() => store.patch(id, { expiresAt: NOW + DAY }, NOW)), [`session:${id}`]);
    assert.deepEqual(await keys(() => store.patch(id, { secretHashes }, NOW)), [`session:${id}`]);
  });

  test("a sign-in is in the index before it is stored, and the end of its user is looked for last", async (t) => {
    const { store, keys } = await recorded(t, url);
    const { id } = await stored(store, { userId: "ada" });
    const end = () => store.deleteByUser("ada", NOW);
    assert.deepEqual(await keys(end), ['mark:"ada"', 'user:"ada"', `session:${id}`, 'user:"ada"']);
    const record = someRecord({ userId: "eve" });
    const create = () => store.create(record, NOW);
    assert.deepEqual(await keys(create), ['user:"eve"', `session:${record.id}`, 'mark:"eve"']);
  });

  test("Redis keeps a session for a minute after its end, and the index until the last absolute end", async (t) => {
    const { store, redis, prefix } = await start(t, url);
    const { id } = await stored(store, { userId: "ada", expiresAt: NOW + HOUR, endsAt: NOW + DAY });
    await stored(store, { userId: "ada", endsAt: NOW + HOUR });
    await store.deleteByUser("eve", NOW);
    const left = async (name: string) => {
      const milliseconds = await redis.pTTL(prefix + name);
      return Math.ceil(milliseconds / MINUTE);
    };
    assert.equal(await left(`session:${id}`), 61);
    assert.equal(await left('user:"ada"'), 24 * 60 + 1);
    assert.equal(await left('mark:"eve"'), 11);
    await store.patch(id, { expiresAt: NOW + 3 * HOUR }, NOW + HOUR - MINUTE);
    assert.equal(await left(`session:${id}`), 122);
    await store.patch(id, { expiresAt: NOW + 2 * HOUR }, NOW);
    assert.equal(await left(`session:${id}`), 122);
  });

  test("nothing is left of a user once the sessions are deleted, but for the mark", async (t) => {
    const { store, redis, prefix } = await start(t, url);
    const { id } = await stored(store, { userId: "ada" });
    await stored(store, { userId: "ada" });
    await store.delete(id);
    await store.deleteByUser("ada", NOW);
    assert.deepEqual(await redis.keys(`${prefix}*`), [`${prefix}mark:"ada"`]);
  });

  test("the index forgets sessions that have vanished, but none that may be about to be stored", async (t) => {
    const { store, redis, prefix } = await start(t, url);
    const living = await stored(store, { userId: "ada", expiresAt: NOW + DAY });
    const vanished = await stored(store, { userId: "ada" });
    await redis.del(`${prefix}session:${vanished.id}`);
    const size = () => redis.zCard(`${prefix}user:"ada"`);
    await assertSessionsOf(store, "ada", [living], NOW + MARK_LIFE);
    assert.equal(await size(), 2);
    await assertSessionsOf(store, "ada", [living], NOW + MARK_LIFE + 1);
    assert.equal(await size(), 1);
  });

  test("a sign-in drops from the index what is past its absolute end, and old marks", async (t) => {
    const { store, redis, prefix } = await start(t, url);
    const old = { createdAt: NOW - 2 * DAY, endsAt: NOW - DAY, expiresAt: NOW - DAY };
    await stored(store, { userId: "ada", ...old });
    const { id } = await stored(store, { userId: "ada" });
    assert.deepEqual(await redis.zRange(`${prefix}user:"ada"`, 0, -1), [`${id} ${NOW}`]);
    await store.deleteByUser("ada", NOW - DAY, { except: id });
    await store.deleteByUser("ada", NOW);
    assert.deepEqual(await redis.zRange(`${prefix}mark:"ada"`, 0, -1), [""]);
  });

  test("a sign-in under a taken id leaves nothing by which its user could end the other's session", async (t) => {
    const { store } = await start(t, url);
    const first = await stored(store, { userId: "ada" });
    assert.equal(await store.create({ ...first, userId: "eve" }, NOW), "taken");
    await assertSessionsOf(store, "eve", []);
    assert.deepEqual(await store.deleteByUser("eve", NOW), []);
    await assertSessionsOf(store, "ada", [first]);
  });

  test("user ids and prefixes that are no UTF-8, or patterns, are told apart", async (t) => {
    const { store } = await start(t, url, "[a]*?\\{b}:");
    const users = ["\ud800", "\udc00", "\ufffd", '"', "a\0b", "a\0c", ""];
    const records = [];
    for (const userId of users) records.push(await stored(store, { userId }));
    for (const [index, userId] of users.entries()) {
      assert.deepEqual(await store.findByUser(userId, NOW), [records[index]]);
    }
    assert.equal((await store.list?.(NOW))?.records.length, users.length);
  });

  test("a session that lacks a field, or whose numbers are none, is damaged", async (t) => {
    const { store, redis, prefix } = await start(t, url);
    for (const field of ["expiresAt", "lastSeenAt", "revision", "createdAt", "endsAt"]) {
      const { id } = await stored(store);
      await redis.hSet(`${prefix}session:${id}`, field, "soon");
      await assertDamaged(id);
    }
    for (const field of ["expiresAt", "revision", "secret", "userId", "persistent"]) {
      const { id } = await stored(store);
      await redis.hDel(`${prefix}session:${id}`, field);
      await assertDamaged(id);
    }

    async function assertDamaged(id: SessionId): Promise<void> {
      const before = await redis.hGetAll(`${prefix}session:${id}`);
      await assert.rejects(async () => store.find(id, NOW), CorruptRecordError);
      const patch = { set: values({ a: 1 }), expiresAt: NOW + DAY };
      assert.equal(await store.patch(id, patch, NOW), "gone");
      assert.deepEqual(await redis.hGetAll(`${prefix}session:${id}`), before);
    }
  });

  test("a list fills its pages among many other keys, and ends", async (t) => {
    const { store, redis } = await start(t, url);
    const other = Array.from({ length: 5_000 }, (_, index) => [`other:${index}`, "x"] as [string, string]);
    await redis.mSet(other);
    const records = await Promise.all(Array.from({ length: 20 }, () => stored(store)));
    const seen = new Set<SessionId>();
    let cursor: string | undefined;
    for (let pages = 0; pages < 100; pages += 1) {
      const page = await store.list?.(NOW, cursor, 3);
      for (const { id } of page?.records ?? []) seen.add(id);
      cursor = page?.cursor ?? undefined;
      if (cursor === undefined) break;
      assert.ok((page?.records.length ?? 0) >= 3);
    }
    assert.equal(cursor, undefined);
    assert.deepEqual([...seen].sort(), records.map(({ id }) => id).sort());
  });

  test("a list goes all over again when the process that gave the cursor is gone", async (t) => {
    const { store } = await start(t, url);
    const records = await Promise.all(Array.from({ length: 20 }, () => stored(store)));
    const page = await store.list?.(NOW, `${"0".repeat(40)}-0-7`, 20);
    assert.deepEqual(inOrder(page?.records ?? []), inOrder(records));
  });

  test("a list goes all over again when a node takes over, wherever its name puts it among the others", async () => {
    const node = (run: string, key: string) => ({
      send: async ([word]: readonly string[]) =>
        word === "INFO" ? `run_id:${run.repeat(40)}` : ["0", [`sessions:${key}`]],
    });
    const stays = node("5", "kept");
    for (const [before, after] of ["19", "91"]) {
      const [lost, successor] = [node(before ?? "", "moved"), node(after ?? "", "moved")];
      const walk = async (nodes: readonly Node[], cursor: string) =>
        scanFrom(nodes, placeIn(cursor), "sessions:", 1, async (key) => key);
      const seen = new Set<string>();
      for (
        let nodes = [stays, lost], cursor: string | null = "";
        cursor !== null;
        nodes = [stays, successor]
      ) {
        const page: { found: string[]; cursor: string | null } = await walk(nodes, cursor);
        for (const key of page.found) seen.add(key);
        cursor = page.cursor;
      }
      assert.deepEqual([...seen].sort(), ["sessions:kept", "sessions:moved"]);
    }
  });

  test("a position beyond all positions is no cursor", async (t) => {
    const { store } = await start(t, url);
    const cursor = `${"0".repeat(40)}-0-18446744073709551616`;
    await assert.rejects(async () => store.list?.(NOW, cursor), InvalidValueError);
  });

  test("whoever asks is told of every patch and every end by any store, and of nothing else", async (t) => {
    const { store, prefix } = await start(t, url);
    const changed: SessionId[] = [];
    const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const stop = store.invalidations?.((id) => {
      changed.push(id);
      if (id === last.id) tell();
    }, listens);
    await listening;
    const other = redisStore(url, { prefix });
    t.after(() => other.close?.());
    const [mine, theirs, kept, last] = [
      await stored(store),
      await stored(store, { userId: "ada" }),
      await stored(other),
      await stored(store),
    ];
    await store.patch(mine.id, { set: values({ a: 1 }) }, NOW);
    await other.patch(mine.id, { expiresAt: NOW + DAY }, NOW);
    const secretHashes = { current: someHash(), previous: null, retired: null };
    await other.patch(mine.id, { secretHashes }, NOW);
    await other.patch(kept.id, { set: values({ a: 1 }) }, NOW, { revision: 7 });
    await other.find(kept.id, NOW);
    await other.deleteByUser("ada", NOW);
    await store.delete(last.id);
    await told;
    assert.deepEqual(changed, [mine.id, mine.id, mine.id, theirs.id, last.id]);
    stop?.();
  });

  test("a watcher hears of the sessions that it watches, and of no other", async (t) => {
    const { store } = await start(t, url);
    const ended: SessionId[] = [];
    const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const [other, watched] = [await stored(store), await stored(store)];
    const onEnded = (id: SessionId) => {
      ended.push(id);
      if (id === watched.id) tell();
    };
    const stop = store.watch?.(new Set([watched.id]), onEnded, listens);
    await listening;
    await store.delete(other.id);
    await store.delete(watched.id);
    await told;
    assert.deepEqual(ended, [watched.id]);
    stop?.();
  });

  test("a client that was handed in stays open, and what was made of it is closed", async (t) => {
    const { redis } = await start(t, url);
    const ioRedis = new IoRedis(url);
    t.after(() => ioRedis.disconnect());
    const answers = [() => redis.ping(), () => ioRedis.ping()];
    for (const [index, client] of [redis, ioRedis].entries()) {
      const store = redisStore(client);
      await new Promise<void>((listening) => {
        store.invalidations?.(() => {}, listening);
      });
      await said(service.port, ["CLIENT", "LIST", "TYPE", "pubsub"], /sub=2/);
      await store.close?.();
      await said(service.port, ["CLIENT", "LIST", "TYPE", "pubsub"], /^$/);
      assert.equal(await answers[index]?.(), "PONG");
    }
  });

  test("the calls after close fail", async (t) => {
    const { store } = await start(t, url);
    await stored(store);
    await store.close?.();
    await assert.rejects(async () => store.find("", NOW));
    const unused = redisStore(url);
    await unused.close?.();
    await assert.rejects(async () => unused.find("", NOW), /closed/);
  });
});

test("what is no URL of a Redis is a ConfigurationError that does not tell the password", () => {
  const urls = ["", "redis", "http://:hush@x", "redis://", "redis://:hush@x/y", "redis://:hush@x:99999"];
  for (const url of [
    ...urls,
    "redis+cluster://:hush@a:1,",
    "redis+cluster://:hush@a:1,b:x",
    "redis://a:1,b:2",
  ]) {
    assert.throws(
      () => redisStore(url),
      (error) => error instanceof ConfigurationError && !error.message.includes("hush"),
      url,
    );
  }
});

test("a client that would mean something else is a ConfigurationError", () => {
  const keyPrefix = new IoRedis({ lazyConnect: true, keyPrefix: "app:" });
  assert.throws(() => redisStore(keyPrefix), ConfigurationError);
  for (const client of [createClientPool(), {}, { get: () => null }]) {
    assert.throws(() => redisStore(client as unknown as RedisClient), ConfigurationError);
  }
});

/** A store, and which keys its commands go to, in order. */
async function recorded(t: TestContext, url: string) {
  const { redis, prefix } = await start(t, url);
  let seen: string[] = [];
  const client: NodeRedis = {
    options: {},
    sendCommand(command) {
      seen.push(command.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? "");
      return redis.sendCommand(command);
    },
    duplicate: () => assert.fail("nobody listens"),
  };
  const store = redisStore(client, { prefix });
  // From now on the server knows the scripts, and none is sent twice.
  await stored(store, { userId: "nobody" });
  await store.deleteByUser("nobody", NOW);
  return {
    store,
    async keys(call: () => unknown) {
      seen = [];
      await call();
      return seen;
    },
  };
}

async function start(t: TestContext, url: string, prefix = `${crypto.randomUUID()}:`) {
  const store = redisStore(url, { prefix });
  const redis = createClient({ url });
  await redis.connect();
  t.after(async () => {
    await store.close?.();
    await redis.close();
  });
  return { store, redis, prefix };
}
