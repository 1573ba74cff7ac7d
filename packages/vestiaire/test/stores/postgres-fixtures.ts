// A corner of a PostgreSQL database for the tests of its store: a schema of its own, gone with the tests.

import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import pg from "pg";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { somePostgres, sql } from "../services/postgres.ts";

export interface Corner {
  readonly url: string;
  /** The name of a table that is not there. */
  newTable(): string;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

/** Called at the top of a suite: it goes when the suite is over. */
export async function corner(): Promise<Corner> {
  const { url, stop } = await somePostgres();
  const name = `vestiaire_${crypto.randomUUID().slice(0, 8)}`;
  await sql(url, `create schema ${name}`);
  after(async () => {
    await sql(url, `drop schema ${name} cascade`);
    await stop();
  });
  const pool = somePool(url);
  let tables = 0;
  return {
    url,
    newTable: () => `${name}.t${++tables}`,
    sql: async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
  };
}

/** A pool that goes with the suite. It does not wait for the disk: nothing crashes here. */
export function somePool(url: string, options: pg.PoolConfig = {}): pg.Pool {
  const quick = { connectionString: url, max: 5, options: "-c synchronous_commit=off" };
  const pool = new pg.Pool({ ...quick, ...options });
  after(() => pool.end());
  return pool;
}

/** Until so many of the server's sessions wait for somebody's lock to do what is said here. */
export async function untilBlocked(sql: Corner["sql"], text: string, waiters = 1): Promise<void> {
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and position($1 in query) > 0";
  await recovered(async () => assert.equal((await sql(waiting, [text])).length, waiters));
}

/** Does this in a transaction that stays open until `commit`, or until the test is over. */
export async function inTransaction(
  t: TestContext,
  url: string,
  text: string,
): Promise<{ commit(): Promise<void> }> {
  const client = new pg.Client(url);
  t.after(() => client.end());
  await client.connect();
  await client.query(`begin; ${text}`);
  return {
    async commit() {
      await client.query("commit");
    },
  };
}
