// The MySQL store: the contract through each client that it takes, what two processes do at the same instant, and what
// lies in the database afterwards.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import mysql from "mysql2";
import mysqlPromise, { type Pool, type PoolOptions } from "mysql2/promise";
import { ConfigurationError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { type MysqlPool, mysqlStore, schema } from "../../src/stores/mysql.ts";
import {
  assertSessionsOf,
  HOUR,
  key,
  NOW,
  someId,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { noMysql, someMysql, sql } from "../services/mysql.ts";

describe("MySQL", { skip: await noMysql() }, async () => {
  const server = await someMysql();
  const prefix = `vestiaire_${crypto.randomUUID().slice(0, 8)}_`;
  const tables: string[] = [];
  after(async () => {
    const all = tables.flatMap((table) => [table, `${table}_marks`]);
    await sql(server.url, `drop table if exists ${all.join(", ")}`);
    await server.stop();
  });

  function newTable(): string {
    const table = `${prefix}${tables.length}`;
    tables.push(table);
    return table;
  }

  /** A pool that goes with the tests. */
  function somePool(options: PoolOptions = {}): Pool {
    const pool = mysqlPromise.createPool({ uri: server.url, ...options });
    after(() => pool.end());
    return pool;
  }

  const pool = somePool();
  // Whatever a program may have set for its own statements.
  const strange = mysql.createPool({
    uri: server.url,
    flags: ["-FOUND_ROWS"],
    rowsAsArray: false,
    nestTables: "_",
    namedPlaceholders: true,
    typeCast: () => "cast",
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  after(() => strange.promise().end());

  const clients = { "a URL": server.url, "a pool": pool, "a strange pool with callbacks": strange };
  for (const [name, client] of Object.entries(clients)) {
    const table = newTable();
    await createTables(table);
    const open = () => mysqlStore(client, { table });
    testStore(`through ${name}`, () => ({
      store: open(),
      reopen: open,
      damage: async (id) => {
        await pool.query(`update ${table} set data = left(data, length(data) / 2) where id = ?`, [id]);
      },
      close: async () => {
        await pool.query(`delete from ${table}`);
        await pool.query(`delete from ${table}_marks`);
      },
    }));
  }

  // ---- at the same instant

  test("whatever the order of a sign-in's statements and an end's, the session is over", async () => {
    for (const order of ["iidd", "idid", "iddi", "didi", "diid", "ddii"]) {
      const table = newTable();
      await mysqlStore(pool, { table }).deleteByUser("nobody", NOW);
      const turns = Array.from(order, () => Promise.withResolvers<void>());
      const passed = Array.from(order, () => Promise.withResolvers<void>());
      const only = (actor: string) => {
        const mine = [...order].flatMap((letter, index) => (letter === actor ? [index] : []));
        return mysqlStore(
          heldUp(pool, async (text, run) => {
            const place = /@@|delete/.test(text) ? undefined : mine.shift();
            if (place === undefined) return run();
            await turns[place]?.promise;
            try {
              return await run();
            } finally {
              passed[place]?.resolve();
            }
          }),
          { table },
        );
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
      await assertSessionsOf(mysqlStore(pool, { table }), "ada", []);
    }
  });

  test("a patch that lands between a delete's look and its removal is in the record that it answers", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    const { id } = await stored(store);
    const patches = [{ set: values({ a: 1 }) }, { expiresAt: NOW + 2 * HOUR }];
    const slow = heldUp(pool, async (text, run) => {
      const patch = /^delete/.test(text) ? patches.shift() : undefined;
      if (patch !== undefined) assert.equal(await store.patch(id, patch, NOW), "done");
      return run();
    });
    const ended = await mysqlStore(slow, { table }).delete(id);
    assert.deepEqual([ended?.data, ended?.expiresAt], [values({ a: 1 }), NOW + 2 * HOUR]);
  });

  test("of two ends of a user at once, each session is answered by one", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    const records = await Promise.all(Array.from({ length: 20 }, () => stored(store, { userId: "ada" })));
    const answers = await Promise.all([store.deleteByUser("ada", NOW), store.deleteByUser("ada", NOW)]);
    assert.deepEqual(answers.flat().sort(), records.map(({ id }) => id).sort());
  });

  test("a conditional patch that had to wait tells gone, conflict and done apart by what it finds then", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    const outcomes = {
      [`delete from ${table}`]: "gone",
      [`update ${table} set expires_at = 0`]: "gone",
      [`update ${table} set revision = revision + 1`]: "conflict",
      [`update ${table} set secret_hash = 'x'`]: "conflict",
      [`update ${table} set last_seen_at = last_seen_at + 1`]: "done",
    };
    for (const [change, outcome] of Object.entries(outcomes)) {
      const { id, revision, secretHashes } = await stored(store);
      const other = await pool.getConnection();
      await other.beginTransaction();
      await other.query(`${change} where id = ?`, [id]);
      const when = { revision, secretHash: secretHashes.current };
      const patch = store.patch(id, { set: values({ a: 1 }) }, NOW, when);
      await untilBlocked(table);
      await other.commit();
      other.release();
      assert.equal(await patch, outcome, change);
    }
  });

  test("a patch that missed, because others had not extended the session yet, is gone and no conflict", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    const { id, revision, expiresAt } = await stored(store);
    const late = heldUp(pool, async (text, run) => {
      if (/^select id/.test(text)) await store.patch(id, { expiresAt: expiresAt + HOUR }, NOW);
      return run();
    });
    const patch = mysqlStore(late, { table }).patch(id, { clear: true }, expiresAt, { revision });
    assert.equal(await patch, "gone");
  });

  test("a statement that was rolled back because of a deadlock is done again", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    // Whichever index the server follows, the first comes first.
    const [first = "", second = ""] = [someId(), someId()].sort();
    await stored(store, { id: first, expiresAt: NOW + 1 });
    await stored(store, { id: second, expiresAt: NOW + 2 });
    const elsewhere = newTable();
    await pool.query(`create table ${elsewhere} (number int)`);
    const other = await pool.getConnection();
    await other.beginTransaction();
    // The server rolls back the transaction that has changed less.
    await other.query(`insert into ${elsewhere} values ${Array(50).fill("(1)").join(", ")}`);
    await other.query(`select 1 from ${table} where id = ? for update`, [second]);
    const swept = store.sweep?.(NOW + HOUR, 10);
    await untilBlocked(table);
    await other.query(`select 1 from ${table} where id = ? for update`, [first]);
    await other.commit();
    other.release();
    assert.deepEqual(await swept, { removed: 2, more: false });
  });

  test("ten processes that create the tables at once all find them", async () => {
    const table = newTable();
    const stores = Array.from({ length: 10 }, () => mysqlStore(server.url, { table }));
    const records = await Promise.all(stores.map((store) => stored(store, { userId: "ada" })));
    for (const [index, store] of stores.entries()) {
      assert.deepEqual(await store.find(records[index]?.id ?? "", NOW), records[index]);
      await store.close?.();
    }
  });

  // ---- in the database

  test("a damaged map is left as it is by every patch", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    const { id } = await stored(store, { data: values({ a: 1 }) });
    for (const damaged of ["", "{", "\0", `{"${"x".repeat(100)}`]) {
      await pool.query(`update ${table} set data = ? where id = ?`, [damaged, id]);
      assert.equal(await store.patch(id, { set: values({ b: 2 }) }, NOW), "gone");
      const [row] = await sql(server.url, `select data from ${table} where id = ?`, [id]);
      assert.equal(row?.data, damaged);
    }
  });

  test("values that are nested 1,000 deep keep each other through every kind of patch", async () => {
    const store = mysqlStore(pool, { table: newTable() });
    const deep = `${'{"a":['.repeat(500)}1${"]}".repeat(500)}`;
    const { id } = await stored(store, { data: { [key("one")]: deep } });
    await store.patch(id, { set: { [key("two")]: deep }, unset: [key("none")] }, NOW);
    assert.deepEqual((await store.find(id, NOW))?.data, { [key("one")]: deep, [key("two")]: deep });
    await store.patch(id, { unset: [key("one")] }, NOW);
    assert.deepEqual((await store.find(id, NOW))?.data, { [key("two")]: deep });
    await store.patch(id, { clear: true, set: { [key("three")]: deep } }, NOW);
    assert.deepEqual((await store.find(id, NOW))?.data, { [key("three")]: deep });
  });

  test("times keep their fractions, and users their lone surrogates", async () => {
    const store = mysqlStore(pool, { table: newTable() });
    const times = {
      createdAt: NOW + 0.1,
      lastSeenAt: NOW + 1 / 3,
      expiresAt: NOW + HOUR + 0.7,
      endsAt: NOW * 1.1,
    };
    const [one, two] = [
      await stored(store, { userId: "\ud800", ...times }),
      await stored(store, { userId: "\udfff", ...times }),
    ];
    assert.deepEqual(await store.findByUser("\ud800", NOW), [one]);
    assert.deepEqual(await store.findByUser("\udfff", NOW), [two]);
  });

  test("an end of 300 sessions answers them all", async () => {
    const store = mysqlStore(pool, { table: newTable() });
    const records = await Promise.all(Array.from({ length: 300 }, () => stored(store, { userId: "ada" })));
    assert.equal((await store.deleteByUser("ada", NOW)).length, records.length);
  });

  test("the sessions of a user, and what is due, are found by an index", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    await Promise.all(Array.from({ length: 300 }, (_, index) => stored(store, { userId: `user${index}` })));
    await pool.query(`analyze table ${table}`);
    for (const [query, index] of Object.entries({
      [`select id from ${table} where user_key = repeat('x', 32)`]: "of_user",
      [`delete from ${table} where expires_at <= 1 order by expires_at limit 10`]: "due",
      [`select id from ${table} where id > '0' and expires_at > 1 order by id limit 10`]: "PRIMARY",
    })) {
      const [plan] = await sql(server.url, `explain ${query}`);
      assert.equal(plan?.key, index, query);
    }
  });

  test("a sweep also forgets the marks of users ended over 10 minutes ago, so many at a time", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    for (let count = 0; count < 5; count += 1) await store.deleteByUser(`user${count}`, NOW);
    const marks = async () => (await sql(server.url, `select 1 from ${table}_marks`)).length;
    await store.sweep?.(NOW + 600_000, 10);
    assert.equal(await marks(), 5);
    await store.sweep?.(NOW + 600_001, 3);
    assert.equal(await marks(), 2);
    await store.sweep?.(NOW + 600_001, 3);
    assert.equal(await marks(), 0);
  });

  test("tables that vanish are created again, as `schema` says", async () => {
    const table = newTable();
    const store = mysqlStore(pool, { table });
    await stored(store);
    const created = async () => {
      const shown = await Promise.all(
        [table, `${table}_marks`].map((name) => sql(server.url, `show create table ${name}`)),
      );
      return shown.flat().map((row) => row["Create Table"]);
    };
    const before = await created();
    await pool.query(`drop table ${table}, ${table}_marks`);
    for (const statement of schema(table).split(/(?<=;)\n/))
      if (statement !== "") await pool.query(statement);
    assert.deepEqual(await created(), before);
    await pool.query(`drop table ${table}, ${table}_marks`);
    await store.deleteByUser("ada", NOW);
    await stored(store);
    assert.deepEqual(await created(), before);
  });

  // ---- what it does not take

  test("connections that would keep something else than they are given are a ConfigurationError", async () => {
    const careless: Record<string, Pool> = {
      "charset must be utf8mb4": somePool({ charset: "latin1" }),
      "sql_mode must have STRICT_TRANS_TABLES": withSetting("sql_mode = ''"),
      "autocommit must be 1": withSetting("autocommit = 0"),
    };
    for (const [problem, pool] of Object.entries(careless)) {
      const store = mysqlStore(pool, { table: newTable() });
      await assert.rejects(
        async () => store.find(someId(), NOW),
        (error) => error instanceof ConfigurationError && error.message.includes(problem),
      );
    }
  });

  test("close lets calls finish; a pool that was handed in stays open, and a closed store fails", async () => {
    for (const client of [pool, server.url]) {
      const store = mysqlStore(client, { table: newTable() });
      const record = await stored(store);
      const find = store.find(record.id, NOW);
      await store.close?.();
      await store.close?.();
      assert.deepEqual(await find, record);
      await assert.rejects(async () => store.find(record.id, NOW), /closed/);
    }
    await pool.query("select 1");
  });

  // ---- helpers

  /** As whoever migrates by hand does. */
  async function createTables(table: string): Promise<void> {
    for (const statement of schema(table)
      .trim()
      .split(/(?<=;)\n/))
      await pool.query(statement);
  }

  function withSetting(setting: string): Pool {
    const pool = somePool();
    pool.on("connection", (connection) => void connection.query(`set ${setting}`));
    return pool;
  }

  /** Until some statement about this table waits for another's lock. */
  async function untilBlocked(table: string): Promise<void> {
    const waiting =
      "select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT' and trx_query like ?";
    // The server renews this table only when nobody has looked at it for a tenth of a second.
    while ((await sql(server.url, waiting, [`%${table}%`])).length === 0) await setTimeout(150);
  }
});

