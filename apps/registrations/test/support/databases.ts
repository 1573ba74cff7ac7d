// Runs a test on every engine that the application speaks: SQLite in a file of its own, and a database of its own in the
// PostgreSQL server at TEST_DATABASE_URL. Where there is no such server those tests are skipped, except in CI.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { openDatabase } from "../../src/database/open.ts";
import type { Database } from "../../src/database/schema.ts";

const SERVER = process.env.TEST_DATABASE_URL || "postgres://postgres@127.0.0.1:5432/postgres";

interface TestDatabase {
  readonly database: Database;
  /** Where it is, to open it once more as another process would. */
  readonly url: string;
}

const skip = await whyNoServer();

/** Registers the test once for each engine; each run has a new database, closed and removed afterwards. */
export function eachDatabase(
  name: string,
  run: (given: TestDatabase, t: TestContext) => Promise<void>,
): void {
  test(`${name} (SQLite)`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "registrations-"));
    t.after(() => rm(directory, { recursive: true }));
    await runAt(`sqlite:${join(directory, "test.db")}`, t, run);
  });
  onPostgres(name, run);
}

/** Registers the test for PostgreSQL alone. */
export function onPostgres(name: string, run: Parameters<typeof eachDatabase>[1]): void {
  test(`${name} (PostgreSQL)`, { skip }, async (t) => {
    const fresh = `registrations_${randomBytes(6).toString("hex")}`;
    await onServer(`create database ${fresh}`);
    t.after(() => onServer(`drop database ${fresh} with (force)`));
    const url = new URL(SERVER);
    url.pathname = fresh;
    await runAt(url.href, t, run);
  });
}

async function runAt(url: string, t: TestContext, run: Parameters<typeof eachDatabase>[1]): Promise<void> {
  const database = await openDatabase(url);
  try {
    await run({ database, url }, t);
  } finally {
    await database.destroy();
  }
}

async function whyNoServer(): Promise<string | false> {
  try {
    await onServer("select 1");
    return false;
  } catch (error) {
    if (process.env.CI === "true") throw error;
    return `no PostgreSQL at ${new URL(SERVER).host}; TEST_DATABASE_URL names another`;
  }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
