// What becomes of requests while MongoDB is stopped, paused, killed or full, or a connection to it breaks: a clear
// failure in a bounded time, and service again without a restart, with everything that was acknowledged. On the emulator,
// which keeps what it acknowledged: what this shows is the store's and the driver's part in it.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Document, MongoClient } from "mongodb";
import { StoreError } from "../../src/core/errors.ts";
import type { Session } from "../../src/core/session.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { mongodbStore } from "../../src/stores/mongodb.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import type { Visitor } from "../core/visits.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import { mongodbEmulator, urlOf } from "../services/mongodb.ts";
import { Service } from "../services/service.ts";
import {
  assertAllRefused,
  assertRefused,
  assertWritesRefused,
  impatientHouse,
  recovered,
  signedIn,
} from "./outage-visits.ts";

const OUT_OF_DISK_SPACE = 14_031;
const NOT_WRITABLE_PRIMARY = 10_107;
const WRITES = ["insert", "update", "delete", "findAndModify"];

describe("mongodbStore", () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    test(`${signal}: everything fails; started again: the sessions are there`, async (t) => {
      const { service, store, house } = await start(t);
      const ada = await signedIn(house);
      await ada.visit(count);
      await service.kill(signal);
      await assertAllRefused(house, ada);
      await assertCallsFail(store);
      await service.restart();
      assert.equal((await recovered(() => ada.read())).count, 2);
      await recovered(() => ada.visit(count));
      assert.equal((await ada.read()).count, 3);
    });
  }

  test("stopped before the first call: that fails, and the next works once it is started", async (t) => {
    const { service, store, house } = await start(t);
    await service.kill();
    await assertRefused(house.browser(), (session) => session.signIn("ada"));
    await assertCallsFail(store);
    await service.restart();
    const ada = await recovered(() => signedIn(house));
    assert.equal((await ada.read()).count, 1);
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

  test("paused, and nobody else gives up: the client does by itself", async (t) => {
    const { service, store } = await start(t);
    const { id } = await stored(store);
    service.pause();
    await assert.rejects(async () => store.find(id, NOW));
    await assert.rejects(async () => store.patch(id, { clear: true }, NOW));
    service.resume();
    assert.ok(await recovered(() => store.find(id, NOW)));
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
    for (const lose of [() => proxy.swallow(), () => proxy.cutAfter(0)]) {
      await recovered(() => ada.read());
      const visit = await ada.start();
      const id = visit.session.id ?? "";
      const before = (await store.find(id, Date.now()))?.revision ?? 0;
      lose();
      visit.session.set("note", "sent once");
      await assert.rejects(visit.end(), StoreError);
      proxy.pass();
      proxy.drop();
      const record = await recovered(() => store.find(id, Date.now()));
      assert.ok(record && record.revision <= before + 1);
    }
    await recovered(() => ada.visit(count));
  });

  test("a lost reply to a read is not asked for again either", async (t) => {
    const { proxy, store } = await start(t);
    const { id } = await stored(store);
    proxy.cutAfter(0);
    await assert.rejects(async () => store.find(id, NOW));
    assert.ok(await recovered(() => store.find(id, NOW)));
  });

  test("with a full disk reads work, and writes fail", async (t) => {
    const { fail, house } = await start(t);
    const ada = await signedIn(house);
    await fail({ failCommands: WRITES, errorCode: OUT_OF_DISK_SPACE });
    await assertWritesRefused(house, ada);
    assert.equal((await ada.read()).count, 1);
    assert.equal((await ada.visit()).cookie, null);
    await fail(null);
    await recovered(() => ada.visit(count));
    assert.equal((await ada.read()).count, 2);
  });

  test("a server that is no longer the primary writes nothing, until there is one again", async (t) => {
    const { fail, house } = await start(t);
    const ada = await signedIn(house);
    await fail({ failCommands: WRITES, errorCode: NOT_WRITABLE_PRIMARY });
    await assertWritesRefused(house, ada);
    await fail(null);
    await recovered(() => ada.visit(count));
    assert.equal((await ada.read()).count, 2);
  });

  test("a write that no majority acknowledged is none that was done", async (t) => {
    const { fail, store, house } = await start(t);
    const ada = await signedIn(house);
    const writeConcernError = { code: 64, errmsg: "waiting for replication timed out" };
    await fail({ failCommands: WRITES, writeConcernError });
    await assertWritesRefused(house, ada);
    await assert.rejects(async () => store.create(someRecord(), NOW));
    await assert.rejects(async () => store.deleteByUser("ada", NOW));
  });
});

// ---- helpers

/** Adds one, whatever the store holds. */
function count(session: Session<Visitor>): void {
  session.update("count", (before = 0) => before + 1);
}

async function start(t: TestContext) {
  const service = await Service.start(mongodbEmulator);
  const proxy = await FaultyLink.to(service.port);
  // As hosts of MongoDB like to write it. The store's own settings win.
  const store = mongodbStore(`${urlOf(proxy.port)}?retryReads=true&retryWrites=true`);
  const admin = new MongoClient(urlOf(service.port));
  t.after(async () => {
    await store.close?.();
    await admin.close();
    await proxy.close();
    await service.stop();
  });
  const fail = async (data: Document | null) => {
    const mode = data === null ? "off" : "alwaysOn";
    await admin.db("admin").command({ configureFailPoint: "failCommand", mode, ...(data && { data }) });
  };
  return { service, proxy, store, fail, house: impatientHouse(store) };
}

async function assertCallsFail(store: SessionStore): Promise<void> {
  const { id, ...record } = someRecord({ userId: "ada" });
  const calls = [
    () => store.find(id, NOW),
    () => store.create({ id, ...record }, NOW),
    () => store.patch(id, { set: values({ a: 1 }) }, NOW),
    () => store.delete(id),
    () => store.findByUser("ada", NOW),
    () => store.deleteByUser("ada", NOW),
    () => store.list?.(NOW),
    () => store.sweep?.(NOW, 10),
  ];
  await Promise.all(calls.map((call) => assert.rejects(async () => call())));
}
