// What becomes of requests while memcached is stopped, paused, full, or its connection breaks: a clear failure in a
// bounded time, and service again without a restart. memcached keeps nothing over a restart of its own.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { SessionStore } from "../../src/core/store.ts";
import { memcachedStore } from "../../src/stores/memcached.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import { ask, memcachedServer, unlessInstalled } from "../services/memcached.ts";
import { Service } from "../services/service.ts";
import { assertAllRefused, assertRefused, impatientHouse, recovered, signedIn } from "./outage-visits.ts";

describe("memcached", { skip: unlessInstalled() }, () => {
  test("stopped: everything fails; started again: visitors are anonymous and can sign in", async (t) => {
    const { service, store, house } = await start(t);
    const ada = await signedIn(house);
    await service.kill();
    await assertAllRefused(house, ada);
    await assertCallsFail(store);
    await service.restart();
    assert.equal((await recovered(() => ada.read())).count, undefined);
    await ada.visit((session) => session.signIn("ada").set("count", 5));
    assert.equal((await ada.read()).count, 5);
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

  test("a call without an answer is given up by itself", { timeout: 20_000 }, async (t) => {
    const { proxy, store } = await start(t);
    proxy.swallow();
    await assert.rejects(async () => store.find(someRecord().id, NOW), /timeout/);
  });

  test("a connection cut in the middle of a reply fails one request", async (t) => {
    const { proxy, house } = await start(t);
    const ada = await signedIn(house);
    for (const bytes of [0, 1, 10, 100]) {
      proxy.cutAfter(bytes);
      await assertRefused(ada, (session) => session.data);
      assert.equal((await ada.read()).count, 1);
    }
  });

  test("a write whose reply is lost fails, and is not sent again", async (t) => {
    const { service, proxy, house } = await start(t);
    const ada = await signedIn(house);
    const before = await writes(service);
    proxy.swallow();
    await assertRefused(house.browser(), (session) => session.set("count", 1));
    proxy.pass();
    proxy.drop();
    assert.equal((await recovered(() => ada.read())).count, 1);
    assert.equal(await writes(service), before + 1);
  });

  test("full, and told to evict nothing: reads work, and writes fail", async (t) => {
    const { store, house } = await start(t, "-M", "-m", "2");
    const ada = await signedIn(house);
    await fill(store);
    assert.equal((await ada.read()).count, 1);
    for (let page = 0; page < 3; page += 1) assert.equal((await ada.visit()).cookie, null);
    await assertRefused(house.browser(), (session) => session.set("note", "x".repeat(5_000)));
  });
});

// ---- helpers

async function start(t: TestContext, ...options: readonly string[]) {
  const service = await Service.start(memcachedServer(...options));
  const proxy = await FaultyLink.to(service.port);
  const store = memcachedStore(`memcached://127.0.0.1:${proxy.port}`);
  t.after(async () => {
    await service.stop();
    await proxy.close();
    await store.close?.();
  });
  return { service, proxy, store, house: impatientHouse(store) };
}

async function assertCallsFail(store: SessionStore): Promise<void> {
  const record = someRecord({ userId: "ada" });
  await assert.rejects(async () => store.find(record.id, NOW));
  await assert.rejects(async () => store.create(record, NOW));
  await assert.rejects(async () => store.patch(record.id, { clear: true }, NOW));
  await assert.rejects(async () => store.delete(record.id));
  await assert.rejects(async () => store.findByUser("ada", NOW));
  await assert.rejects(async () => store.deleteByUser("ada", NOW));
}

/** How many writes memcached was sent. */
async function writes({ port }: Service): Promise<number> {
  const stats = await ask({ hostname: "127.0.0.1", port }, "stats");
  return Number(/STAT cmd_set (\d+)/.exec(stats)?.[1]);
}

/** Stores sessions until memcached refuses one. */
async function fill(store: SessionStore): Promise<void> {
  const data = values({ filler: "x".repeat(5_000) });
  await assert.rejects(async () => {
    for (;;) await stored(store, { data });
  }, /out of memory/);
}
