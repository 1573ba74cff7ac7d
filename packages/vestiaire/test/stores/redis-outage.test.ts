// Redis in trouble: the outage contract, and what is Redis's own. The servers here lose nothing that they acknowledged.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { type Refusal, testOutage } from "../../src/testing/outage-contract.ts";
import { FaultyLink } from "../../src/testing/outage-link.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { command, noRedisServer, redisServer, said } from "../services/redis.ts";
import { Service } from "../services/service.ts";

const urlOf = (port: number) => `redis://127.0.0.1:${port}`;

describe("Redis in trouble", { skip: noRedisServer() }, async () => {
  const service = await Service.start(redisServer());
  after(() => service.stop());
  const { port } = service;
  const configure = (option: string, value: string) => () => command(port, "CONFIG", "SET", option, value);

  testOutage(
    "redisStore",
    () => ({
      port,
      open: (through) => redisStore(urlOf(through)),
      server: service.control,
      refusals: {
        full: { begin: configure("maxmemory", "1"), end: configure("maxmemory", "0"), endings: true },
        "a read-only replica": replacedAsMaster(port),
      },
    }),
    // The client connects again in the background. The deadline of the sessions is the only one.
    { reconnects: false, patience: false },
  );

  test("full: what is refused leaves nothing behind", async (t) => {
    const { store } = await start(t);
    const { id } = await stored(store, { data: values({ a: 1 }) });
    const keys = await command(port, "DBSIZE");
    t.after(configure("maxmemory", "0"));
    await configure("maxmemory", "1")();
    await assert.rejects(async () => store.create(someRecord({ userId: "ada" }), NOW), /OOM/);
    await assert.rejects(async () => store.patch(id, { set: values({ b: 2 }) }, NOW), /OOM/);
    assert.equal(await command(port, "DBSIZE"), keys);
  });

  test("a server that has forgotten the scripts makes each change once", async (t) => {
    const { store } = await start(t);
    const { id } = await stored(store, { userId: "ada" });
    const forget = () => command(port, "SCRIPT", "FLUSH");
    await forget();
    assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "done");
    assert.equal((await store.find(id, NOW))?.revision, 1);
    await forget();
    assert.deepEqual(await store.deleteByUser("ada", NOW), [id]);
    await forget();
    assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
  });

  test("whoever is told of changes is told of the gap when the connection was lost", async (t) => {
    const { link, store } = await start(t);
    const { id } = await stored(store);
    const news = hearing(store);
    t.after(() => news.stop());
    await news.until(() => news.gaps === 1);
    await store.patch(id, { set: values({ a: 1 }) }, NOW);
    await news.until(() => news.changed.length === 1);
    link.drop();
    // One when it was lost, and one when it was there again.
    await news.until(() => news.gaps === 3);
    await recovered(() => store.patch(id, { expiresAt: NOW + 1 }, NOW));
    await news.until(() => news.changed.length === 2);
    assert.deepEqual(news.changed, [id, id]);
  });

  async function start(t: TestContext) {
    const link = await FaultyLink.to(port);
    const store = redisStore(urlOf(link.port));
    t.after(async () => {
      await store.close?.();
      await link.close();
    });
    return { link, store };
  }
});

/** Another server becomes the master, and this one its replica, until it takes over again. */
function replacedAsMaster(port: number): Refusal {
  let other: Service | undefined;
  const replicate = async (from: number, to: number) => {
    await command(to, "REPLICAOF", "127.0.0.1", String(from));
    await said(to, ["INFO", "replication"], /master_link_status:up/);
  };
  return {
    async begin() {
      other = await Service.start(redisServer());
      await replicate(port, other.port);
      await command(other.port, "REPLICAOF", "NO", "ONE");
      await replicate(other.port, port);
    },
    async end() {
      await command(port, "REPLICAOF", "NO", "ONE");
      await other?.stop();
    },
  };
}

/** What the store tells of changes. */
function hearing(store: SessionStore) {
  const changed: SessionId[] = [];
  let wake = () => {};
  const news = {
    changed,
    gaps: 0,
    stop:
      store.invalidations?.(
        (id) => {
          changed.push(id);
          wake();
        },
        () => {
          news.gaps += 1;
          wake();
        },
      ) ?? assert.fail("the store tells nothing"),
    async until(holds: () => boolean) {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  return news;
}
