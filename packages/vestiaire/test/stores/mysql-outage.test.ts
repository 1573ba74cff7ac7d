// What becomes of requests while MariaDB is stopped, paused, restarted or read-only, a connection breaks, or there is none
// left: a clear failure in a bounded time, service again without a restart, and nothing lost that was acknowledged.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { type Connection, createConnection } from "mysql2/promise";
import { StoreError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { mysqlStore, schema } from "../../src/stores/mysql.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import { mariadbServer, noMariadb, ORDINARY, sql, urlOf } from "../services/mysql.ts";
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

const CONNECTIONS = 15;

describe("MariaDB in trouble", { skip: noMariadb() }, async () => {
  const service = await Service.start(mariadbServer(`--max-connections=${CONNECTIONS}`));
  after(() => service.stop());
  const url = urlOf(service.port);
  let tables = 0;

  /** A store through a connection that can be cut, on a table of its own, and a manager over it. */
  async function start(t: TestContext) {
    const proxy = await FaultyLink.to(service.port);
    const table = `outage${++tables}`;
    const store = mysqlStore(urlOf(proxy.port, ORDINARY), { table });
    t.after(async () => {
      proxy.pass();
      await store.close?.();
      await proxy.close();
    });
    return { proxy, table, store, house: impatientHouse(store) };
  }

  test("stopped: everything fails; started again: the sessions are there", async (t) => {
    const { store, house } = await start(t);
    const ada = await signedIn(house);
    await service.kill("SIGTERM");
    await assertAllRefused(house, ada);
    await assertCallsFail(store);
    await service.restart();
    assert.equal((await recovered(() => ada.read())).count, 1);
    await ada.visit(count);
    assert.equal((await ada.read()).count, 2);
  });

  test("stopped before the first visit: everything fails; started: visitors can sign in", async (t) => {
    const { house } = await start(t);
    await service.kill("SIGTERM");
    await assertRefused(house.browser(), (session) => session.signIn("eve"));
    await service.restart();
    assert.equal((await (await recovered(() => signedIn(house))).read()).count, 1);
  });

  test("killed: what was acknowledged is there, and what was ended stays so", async (t) => {
    const { store, house } = await start(t);
    const ada = await signedIn(house);
    const ended = await stored(store);
    await store.delete(ended.id);
    await ada.visit(count);
    await service.kill("SIGKILL");
    await assertAllRefused(house, ada);
    await service.restart();
    assert.equal((await recovered(() => ada.read())).count, 2);
    assert.equal(await store.find(ended.id, NOW), null);
  });

  test("restarted between two visits: connections that broke while idle are replaced", async (t) => {
    const { house } = await start(t);
    const ada = await signedIn(house);
    await service.restart();
    await recovered(() => ada.visit(count));
    assert.equal((await ada.read()).count, 2);
  });

  test("paused: everything fails in time; resumed: the sessions are there", async (t) => {
    const { house } = await start(t);
    const ada = await signedIn(house);
    service.pause();
    try {
      for (let page = 0; page < 3; page += 1) await assertRefused(ada, (session) => session.data);
      await assertRefused(house.browser(), (session) => session.signIn("eve"));
    } finally {
      service.resume();
    }
    assert.equal((await recovered(() => ada.read())).count, 1);
  });

  test("a network that swallows every reply: its connections are given up, and replaced", async (t) => {
    const { proxy, store, house } = await start(t);
    const ada = await signedIn(house);
    // More than the pool has connections: the last ones wait for one in vain.
    const finds = () => Array.from({ length: 25 }, async () => store.find("", NOW));
    await Promise.all(finds());
    proxy.swallow();
    const swallowed = Promise.allSettled(finds());
    await assertRefused(ada, (session) => session.data);
    const answers = await swallowed;
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set(["rejected"]));
    proxy.pass();
    assert.equal((await recovered(() => ada.read())).count, 1);
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

  test("a write whose reply is cut off or lost fails, and is not sent again", async (t) => {
    const { proxy, store, house } = await start(t);
    const ada = await signedIn(house);
    // The first use of a statement takes one more reply, to prepare it.
    await ada.visit(count);
    const id = (await ada.start()).session.id ?? "";
    const revision = async () => (await store.find(id, Date.now()))?.revision ?? 0;
    for (const trouble of [() => proxy.cutAfter(1), () => proxy.swallow()]) {
      await recovered(() => ada.visit(count));
      const before = await revision();
      const visit = await ada.start();
      visit.session.set("note", "lost");
      trouble();
      await assert.rejects(visit.end(), StoreError);
      proxy.pass();
      proxy.drop();
      assert.equal(await recovered(revision), before + 1);
    }
  });

  test("a connection that is killed while it waits fails its call alone, and nothing was done", async (t) => {
    const { table, store } = await start(t);
    const { id } = await stored(store);
    const other = await locking(t, table, id);
    const patch = assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW));
    const waiting = "select id from information_schema.processlist where info like ?";
    for (;;) {
      const [row] = await sql(url, waiting, [`update \`${table}\`%`]);
      if (row !== undefined) {
        await sql(url, `kill ${row.id}`);
        break;
      }
    }
    await patch;
    await other.rollback();
    assert.equal((await store.find(id, NOW))?.revision, 0);
    assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "done");
  });

  test("a session that somebody keeps locked can be read, and a change of it fails in time", async (t) => {
    const { table, store } = await start(t);
    const record = await stored(store);
    const other = await locking(t, table, record.id);
    await assert.rejects(async () => store.patch(record.id, { set: values({ a: 1 }) }, NOW), { errno: 1205 });
    assert.deepEqual(await store.find(record.id, NOW), record);
    await other.rollback();
    assert.equal(await store.patch(record.id, { set: values({ a: 1 }) }, NOW), "done");
  });

  test("read-only: reads work, writes fail; writable again: they work", async (t) => {
    const { store, house } = await start(t);
    const ada = await signedIn(house);
    await sql(url, "set global read_only = 1");
    try {
      await assert.rejects(async () => store.create(someRecord(), NOW), { errno: 1290 });
      assert.equal((await ada.read()).count, 1);
      await assertWritesRefused(house, ada);
      assert.equal((await ada.read()).count, 1);
    } finally {
      await sql(url, "set global read_only = 0");
    }
    await ada.visit(count);
    assert.equal((await ada.read()).count, 2);
  });

  test("read-only from the start, with the tables there: reads work", async (t) => {
    const { table, store } = await start(t);
    const record = await stored(store);
    await sql(url, "set global read_only = 1");
    try {
      const reader = mysqlStore(urlOf(service.port, ORDINARY), { table });
      t.after(() => reader.close?.());
      assert.deepEqual(await reader.find(record.id, NOW), record);
    } finally {
      await sql(url, "set global read_only = 0");
    }
  });

  test("no connection left: everything fails; one free again: the sessions are there", async (t) => {
    const { proxy, house } = await start(t);
    const ada = await signedIn(house);
    const hogs: Connection[] = [];
    proxy.drop();
    for (;;) {
      const hog = await createConnection(urlOf(service.port, ORDINARY)).catch(() => null);
      if (hog === null) break;
      hogs.push(hog);
    }
    assert.ok(hogs.length > CONNECTIONS / 2);
    try {
      await assertRefused(ada, (session) => session.data);
      await assertRefused(house.browser(), (session) => session.signIn("eve"));
    } finally {
      for (const hog of hogs) await hog.end();
    }
    assert.equal((await recovered(() => ada.read())).count, 1);
  });

  test("a user who may not create tables works on those that are there", async (t) => {
    for (const statement of schema("made_by_hand")
      .trim()
      .split(/(?<=;)\n/))
      await sql(url, statement);
    await sql(url, "create user clerk@127.0.0.1");
    for (const table of ["made_by_hand", "made_by_hand_marks"]) {
      await sql(url, `grant select, insert, update, delete on ${table} to clerk@127.0.0.1`);
    }
    const [store, stranger] = ["made_by_hand", "missing"].map((table) =>
      mysqlStore(urlOf(service.port, "clerk"), { table }),
    );
    assert.ok(store && stranger);
    t.after(() => Promise.all([store.close?.(), stranger.close?.()]));
    const { id } = await stored(store, { userId: "ada" });
    assert.deepEqual(await store.deleteByUser("ada", NOW), [id]);
    await assert.rejects(async () => stranger.find(id, NOW), { errno: 1142 });
  });

  // ---- helpers

  /** A transaction that holds the session's row until it is rolled back. */
  async function locking(t: TestContext, table: string, id: string): Promise<Connection> {
    const other = await createConnection(url);
    t.after(() => other.end());
    await other.beginTransaction();
    await other.query(`select 1 from ${table} where id = ? for update`, [id]);
    return other;
  }
});

async function assertCallsFail(store: SessionStore): Promise<void> {
  const record = someRecord({ userId: "ada" });
  await assert.rejects(async () => store.find(record.id, NOW));
  await assert.rejects(async () => store.create(record, NOW));
  await assert.rejects(async () => store.patch(record.id, { clear: true }, NOW));
  await assert.rejects(async () => store.delete(record.id));
  await assert.rejects(async () => store.findByUser("ada", NOW));
  await assert.rejects(async () => store.deleteByUser("ada", NOW));
}
