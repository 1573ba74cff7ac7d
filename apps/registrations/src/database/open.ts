// Opens the database that a URL names, and brings its tables up to date. SQLite comes with Node.js, so one machine needs
// nothing installed; PostgreSQL serves several.

import { type Dialect, PostgresDialect } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { TellingKysely } from "./after-commit.ts";
import { migrations } from "./migrations.ts";
import type { Database } from "./schema.ts";
import { sqliteDialect } from "./sqlite.ts";

/**
 * Opens `sqlite:<path>` or `postgres://…` and runs the migrations that it lacks. Throws what the engine throws, and
 * `TypeError` for another kind of URL.
 */
export async function openDatabase(url: string): Promise<Database> {
  const database = new TellingKysely({ dialect: await dialectFor(url) });
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return database;
  await database.destroy();
  throw error;
}

async function dialectFor(url: string): Promise<Dialect> {
  if (url.startsWith("sqlite:")) return await sqliteDialect(url.slice("sqlite:".length));
  if (/^postgres(ql)?:/.test(url)) return new PostgresDialect({ pool: openPool(url) });
  throw new TypeError(`The database's URL must begin with sqlite: or postgres:. It was ${url}`);
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
