// MariaDB in trouble: the outage contract, and what is MariaDB's own: rows that somebody keeps locked, connections that are
// killed, and users who may not create tables.

import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { type Connection, createConnection } from "mysql2/promise";
import { mysqlStore, schema } from "../../src/stores/mysql.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { type Trouble, testOutage } from "../../src/testing/outage-contract.ts";
import { NOW, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { mariadbServer, noMariadb, ORDINARY, sql, urlOf } from "../services/mysql.ts";
import { Service } from "../services/service.ts";

// Enough for the pools of the contract, and few enough to use them up.
const CONNECTIONS = 40;
const TOO_MANY_CONNECTIONS = 1_040;

describe("MariaDB in trouble", { skip: noMariadb() }, async () => {
  const service = await Service.start(mariadbServer(`--max-connections=${CONNECTIONS}`));
  after(() => service.stop());
  const url = urlOf(service.port);
  let tables = 0;

  testOutage("mysqlStore", () => {
    const table = `outage${++tables}`;
    return {
      port: service.port,
      open: (port) => mysqlStore(urlOf(port, ORDINARY), { table }),
      server: service.control,
      outages: { "no connection left": noConnectionLeft() },
      refusals: {
        "read-only": {
          begin: () => sql(url, "set global read_only = 1"),
          end: () => sql(url, "set global read_only = 0"),
        },
      },
    };
  });

  /** A store on a table of its own. */
  function start(t: TestContext) {
    const table = `outage${++tables}`;
    const store = mysqlStore(urlOf(service.port, ORDINARY), { table });
    t.after(() => store.close?.());
    return { table, store };
  }

  test("a connection that is killed while it waits fails its call alone, and nothing was done", async (t) => {
    const { table, store } = start(t);
    const { id } = await stored(store);
    const other = await locking(t, table, id);
    const patch = assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW));
    const waiting = "select id from information_schema.processlist where info like ?";
    await recovered(async () => {
      const [row] = await sql(url, waiting, [`update \`${table}\`%`]);
      assert.ok(row);
      await sql(url, `kill ${row.id}`);
    });
    await patch;
    await other.rollback();
    assert.equal((await store.find(id, NOW))?.revision, 0);
    assert.equal(await store.patch(id, { set: values({ a: 1 }) }, NOW), "done");
  });

  test("a session that somebody keeps locked can be read, and a change of it fails in time", async (t) => {
    const { table, store } = start(t);
    const record = await stored(store);
    const other = await locking(t, table, record.id);
    await assert.rejects(async () => store.patch(record.id, { set: values({ a: 1 }) }, NOW), { errno: 1205 });
    assert.deepEqual(await store.find(record.id, NOW), record);
    await other.rollback();
    assert.equal(await store.patch(record.id, { set: values({ a: 1 }) }, NOW), "done");
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

  /** Takes every connection there is for ordinary users. One more is kept for an administrator. */
  function noConnectionLeft(): Trouble {
    const hogs: Connection[] = [];
    return {
      async begin() {
        // Those that the store has lost free their places first.
        const others = "select id from information_schema.processlist where user = ?";
        await recovered(async () => assert.deepEqual(await sql(url, others, [ORDINARY]), []));
        await assert.rejects(
          async () => {
            for (;;) hogs.push(await createConnection(urlOf(service.port, ORDINARY)));
          },
          { errno: TOO_MANY_CONNECTIONS },
        );
        assert.ok(hogs.length > CONNECTIONS / 2);
      },
      async end() {
        for (const hog of hogs.splice(0)) await hog.end();
      },
    };
  }
});
