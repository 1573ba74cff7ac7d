// How the store speaks to the server: one statement at a time, each on a connection of the pool that it has to itself. No
// wait is without an end, and a connection on which anything went wrong is not used again.

import { ConfigurationError } from "../../core/errors.ts";
import { handedIn, ownPool, type PoolHolder } from "./pool.ts";

/** What is used of a pool of `mysql2/promise`. */
export interface MysqlPool {
  getConnection(): Promise<MysqlConnection>;
}

/** What is used of a pool of `mysql2`. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

/** One of a pool's connections, taken out. */
export interface MysqlConnection {
  execute(query: MysqlQuery, values: Value[]): Promise<readonly [answer: unknown, ...rest: unknown[]]>;
  release(): void;
  destroy(): void;
}

/** One statement, and how its answer is to be read. */
export interface MysqlQuery extends Habits {
  readonly sql: string;
}

/** What a pool may do otherwise by default. */
interface Habits {
  readonly rowsAsArray: true;
  readonly nestTables: false;
  readonly namedPlaceholders: false;
  /** Leaves each value as the driver reads it. Only a function takes the place of the pool's own. */
  typeCast(field: unknown, next: () => unknown): unknown;
}

const HABITS: Habits = {
  rowsAsArray: true,
  nestTables: false,
  namedPlaceholders: false,
  typeCast: (_field, next) => next(),
};

export type Value = string | number | boolean | Buffer | null;

/** A row's columns, in the order in which they were asked for. */
export type Row = readonly unknown[];

/**
 * Milliseconds after which a call fails by itself. Later than the manager's deadline, which learns more from a call that
 * does not answer; soon enough to have the connection back.
 */
const PATIENCE = 3_000;

const NO_SUCH_TABLE = 1146;
const DEADLOCK = 1213;
export const DUPLICATE_KEY = 1062;

/** The number of the server's error; `undefined` for any other. */
export function errorNumber(error: unknown): unknown {
  return error instanceof Error && "errno" in error ? error.errno : undefined;
}

export class Database {
  readonly #holder: PoolHolder;
  readonly #tables: readonly string[];
  readonly #underWay = new Set<Promise<unknown>>();
  #checked: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /** `tables` are the statements that create what is missing. Throws `ConfigurationError` for a URL that cannot be. */
  constructor(client: MysqlPool | MysqlCallbackPool | string, tables: readonly string[]) {
    this.#holder = typeof client === "string" ? ownPool(client) : handedIn(client);
    this.#tables = tables;
  }

  async rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.#run(sql, values)) as Row[];
  }

  /** How many rows it changed. */
  async change(sql: string, values: readonly Value[]): Promise<number> {
    return ((await this.#run(sql, values)) as { affectedRows: number }).affectedRows;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#holder.close());
    return this.#closing;
  }

  async #run(sql: string, values: readonly Value[]): Promise<unknown> {
    const answer = this.#ask(sql, values);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  async #ask(sql: string, values: readonly Value[]): Promise<unknown> {
    const pool = await this.#checkedPool();
    try {
      return await ask(pool, sql, values);
    } catch (error) {
      // Only after these two is it certain that nothing was done: the server says so.
      if (errorNumber(error) === NO_SUCH_TABLE) for (const table of this.#tables) await ask(pool, table, []);
      else if (errorNumber(error) !== DEADLOCK) throw error;
      return ask(pool, sql, values);
    }
  }

  /** The pool, whose settings were looked at once. */
  async #checkedPool(): Promise<MysqlPool> {
    if (this.#closing !== null) throw new Error("it is closed.");
    const pool = await this.#holder.open();
    this.#checked ??= checkSettings(pool).catch((error: unknown) => {
      this.#checked = null;
      throw error;
    });
    await this.#checked;
    return pool;
  }
}

/** The answer to one statement. It is prepared, so that no value is ever part of a text. */
async function ask(pool: MysqlPool, sql: string, values: readonly Value[]): Promise<unknown> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  let isLate = false;
  let connection: MysqlConnection | undefined;
  const timer = setTimeout(() => {
    isLate = true;
    connection?.destroy();
    reject(new Error(`no answer within ${PATIENCE} ms`));
  }, PATIENCE);
  const answer = async () => {
    connection = await pool.getConnection();
    try {
      if (isLate) return undefined;
      const [result] = await connection.execute({ sql, ...HABITS }, [...values]);
      return result;
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      connection.release();
    }
  };
  try {
    return await Promise.race([answer(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const SETTINGS =
  "select @@autocommit, @@sql_mode, @@character_set_client, @@character_set_connection, @@character_set_results";

async function checkSettings(pool: MysqlPool): Promise<void> {
  const [settings = []] = (await ask(pool, SETTINGS, [])) as Row[];
  const problem = problemWith(settings);
  if (problem !== null) throw new ConfigurationError(`The connections of the MySQL pool ${problem}.`);
}

/**
 * Where a server does not commit each statement by itself nothing would be kept; where it is not strict, or the connection
 * speaks another character set, it may store something else than it was given.
 */
function problemWith([autocommit, mode, ...characterSets]: Row): string | null {
  if (Number(autocommit) !== 1) return "do not commit by themselves: autocommit must be 1";
  if (!/STRICT_(?:ALL|TRANS)_TABLES/.test(String(mode))) {
    return "are not strict: sql_mode must have STRICT_TRANS_TABLES";
  }
  if (characterSets.some((name) => name !== "utf8mb4")) {
    return `speak ${characterSets.join(", ")}: charset must be utf8mb4`;
  }
  return null;
}
