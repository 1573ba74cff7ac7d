// The few things that the store asks of a database, in words that are no driver's. The drivers are told apart by their
// shape, so that neither package is needed to use the other.

import { ConfigurationError } from "../../core/errors.ts";
import { ownPool, type PgPool, throughPg } from "./pg.ts";
import { type PostgresJs, throughPostgresJs } from "./postgres-js.ts";
import type { Statement } from "./statements.ts";

export type Value = string | number | boolean | null;

/** A row's columns, in the order in which they were asked for. `bigint` may come as text or as a number. */
export type Row = readonly unknown[];

export interface Database {
  query(statement: Statement, values: readonly Value[]): Promise<readonly Row[]>;
  /** Several statements, of which all count or none. */
  run(script: string): Promise<unknown>;
  /**
   * Hears what is notified on the channel until the answer is called. `onGap`: something may have been missed, as
   * before the database listens, and whenever the connection was lost.
   */
  listen(channel: string, onMessage: (message: string) => void, onGap: () => void): () => void;
  /** Closes what was opened here. Calls under way finish. */
  close(): Promise<void>;
}

/** Throws `ConfigurationError` for what is neither a client nor the URL of a database. */
export function databaseOf(client: PgPool | PostgresJs | string, prepare: boolean): Database {
  if (typeof client === "string") {
    if (!/^postgres(?:ql)?:\/\//.test(client)) {
      throw new ConfigurationError("The URL of a PostgreSQL database begins with postgres://");
    }
    return throughPg(ownPool(client), prepare);
  }
  if (typeof client === "function" && "unsafe" in client && "listen" in client) {
    return throughPostgresJs(client, prepare);
  }
  if ("query" in client && "connect" in client) {
    return throughPg({ open: async () => client, close: async () => {} }, prepare);
  }
  throw new ConfigurationError("The client must be a Pool of pg, what postgres() answers, or a URL.");
}