test("what cannot be a URL or a table is a ConfigurationError, and tells no password", () => {
  for (const url of [
    "",
    "mysql://",
    "postgres://h/d",
    "mysql://ada:secret@host",
    "mysql://ada:secret@host/a/b",
  ]) {
    assert.throws(
      () => mysqlStore(url),
      (error) => error instanceof ConfigurationError && !error.message.includes("secret"),
    );
  }
  for (const table of ["", "a b", "a`b", "1a", "a.b", "é", "x".repeat(59)]) {
    assert.throws(() => mysqlStore("mysql://host/database", { table }), ConfigurationError);
    assert.throws(() => schema(table), ConfigurationError);
  }
  assert.match(schema(), /`vestiaire_sessions`/);
  assert.ok(mysqlStore("mariadb://host/database") satisfies SessionStore);
});

/** The pool, where `turn` decides when each statement runs. */
function heldUp(
  pool: Pool,
  turn: (text: string, run: () => Promise<unknown>) => Promise<unknown>,
): MysqlPool {
  return {
    async getConnection() {
      const connection = await pool.getConnection();
      return {
        execute: async (query, values) =>
          (await turn(query.sql, () => connection.execute(query, values))) as [unknown],
        release: () => connection.release(),
        destroy: () => connection.destroy(),
      };
    },
  };
}
