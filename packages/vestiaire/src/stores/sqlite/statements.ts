// Everything that the SQLite store ever says to SQLite, prepared once.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** A row's columns, in the order in which they were asked for. */
export type Row = readonly unknown[];

/** A prepared statement. */
export interface Statement {
  /** The first row. The rest of the statement may not be done yet: not for changes. */
  first(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** How many rows it changed. */
  run(...values: SQLInputValue[]): number;
}

function prepare(db: DatabaseSync, sql: string): Statement {
  const statement = db.prepare(sql);
  let row: (answer: unknown) => Row = (answer) => Object.values(answer as object);
  // Cheaper, from Node 22.16 on.
  if (typeof statement.setReturnArrays === "function") {
    statement.setReturnArrays(true);
    row = (answer) => answer as unknown[];
  }
  return {
    first(...values) {
      const answer = statement.get(...values);
      return answer === undefined ? undefined : row(answer);
    },
    all: (...values) => statement.all(...values).map(row),
    run: (...values) => Number(statement.run(...values).changes),
  };
}

/** What leads back to a record. */
const STORED = "id, checksum, record";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: DatabaseSync) {
  return {
    find: prepare(db, `SELECT ${STORED} FROM sessions WHERE id = ?`),
    // One statement, so that no mark can come between the look and the write.
    create: prepare(
      db,
      `INSERT INTO sessions (id, user_id, expires_at, checksum, record) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS
         (SELECT 1 FROM marks WHERE user_id = ? AND at >= ? AND except_id <> ?)`,
    ),
    replace: prepare(db, "UPDATE sessions SET checksum = ?, record = ? WHERE id = ? AND record = ?"),
    replaceAndMove: prepare(
      db,
      "UPDATE sessions SET expires_at = ?, checksum = ?, record = ? WHERE id = ? AND record = ?",
    ),
    delete: prepare(db, `DELETE FROM sessions WHERE id = ? RETURNING ${STORED}`),
    ofUser: prepare(db, `SELECT ${STORED} FROM sessions WHERE user_id = ?`),
    deleteOfUser: prepare(db, "DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING id"),
    mark: prepare(
      db,
      `INSERT INTO marks (user_id, except_id, at) VALUES (?, ?, ?)
         ON CONFLICT (user_id, except_id) DO UPDATE SET at = max(at, excluded.at)`,
    ),
    pruneMarks: prepare(db, "DELETE FROM marks WHERE at < ?"),
    // A damaged id would make a cursor that leads nowhere.
    page: prepare(
      db,
      `SELECT ${STORED} FROM sessions WHERE id > ? AND expires_at > ?
         AND length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*' ORDER BY id LIMIT ?`,
    ),
    deleteExpired: prepare(
      db,
      `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ?) RETURNING id`,
    ),
    anyExpired: prepare(db, "SELECT 1 FROM sessions WHERE expires_at <= ? LIMIT 1"),
    version: prepare(db, "PRAGMA data_version"),
  };
}
