// PostgreSQL in trouble: the outage contract, and what is PostgreSQL's own: rows that somebody keeps locked, backends that are
// terminated, users who may not create tables, and the connection that listens.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import pg from "pg";
import postgres from "postgres";
import type { SessionStore } from "../../src/core/store.ts";
import { postgresStore, schema } from "../../src/stores/postgres.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { type Refusal, type Trouble, testOutage } from "../../src/testing/outage-contract.ts";
import { NOW, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { noPostgresServer, postgresServer, sql, urlOf } from "../services/postgres.ts";
import { Service } from "../services/service.ts";
import { inTransaction } from "./postgres-fixtures.ts";

// Enough for the pools of the contract, and few enough to use them up.
const CONNECTIONS = 40;
const LISTENERS =
  "from pg_stat_activity where state = 'idle' and (query ilike 'listen %' or query = 'select 1')";

describe("PostgreSQL in trouble", { skip: noPostgresServer() }, async () => {
  const service = await Service.start(postgresServer(["-c", `max_connections=${CONNECTIONS}`]));
  after(() => service.stop());
  const url = urlOf(service.port);
  let tables = 0;

  testOutage("postgresStore", () => {
    const table = `outage${++tables}`;
    return {
      port: service.port,
      open: (port) => postgresStore(urlOf(port), { table }),
      server: service.control,
      outages: { "no connection left": noConnectionLeft() },
      refusals: { "read-only": readOnly },
    };
  });

  /** A store on a table of its own. */
  function start(t: TestContext) {
    const table = `outage${++tables}`;
    const store = postgresStore(url, { table });
    t.after(() => store.close?.());
    return { table, store };
  }

  test("a change that waited too long fails, and is not done later", async (t) => {
    const { table, store } = start(t);
    const { id } = await stored(store);
    const other = await inTransaction(t, url, `select from ${table} where id = '${id}' for update`);
    await assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW));
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock'";
    await recovered(async () => assert.deepEqual(await sql(url, waiting), []));
    await other.commit();
    assert.equal((await store.find(id, NOW))?.revision, 0);
  });

  test("a backend that is terminated while it waits fails its call alone, and nothing was done", async (t) => {
    const { table, store } = start(t);
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
      const store = kind === "a pool" ? start(t).store : throughPostgresJs(t);
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

  function throughPostgresJs(t: TestContext): SessionStore {
    const js = postgres(url, { max: 2 });
    t.after(() => js.end());
    return postgresStore(js, { table: `outage${++tables}` });
  }

  const readOnly: Refusal = { begin: () => setReadOnly("on"), end: () => setReadOnly("off") };

  async function setReadOnly(state: "on" | "off"): Promise<void> {
    await sql(url, `alter system set default_transaction_read_only = ${state}`);
    await sql(url, "select pg_reload_conf()");
    // Whoever connects knows it only after all who were connected had been told.
    await recovered(async () => {
      const [row] = await sql(url, "show default_transaction_read_only");
      assert.equal(row?.default_transaction_read_only, state);
    });
  }

  async function terminateListeners(): Promise<void> {
    await sql(url, `select pg_terminate_backend(pid) ${LISTENERS}`);
  }
  /** Takes every connection there is. */
  function noConnectionLeft(): Trouble {
    const hogs: pg.Client[] = [];
    const take = async () => {
      const hog = new pg.Client(url);
      hog.on("error", () => {});
      await hog.connect();
      hogs.push(hog);
      return hog;
    };
    return {
      async begin() {
        const first = await take();
        // Those that the store has lost free their places before these are counted.
        const others =
          "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
        await recovered(async () => assert.equal((await first.query(others)).rowCount, 0));
        await assert.rejects(
          async () => {
            for (;;) await take();
          },
          { code: "53300" },
        );
        assert.ok(hogs.length > CONNECTIONS / 2);
      },
      async end() {
        for (const hog of hogs.splice(0)) await hog.end();
      },
    };
  }
});

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
