// Opens the database that a URL names, and brings its tables up to date. SQLite comes with Node.js, so one machine needs
// nothing installed; PostgreSQL serves several.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, PostgresDialect, type SqliteDatabase, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { migrations } from "./migrations.ts";
import type { Database, Schema } from "./schema.ts";

/**
 * Opens `sqlite:<path>` or `postgres://…` and runs the migrations that it lacks. Throws what the engine throws, and
 * `TypeError` for another kind of URL.
 */
export async function openDatabase(url: string): Promise<Database> {
  const database = new Kysely<Schema>({ dialect: dialectFor(url) });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return database;
  await database.destroy();
  throw error;
}

function dialectFor(url: string): SqliteDialect | PostgresDialect {
  if (url.startsWith("sqlite:"))
    return new SqliteDialect({ database: openSqlite(url.slice("sqlite:".length)) });
  if (/^postgres(ql)?:/.test(url)) return new PostgresDialect({ pool: openPool(url) });
  throw new TypeError(`The database's URL must begin with sqlite: or postgres:. It was ${url}`);
}

/** `node:sqlite` as Kysely wants it. The one missing piece is to know beforehand whether a statement answers rows. */
function openSqlite(path: string): SqliteDatabase {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 2_000 });
  database.exec("pragma journal_mode = wal; pragma foreign_keys = on");
  return {
    close: () => database.close(),
    prepare: (text) => {
      const statement = database.prepare(text);
      const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 5_000,
    // Instants are bigint; they are far from where a number loses exactness.
    types: {
      getTypeParser: (type, format) =>
        type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format as "text"),
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  return pool;
}

/** Whether the error says that the database cannot be reached or is overloaded, rather than that a query was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // SQLite: BUSY, LOCKED, IOERR, FULL, CANTOPEN; the upper bits refine.
  if (typeof errcode === "number") return [5, 6, 10, 13, 14].includes(errcode & 0xff);
  // PostgreSQL: connection exceptions, lack of resources, shutdown and time-out; Node.js: sockets.
  if (typeof code === "string")
    return /^(?:08|53|57P|57014|25006|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_)/.test(code);
  return /timeout exceeded when trying to connect|Connection terminated/.test(error.message);
}
