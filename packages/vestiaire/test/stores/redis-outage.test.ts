// What becomes of requests while Redis is stopped, paused, full or read-only, or its connection breaks: a clear failure
// in a bounded time, and service again without a restart. The servers here lose nothing that they acknowledged.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { StoreError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { key, NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import { command, noRedisServer, redisServer, said } from "../services/redis.ts";
import { Service } from "../services/service.ts";
import {
  assertAllRefused,
  assertRefused,
  assertWritesRefused,
  count,
  impatientHouse,
  recovered,
  signedIn,
} from "./outage-visits.ts";

describe("Redis", { skip: noRedisServer() }, () => {
  test("killed: everything fails; started again: nothing that was acknowledged is lost", async (t) => {
    const { service, store, house } = await start(t);
    const ada = await signedIn(house);
    await service.kill();
    await assertAllRefused(house, ada);
    await assertCallsFail(store);
    await service.restart();
    assert.equal((await recovered(() => ada.read())).count, 1);
    await ada.visit(count);
    assert.equal((await ada.read()).count, 2);
  });

  test("not there at the start: everything fails, and works once it is", async (t) => {
    const service = await Service.start(redisServer());
    await service.kill();
    const store = redisStore(`redis://127.0.0.1:${service.port}`);
    t.after(() => close(store, service));
    const house = impatientHouse(store);
    await assertRefused(house.browser(), (session) => session.signIn("ada"));
    await service.restart();
    const ada = await recovered(() => signedIn(house));
    assert.equal((await ada.read()).count, 1);
  });

  test("paused before the first connection: everything fails in time, and close does not wait for ever", async (t) => {
    const { service, proxy } = await start(t);
    service.pause();
    const store = redisStore(`redis://127.0.0.1:${proxy.port}`);
    await assertRefused(impatientHouse(store).browser(), (session) => session.signIn("ada"));
    await store.close?.();
    service.resume();
  });

  test("paused: everything fails in time; resumed: the sessions are there", async (t) => {
    const { service, house } = await start(t);
    const ada = await signedIn(house);
    service.pause();
    await assertAllRefused(house, ada);
    service.resume();
    // The sign-out that was refused may have been done: its outcome is unknown.
    const eve = await recovered(() => signedIn(house, "eve"));
    service.pause();
    await assertRefused(eve, (session) => session.data);
    service.resume();
    assert.equal((await recovered(() => eve.read())).count, 1);
  });

  test("a connection cut in the middle of a reply fails one request", async (t) => {
    const { proxy, house } = await start(t);
    const ada = await signedIn(house);
    for (const bytes of [0, 1, 10, 100]) {
      proxy.cutAfter(bytes);
      await assertRefused(ada, (session) => session.data);
      assert.equal((await recovered(() => ada.read())).count, 1);
    }
  });

  test("a write whose reply is lost fails, and is not sent again", async (t) => {
    const { proxy, store, house } = await start(t);
    const ada = await signedIn(house);
    // From now on the server knows the script.
    await ada.visit(count);
    const visit = await ada.start();
    const { id, data } = visit.session;
    assert.ok(id);
    const before = await store.find(id, Date.now());
    proxy.swallow();
    visit.session.set("count", (data.count ?? 0) + 1);
    await assert.rejects(visit.end(), StoreError);
    proxy.pass();
    proxy.drop();
    const after = await recovered(() => store.find(id, Date.now()));
    assert.deepEqual([before?.data[key("count")], after?.data[key("count")]], ["2", "3"]);
    assert.equal(after?.revision, (before?.revision ?? 0) + 1);
  });

  test("full: reads and endings work, and all other writes fail without a trace", async (t) => {
    const { service, store, house } = await start(t);
    const [ada, eve] = [await signedIn(house), await signedIn(house, "eve")];
    const { id } = await stored(store, { data: values({ a: 1, b: 2 }) });
    const keys = await command(service.port, "DBSIZE");
    await command(service.port, "CONFIG", "SET", "maxmemory", "1");
    assert.equal((await ada.read()).count, 1);
    await assertRefused(ada, count);
    await assertRefused(ada, (session) => session.signIn("ada"));
    await assertRefused(house.browser(), (session) => session.signIn("eve"));
    await assertRefused(house.browser(), (session) => session.set("count", 1));
    await assert.rejects(async () => store.patch(id, { set: values({ c: 3 }) }, NOW), /OOM/);
    assert.equal((await store.find(id, NOW))?.revision, 0);
    assert.equal(await command(service.port, "DBSIZE"), keys);
    await eve.visit((session) => session.signOut());
    assert.equal(eve.cookie, null);
    await command(service.port, "CONFIG", "SET", "maxmemory", "0");
    await ada.visit(count);
    assert.equal((await ada.read()).count, 2);
  });

  test("a read-only replica: reads work, and writes fail", async (t) => {
    const { service: master, house } = await start(t);
    const ada = await signedIn(house);
    const { service, house: replicaHouse } = await start(t);
    await command(service.port, "REPLICAOF", "127.0.0.1", String(master.port));
    await said(service.port, ["INFO", "replication"], /master_link_status:up/);
    const visitor = replicaHouse.browser();
    visitor.cookie = ada.cookie;
    assert.equal((await visitor.read()).count, 1);
    await assertWritesRefused(replicaHouse, visitor);
    assert.equal((await ada.read()).count, 1);
  });

  test("a server that has forgotten the scripts makes each change once", async (t) => {
    const { service, store } = await start(t);
    const { id } = await stored(store, { userId: "ada" });
    const forget = () => command(service.port, "SCRIPT", "FLUSH");
    await forget();
    assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "done");
    assert.equal((await store.find(id, NOW))?.revision, 1);
    await forget();
    assert.deepEqual(await store.deleteByUser("ada", NOW), [id]);
    await forget();
    assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
  });

  test("whoever is told of changes is told of the gap when the connection was lost", async (t) => {
    const { proxy, store } = await start(t);
    const { id } = await stored(store);
    const news = hearing(store);
    t.after(() => news.stop());
    await news.until(() => news.gaps === 1);
    await store.patch(id, { set: { [key("a")]: "1" } }, NOW);
    await news.until(() => news.changed.length === 1);
    proxy.drop();
    // One when it was lost, and one when it was there again.
    await news.until(() => news.gaps === 3);
    await recovered(() => store.patch(id, { expiresAt: NOW + 1 }, NOW));
    await news.until(() => news.changed.length === 2);
    assert.deepEqual(news.changed, [id, id]);
  });
});

// ---- helpers

async function start(t: TestContext) {
  const service = await Service.start(redisServer());
  const proxy = await FaultyLink.to(service.port);
  const store = redisStore(`redis://127.0.0.1:${proxy.port}`);
  t.after(async () => {
    await close(store, service);
    await proxy.close();
  });
  // The first call also loads the driver and connects.
  await store.find("", NOW);
  return { service, proxy, store, house: impatientHouse(store) };
}

async function close(store: SessionStore, service: Service): Promise<void> {
  await store.close?.();
  await service.stop();
}

async function assertCallsFail(store: SessionStore): Promise<void> {
  const record = someRecord({ userId: "ada" });
  await assert.rejects(async () => store.find(record.id, NOW));
  await assert.rejects(async () => store.create(record, NOW));
  await assert.rejects(async () => store.patch(record.id, { clear: true }, NOW));
  await assert.rejects(async () => store.delete(record.id));
  await assert.rejects(async () => store.findByUser("ada", NOW));
  await assert.rejects(async () => store.deleteByUser("ada", NOW));
  await assert.rejects(async () => store.list?.(NOW));
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
