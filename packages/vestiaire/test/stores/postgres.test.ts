// The PostgreSQL store: the contract through each client that it takes, what happens when two processes come at the same
// instant, and what lies in the database afterwards.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import pg from "pg";
import postgres from "postgres";
import { ConfigurationError, CorruptRecordError } from "../../src/core/errors.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import {
  type PgPool,
  type PostgresJs,
  type PostgresStoreOptions,
  postgresStore,
  schema,
} from "../../src/stores/postgres.ts";
import {
  assertSessionsOf,
  HOUR,
  key,
  NOW,
  several,
  someHash,
  someId,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { noPostgres } from "../services/postgres.ts";
import { corner, inTransaction, somePool, untilBlocked } from "./postgres-fixtures.ts";

describe("PostgreSQL", { skip: await noPostgres() }, async () => {
  const db = await corner();
  const pool = somePool(db.url);
  const sql = postgres(db.url, { max: 5, connection: { synchronous_commit: "off" } });
  after(() => sql.end());

  const clients: Record<string, [PgPool | PostgresJs | string, PostgresStoreOptions]> = {
    "a pool": [pool, {}],
    "a pool, and patches tell": [pool, { notify: true }],
    "postgres.js, and patches tell": [sql, { notify: true }],
    "postgres.js, and nothing is prepared": [sql, { prepare: false }],
    "a URL, and nothing is prepared": [db.url, { prepare: false }],
  };
  for (const [name, [client, options]] of Object.entries(clients)) {
    const table = db.newTable();
    const open = () => postgresStore(client, { ...options, table });
    testStore(`through ${name}`, () => ({
      store: open(),
      reopen: open,
      damage: async (id) => {
        await db.sql(`update ${table} set data = '[]' where id = $1`, [id]);
      },
      close: async () => {
        await db.sql(`delete from ${table}; delete from ${table}_marks`);
      },
    }));
  }

  // ---- at the same instant

  test("whatever the order of a sign-in's statements and an end's, the session is over", async () => {
    for (const order of ["iidd", "idid", "iddi", "didi", "diid", "ddii"]) {
      const table = db.newTable();
      await postgresStore(pool, { table }).find(someId(), NOW);
      const turns = Array.from(order, () => Promise.withResolvers<void>());
      const passed = Array.from(order, () => Promise.withResolvers<void>());
      const only = (actor: string) => {
        const mine = [...order].flatMap((letter, index) => (letter === actor ? [index] : []));
        const held: PgPool = {
          connect: () => pool.connect(),
          async query(query) {
            if (query.text.includes("to_regclass")) return pool.query(query);
            const place = mine.shift() ?? assert.fail("one statement too many");
            await turns[place]?.promise;
            try {
              return await pool.query(query);
            } finally {
              passed[place]?.resolve();
            }
          },
        };
        return postgresStore(held, { table });
      };
      const record = someRecord({ userId: "ada" });
      const signIn = only("i").create(record, NOW);
      const end = only("d").deleteByUser("ada", NOW);
      for (const [place, turn] of turns.entries()) {
        turn.resolve();
        await passed[place]?.promise;
      }
      const [created, ended] = [await signIn, await end];
      assert.ok(created === "ended" || ended.includes(record.id), order);
      await assertSessionsOf(postgresStore(pool, { table }), "ada", []);
    }
  });

  test("a sign-in that is in the middle of its commit when the user is ended is over too", async (t) => {
    const table = db.newTable();
    const store = postgresStore(pool, { table });
    await store.find(someId(), NOW);
    const lock = 1_000_000 + Math.floor(Math.random() * 1_000_000);
    // The row is written, but nobody sees it until the lock is free.
    await db.sql(`create function ${table}_wait() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock_shared(${lock}); return null; end';
      create constraint trigger wait after insert on ${table} deferrable initially deferred
      for each row execute function ${table}_wait()`);
    const other = await inTransaction(t, db.url, `select pg_advisory_xact_lock(${lock})`);
    const signIn = store.create(someRecord({ userId: "ada" }), NOW);
    await untilBlocked(db.sql, `insert into "${table.replace(".", '"."')}"`);
    assert.deepEqual(await store.deleteByUser("ada", NOW), []);
    await other.commit();
    assert.equal(await signIn, "ended");
    await assertSessionsOf(store, "ada", []);
  });

  test("two ends of one user at the same time do not wait for each other, whatever PostgreSQL's plans", async (t) => {
    const table = db.newTable();
    const plans = [
      "-c enable_indexscan=off -c enable_bitmapscan=off",
      "-c enable_seqscan=off -c enable_bitmapscan=off",
    ];
    const stores = plans.map((options) => postgresStore(somePool(db.url, { options }), { table }));
    const [first = assert.fail()] = stores;
    const records = await several(20, () => stored(first, { userId: "ada" }));
    const other = await inTransaction(
      t,
      db.url,
      `select from ${table} where id = '${records[10]?.id}' for update`,
    );
    const ends = Promise.all(stores.map(async (store) => store.deleteByUser("ada", NOW)));
    await untilBlocked(db.sql, table.replace(".", '"."'), 2);
    await other.commit();
    assert.equal((await ends).flat().length, records.length);
  });

  test("a conditional patch that had to wait tells gone, conflict and done apart by what it finds then", async (t) => {
    const table = db.newTable();
    const store = postgresStore(pool, { table });
    const outcomes = {
      [`delete from ${table}`]: "gone",
      [`update ${table} set expires_at = 0`]: "gone",
      [`update ${table} set revision = revision + 1`]: "conflict",
      [`update ${table} set last_seen_at = last_seen_at`]: "done",
    };
    for (const [change, outcome] of Object.entries(outcomes)) {
      const { id, revision } = await stored(store);
      const other = await inTransaction(t, db.url, `${change} where id = '${id}'`);
      const patch = store.patch(id, { set: values({ a: 1 }) }, NOW, { revision });
      await untilBlocked(db.sql, "for no key update");
      await other.commit();
      assert.equal(await patch, outcome, change);
    }
  });

  test("ten processes that create the tables at once all find them", async () => {
    const table = db.newTable();
    const stores = Array.from({ length: 10 }, () => postgresStore(db.url, { table }));
    const records = await Promise.all(stores.map((store) => stored(store)));
    for (const [index, store] of stores.entries()) {
      assert.deepEqual(await store.find(records[index]?.id ?? "", NOW), records[index]);
      await store.close?.();
    }
  });

  // ---- in the database

  test("no index is touched by a visit, a patch or a rotation", async () => {
    const table = db.newTable();
    const client = new pg.Client(db.url);
    await client.connect();
    const inOneTransaction: PgPool = { connect: () => pool.connect(), query: (query) => client.query(query) };
    const store = postgresStore(inOneTransaction, { table });
    const { id, secretHashes } = await stored(store, { userId: "ada" });
    await client.query("begin");
    await store.patch(id, { expiresAt: NOW + 2 * HOUR, lastSeenAt: NOW + 1 }, NOW);
    await store.patch(id, { set: values({ a: 1 }), unset: [key("b")] }, NOW, { revision: 0 });
    await store.patch(id, { secretHashes: { ...secretHashes, current: someHash() } }, NOW);
    const counts = `select pg_stat_get_xact_tuples_updated(oid)::int as updated,
      pg_stat_get_xact_tuples_hot_updated(oid)::int as hot from pg_class where oid = $1::regclass`;
    const { rows } = await client.query(counts, [table]);
    await client.query("commit");
    await client.end();
    assert.deepEqual(rows, [{ updated: 3, hot: 3 }]);
  });

  test("the sessions of a user, and what is due, are found by an index", async () => {
    const table = db.newTable();
    await postgresStore(pool, { table }).find(someId(), NOW);
    for (const [condition, index] of Object.entries({ "user_id = 'x'": "of_user", "due_at <= 1": "due" })) {
      const client = await pool.connect();
      await client.query("begin; set local enable_seqscan = off");
      const { rows } = await client.query(`explain (format json) select from ${table} where ${condition}`);
      await client.query("rollback");
      client.release();
      assert.match(JSON.stringify(rows), new RegExp(`t\\d+_${index}`));
    }
  });

  test("a sweep also forgets the marks of users ended over 10 minutes ago, so many at a time", async () => {
    const table = db.newTable();
    const store = postgresStore(pool, { table });
    for (let count = 0; count < 5; count += 1) await store.deleteByUser(`user${count}`, NOW);
    const marks = async () => (await db.sql(`select from ${table}_marks`)).length;
    await store.sweep?.(NOW + 600_000, 10);
    assert.equal(await marks(), 5);
    await store.sweep?.(NOW + 600_001, 3);
    assert.equal(await marks(), 2);
    await store.sweep?.(NOW + 600_001, 3);
    assert.equal(await marks(), 0);
  });

  test("a sweep leaves what somebody is changing for the next one", async (t) => {
    const table = db.newTable();
    const store = postgresStore(pool, { table });
    const { id } = await stored(store);
    await stored(store);
    const other = await inTransaction(t, db.url, `select from ${table} where id = '${id}' for update`);
    assert.deepEqual(await store.sweep?.(NOW + 2 * HOUR, 10), { removed: 1, more: false });
    await other.commit();
    assert.deepEqual(await store.sweep?.(NOW + 2 * HOUR, 10), { removed: 1, more: false });
  });

  test("a user id may hold anything, at any length", async () => {
    const store = postgresStore(pool, { table: db.newTable() });
    const userIds = ["\0", "\\0", "\\u0000", "\ud800", "\\ud800", "\udfff", '"', '\\"', "é".repeat(10_000)];
    const records: SessionRecord[] = [];
    for (const userId of userIds) records.push(await stored(store, { userId }));
    for (const [index, userId] of userIds.entries()) {
      assert.deepEqual(await store.findByUser(userId, NOW), [records[index]]);
    }
    for (const [index, userId] of userIds.entries()) {
      assert.deepEqual(await store.deleteByUser(userId, NOW), [records[index]?.id]);
    }
  });

  test("damage of any kind is a CorruptRecordError", async () => {
    const table = db.newTable();
    const store = postgresStore(pool, { table });
    for (const damage of [
      `user_id = '"'`,
      `user_id = '\\'`,
      `data = '{"a":1}'`,
      "data = 'null'",
      "previous_hash = 'x'",
    ]) {
      const { id } = await stored(store, { userId: "ada" });
      await db.sql(`update ${table} set ${damage} where id = '${id}'`);
      await assert.rejects(async () => store.find(id, NOW), CorruptRecordError, damage);
    }
  });

  test("what a client makes of numbers and names of columns does not matter", async () => {
    const bigints = new pg.TypeOverrides();
    bigints.setTypeParser(20, BigInt);
    const client = somePool(db.url, { types: bigints });
    const js = postgres(db.url, { transform: postgres.camel, types: { bigint: postgres.BigInt }, max: 1 });
    after(() => js.end());
    for (const store of [
      postgresStore(client, { table: db.newTable() }),
      postgresStore(js, { table: db.newTable() }),
    ]) {
      const record = await stored(store, { userId: "ada", data: values({ some_name: "some_value" }) });
      assert.deepEqual(await store.find(record.id, NOW), record);
    }
  });

  // ---- telling

  test("with notify, every change of a record is told; without, only its end", async (t) => {
    const table = db.newTable();
    const [loud, quiet] = [postgresStore(pool, { table, notify: true }), postgresStore(pool, { table })];
    assert.equal(quiet.invalidations, undefined);
    const told: string[] = [];
    const begun = Promise.withResolvers<void>();
    let wake = () => {};
    const stop = loud.invalidations?.(
      (id) => {
        told.push(id);
        wake();
      },
      () => begun.resolve(),
    );
    t.after(() => stop?.());
    await begun.promise;
    const [first, second, third] = [
      await stored(loud),
      await stored(loud),
      await stored(loud, { userId: "ada" }),
    ];
    await quiet.patch(first.id, { set: values({ a: 1 }) }, NOW);
    await loud.patch(second.id, { set: values({ a: 1 }) }, NOW);
    await loud.patch(second.id, { set: values({ a: 1 }) }, NOW, { revision: 1 });
    await loud.patch(second.id, { set: values({ a: 1 }) }, NOW, { revision: 1 });
    await quiet.delete(second.id);
    await quiet.deleteByUser("ada", NOW);
    while (!told.includes(third.id)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    assert.deepEqual(told, [second.id, second.id, second.id, third.id]);
  });

  test("one connection listens for all, and goes with the last of them", async () => {
    const own = somePool(db.url, { max: 1 });
    const store = postgresStore(own, { table: db.newTable() });
    const gap = Promise.withResolvers<void>();
    const stops = [gap.resolve, () => {}].map((onGap) => store.watch?.(new Set(), () => {}, onGap));
    await gap.promise;
    // No other connection may be opened, so this one waits for theirs.
    const found = store.find(someId(), NOW);
    for (const stop of stops) stop?.();
    assert.equal(await found, null);
    // Stopped before it has begun.
    store.watch?.(new Set(), assert.fail, assert.fail)();
    assert.equal(await store.find(someId(), NOW), null);
  });

  test("a connection that no longer answers is replaced, and both moments are gaps", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const log: string[] = [];
    const answers = [async () => {}, () => Promise.reject(new Error("no answer")), async () => {}];
    const deaf = {
      query: async () => ({ rows: [] }),
      connect: async () => ({
        query({ text }: { text: string }) {
          log.push(text);
          return answers.shift()?.() ?? new Promise(() => {});
        },
        on() {},
        release: (destroy: boolean) => void log.push(`released, ${destroy}`),
      }),
    };
    const store = postgresStore(deaf, { table: "sessions" });
    const gap = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let told = 0;
    store.watch?.(
      new Set(),
      () => {},
      () => gap[told++]?.resolve(),
    );
    await gap[0]?.promise;
    await new Promise(setImmediate);
    t.mock.timers.tick(5_000);
    await gap[1]?.promise;
    await new Promise(setImmediate);
    t.mock.timers.tick(500);
    await gap[2]?.promise;
    assert.deepEqual(log, ['listen "sessions"', "select 1", "released, true", 'listen "sessions"']);
    await store.close?.();
  });

  // ---- clients

  test("a client that was handed in stays open, and what was made from a URL is closed", async () => {
    const [lent, own] = [
      postgresStore(pool, { table: db.newTable() }),
      postgresStore(db.url, { table: db.newTable() }),
    ];
    await lent.close?.();
    assert.equal(await lent.find(someId(), NOW), null);
    assert.equal(await own.find(someId(), NOW), null);
    await own.close?.();
    await own.close?.();
    await assert.rejects(async () => own.find(someId(), NOW));
  });
});

test("what is no client, no URL and no name of a table is a ConfigurationError", () => {
  for (const client of ["", "mysql://127.0.0.1", "127.0.0.1", {}, () => {}]) {
    assert.throws(() => postgresStore(client as string), ConfigurationError);
  }
  for (const table of ["", "Sessions", "a-b", "a.b.c", "a'b", 'a"b', "é", "a.", ".a", "1a", "x".repeat(54)]) {
    assert.throws(() => postgresStore("postgres://127.0.0.1", { table }), ConfigurationError, table);
    assert.throws(() => schema(table), ConfigurationError, table);
  }
});
