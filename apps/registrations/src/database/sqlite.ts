// SQLite for Kysely, through `node:sqlite`. That is synchronous, so waiting for another process's lock inside SQLite would
// put this whole process to sleep: SQLite's time-out is off, and only the query that was locked out waits and tries again.
// A transaction takes the lock when it begins; nothing in it can be locked out.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/** Milliseconds. */
const PATIENCE = 2_000;
const LONGEST_PAUSE = 25;

const SQLITE_BUSY = 5;

/** Opens the database at this path, or makes one. Throws what SQLite throws. */
export async function sqliteDialect(path: string): Promise<Dialect> {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  await whenUnlocked(() => database.exec("pragma journal_mode = wal; pragma foreign_keys = on"));
  return {
    createDriver: () => new SqliteDriver(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new Adapter(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
  };
}

/** Kysely would give out the database to one after the other, and who waits for a lock would keep it from all others. */
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** One database for all: a turn at it is one statement or one transaction, and never waits for another process. */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  #lastTurn: Promise<void> = Promise.resolve();
  /** Who is in a transaction, and how their turn ends. */
  #transaction: { readonly owner: DatabaseConnection; readonly end: () => void } | null = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection: DatabaseConnection = {
      executeQuery: <Row>(query: CompiledQuery) => this.#execute<Row>(connection, query),
      streamQuery: () => {
        throw new Error("Nothing is read as a stream.");
      },
    };
    return connection;
  }

  beginTransaction(owner: DatabaseConnection): Promise<void> {
    return whenUnlocked(async () => {
      const end = await this.#turn();
      try {
        this.#database.exec("begin immediate");
        this.#transaction = { owner, end };
      } catch (error) {
        end();
        throw error;
      }
    });
  }

  async commitTransaction(): Promise<void> {
    this.#database.exec("commit");
  }

  async rollbackTransaction(): Promise<void> {
    // When its disk is full, SQLite has done so by itself.
    if (this.#database.isTransaction) this.#database.exec("rollback");
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (this.#transaction?.owner !== connection) return;
    const { end } = this.#transaction;
    this.#transaction = null;
    end();
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }

  async #execute<Row>(connection: DatabaseConnection, query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#transaction?.owner === connection) return this.#run<Row>(query);
    return await whenUnlocked(async () => {
      const end = await this.#turn();
      try {
        return this.#run<Row>(query);
      } finally {
        end();
      }
    });
  }

  #run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const statement = this.#database.prepare(sql);
    const values = parameters as readonly SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  /** Waits for whoever came before; the answer ends the turn. */
  async #turn(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#lastTurn;
    this.#lastTurn = promise;
    await before;
    return resolve;
  }
}

/** Attempts, and again after short pauses of random length, as long as another process is in the way: for two seconds. */
async function whenUnlocked<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  // The upper bits say which kind of busy it was.
  return (error.errcode & 0xff) === SQLITE_BUSY;
}
