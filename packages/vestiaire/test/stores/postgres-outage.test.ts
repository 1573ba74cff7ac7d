// What becomes of requests while PostgreSQL is stopped, paused, restarted, full or read-only, or a connection breaks: a
// clear failure in a bounded time, service again without a restart, and nothing lost that was acknowledged.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import pg from "pg";
import postgres from "postgres";
import { StoreError } from "../../src/core/errors.ts";
import type { Session } from "../../src/core/session.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { postgresStore, schema } from "../../src/stores/postgres.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import type { Visitor } from "../core/visits.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import { noPostgresServer, postgresServer, sql, urlOf } from "../services/postgres.ts";
import { Service } from "../services/service.ts";
import {
  assertAllRefused,
  assertRefused,
  assertWritesRefused,
  impatientHouse,
  recovered,
  signedIn,
} from "./outage-visits.ts";
import { inTransaction } from "./postgres-fixtures.ts";

const CONNECTIONS = 20;
const LISTENERS =
  "from pg_stat_activity where state = 'idle' and (query ilike 'listen %' or query = 'select 1')";

describe("PostgreSQL in trouble", { skip: noPostgresServer() }, async () => {
  const service = await Service.start(postgresServer(["-c", `max_connections=${CONNECTIONS}`]));
  after(() => service.stop());
  const url = urlOf(service.port);
  let tables = 0;

  /** A store through a connection that can be cut, on a table of its own, and a manager over it. */
  async function start(t: TestContext) {
    const proxy = await FaultyLink.to(service.port);
    const table = `outage${++tables}`;
    const store = postgresStore(urlOf(proxy.port), { table });
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
    await service.kill("SIGINT");
    await assertAllRefused(house, ada);
    await assertCallsFail(store);
    await service.restart();
    assert.equal((await recovered(() => ada.read())).count, 1);
    await ada.visit(count);
    assert.equal((await ada.read()).count, 2);
  });

  test("stopped before the first visit: everything fails; started: visitors can sign in", async (t) => {
    const { house } = await start(t);
    await service.kill("SIGINT");
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

  test("paused: every wait of the store itself has an end, and then there are connections again", async (t) => {
    const { store } = await start(t);
    const { id } = await stored(store);
    service.pause();
    try {
      // One is sent over the connection that there is, others open new ones, and some wait for one of those.
      const calls = Array.from({ length: 15 }, () => store.find(id, NOW));
      const outcomes = await Promise.allSettled(calls);
      assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(["rejected"]));
    } finally {
      service.resume();
    }
    assert.equal((await store.find(id, NOW))?.id, id);
  });

  test("a change that waited too long fails, and is not done later", async (t) => {
    const { table, store } = await start(t);
    const { id } = await stored(store);
    const other = await inTransaction(t, url, `select from ${table} where id = '${id}' for update`);
    await assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW));
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock'";
    await recovered(async () => assert.deepEqual(await sql(url, waiting), []));
    await other.commit();
    assert.equal((await store.find(id, NOW))?.revision, 0);
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
    const id = (await ada.start()).session.id ?? "";
    const revision = async () => (await store.find(id, Date.now()))?.revision ?? 0;
    for (const trouble of [() => proxy.cutAfter(1), () => proxy.swallow()]) {
      const before = await revision();
      const visit = await ada.start();
      assert.equal(visit.session.data.count, 1);
      visit.session.set("note", "lost");
      trouble();
      await assert.rejects(visit.end(), StoreError);
      proxy.pass();
      proxy.drop();
      assert.equal(await recovered(revision), before + 1);
    }
  });

  test("a backend that is terminated while it waits fails its call alone, and nothing was done", async (t) => {
    const { table, store } = await start(t);
    const { id } = await stored(store);
    const other = await inTransaction(t, url, `select from ${table} where id = '${id}' for update`);
    const patch = assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW), {
      code: "57P01",
    });
    const waiting = `select pg_terminate_backend(pid) as done from pg_stat_activity where wait_event_type = 'Lock'`;
    await recovered(async () => assert.equal((await sql(url, waiting)).length, 1));
    await patch;
    await other.commit();
    assert.equal((await store.find(id, NOW))?.revision, 0);
    assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "done");
  });

  test("read-only: reads work, writes fail; writable again: they work", async (t) => {
    const { store, house } = await start(t);
    const ada = await signedIn(house);
    await readOnly("on");
    try {
      await recovered(() => assert.rejects(async () => store.create(someRecord(), NOW), { code: "25006" }));
      assert.equal((await ada.read()).count, 1);
      await assertWritesRefused(house, ada);
      assert.equal((await ada.read()).count, 1);
    } finally {
      await readOnly("off");
    }
    await recovered(() => ada.visit(count));
    assert.equal((await ada.read()).count, 2);
  });

  test("read-only from the start, with the tables there: reads work", async (t) => {
    const { table, store } = await start(t);
    const record = await stored(store);
    await readOnly("on");
    try {
      const reader = postgresStore(url, { table });
      t.after(() => reader.close?.());
      assert.deepEqual(await reader.find(record.id, NOW), record);
    } finally {
      await readOnly("off");
    }
  });

  test("no connection left: everything fails; one free again: the sessions are there", async (t) => {
    const { proxy, house } = await start(t);
    const ada = await signedIn(house);
    const hogs: pg.Client[] = [];
    proxy.drop();
    for (;;) {
      const hog = new pg.Client(url);
      hog.on("error", () => {});
      try {
        await hog.connect();
      } catch {
        break;
      }
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
    await sql(
      url,
      `create role visitor login; revoke all on schema public from public; grant usage on schema public to visitor;
      ${schema("made_by_hand")} grant select, insert, update, delete on made_by_hand, made_by_hand_marks to visitor`,
    );
    const store = postgresStore(url.replace("postgres@", "visitor@"), { table: "made_by_hand" });
    t.after(() => store.close?.());
    const { id } = await stored(store, { userId: "ada" });
    assert.deepEqual(await store.deleteByUser("ada", NOW), [id]);
    const stranger = postgresStore(url.replace("postgres@", "visitor@"), { table: "missing" });
    t.after(() => stranger.close?.());
    await assert.rejects(async () => stranger.find(id, NOW), { code: "42501" });
  });

  for (const kind of ["a pool", "postgres.js"] as const) {
    test(`${kind}: whoever watches is told of the gap after each loss, and hears again`, async (t) => {
      const store = storeThrough(t, kind);
      const { id } = await stored(store);
      await service.kill("SIGINT");
      const news = watching(t, store, id);
      await service.restart();
      await news.gap();
      for (const lose of [() => terminateListeners(), () => service.restart()]) {
        await lose();
        await news.gap();
      }
      await recovered(async () => assert.equal((await sql(url, `select ${LISTENERS}`)).length, 1));
      await recovered(() => store.delete(id));
      await news.ended;
    });
  }

  // ---- helpers

  function storeThrough(t: TestContext, kind: "a pool" | "postgres.js"): SessionStore {
    const table = `outage${++tables}`;
    if (kind === "postgres.js") {
      const js = postgres(url, { max: 2 });
      t.after(() => js.end());
      return postgresStore(js, { table });
    }
    const store = postgresStore(url, { table });
    t.after(() => store.close?.());
    return store;
  }

  async function readOnly(state: "on" | "off"): Promise<void> {
    await sql(url, `set default_transaction_read_only = off`);
    await sql(url, `alter system set default_transaction_read_only = ${state}`);
    await sql(url, "select pg_reload_conf()");
  }

  async function terminateListeners(): Promise<void> {
    await sql(url, `select pg_terminate_backend(pid) ${LISTENERS}`);
  }
});

/** Adds one, whatever the store holds. */
function count(session: Session<Visitor>): void {
  session.update("count", (before = 0) => before + 1);
}

interface News {
  /** The next gap, or one that nobody waited for. */
  gap(): Promise<void>;
  readonly ended: Promise<void>;
}

function watching(t: TestContext, store: SessionStore, id: string): News {
  const ended = Promise.withResolvers<void>();
  let gap = Promise.withResolvers<void>();
  const stop = store.watch?.(
    new Set([id]),
    () => ended.resolve(),
    () => gap.resolve(),
  );
  t.after(() => stop?.());
  return {
    async gap() {
      await gap.promise;
      gap = Promise.withResolvers<void>();
    },
    ended: ended.promise,
  };
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
