// Where the connections come from: a pool that was handed in, or one of our own for a URL.

import { ConfigurationError } from "../../core/errors.ts";
import type { MysqlCallbackPool, MysqlPool } from "./database.ts";

/** A pool, and who may close it. */
export interface PoolHolder {
  open(): Promise<MysqlPool>;
  close(): Promise<void>;
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 3_000;

// A lock is held for one statement. Who waits for longer waits for somebody else's transaction. In seconds.
const SETTINGS = "set autocommit = 1, sql_mode = 'STRICT_ALL_TABLES', innodb_lock_wait_timeout = 1";

export function handedIn(pool: MysqlPool | MysqlCallbackPool): PoolHolder {
  const promising = "promise" in pool ? pool.promise() : pool;
  return { open: async () => promising, close: async () => {} };
}

/**
 * A pool that is made when first used, so that `mysql2` is needed by nobody else. Throws `ConfigurationError` for a URL
 * that cannot be.
 */
export function ownPool(url: string): PoolHolder {
  const { protocol, hostname, pathname = "" } = URL.parse(url) ?? {};
  if ((protocol !== "mysql:" && protocol !== "mariadb:") || !hostname || !/^\/[^/]+$/.test(pathname)) {
    // Without the URL: it may hold a password.
    throw new ConfigurationError("The URL is not mysql://USER:PASSWORD@HOST:PORT/DATABASE (or mariadb://…).");
  }
  let pool: ReturnType<typeof makePool> | null = null;
  return {
    open() {
      pool ??= makePool(url);
      return pool;
    },
    async close() {
      // What failed to open is not open, and neither is a connection that fails while it says goodbye.
      await pool?.then((made) => made.end()).catch(() => {});
    },
  };
}

async function makePool(uri: string) {
  const { createPool } = await import("mysql2").catch((cause: unknown) => {
    throw new ConfigurationError("mysqlStore needs the package mysql2: npm install mysql2", { cause });
  });
  const pool = createPool({ uri, connectTimeout: CONNECT_TIMEOUT, charset: "utf8mb4", trace: false });
  pool.on("connection", (connection) => {
    // It comes before the first statement. A connection that refuses is of no use.
    connection.query(SETTINGS, (error) => {
      if (error !== null) connection.destroy();
    });
  });
  return pool.promise();
}
