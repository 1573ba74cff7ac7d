// Keeps sessions in MySQL or MariaDB, for any number of machines. Whatever changes a session is one statement, and each
// statement a transaction of its own. A sign-in and the end of a user are several: each writes, and then looks for what
// the other wrote, so that whatever the order, one of them finds it.

import { InvalidValueError } from "../core/errors.ts";
import {
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
  soundRecords,
} from "../core/record.ts";
import { MARK_LIFE, type SessionPage, type SessionStore, type Sweep } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import {
  Database,
  DUPLICATE_KEY,
  errorNumber,
  type MysqlCallbackPool,
  type MysqlConnection,
  type MysqlPool,
  type MysqlQuery,
} from "./mysql/database.ts";
import { patchForm, recordIn, storedForm, userKey } from "./mysql/row.ts";
import { DEFAULT_TABLE, namesOf, schema, tablesOf } from "./mysql/schema.ts";
import { type Statements, statementsFor } from "./mysql/statements.ts";

export type { MysqlCallbackPool, MysqlConnection, MysqlPool, MysqlQuery };
export { schema };

/** Which table. */
export interface MysqlStoreOptions {
  /** The table, `"vestiaire_sessions"` by default. Another is named after it, with `_marks` at the end. */
  readonly table?: string;
}

/**
 * A store in a MySQL database (8.0 or later) or a MariaDB one (10.6 or later): through a pool of `mysql2` or
 * `mysql2/promise`, or through one made for a URL, `mysql://USER:PASSWORD@HOST:PORT/DATABASE` or `mariadb://…`, whose
 * parameters are the options of `mysql2`. Only the last is closed by `close`. Tables that are not there are created.
 * Throws `ConfigurationError` for a URL or a table that cannot be; calls reject with it when `mysql2` is not installed, or
 * when the connections of a pool do not commit by themselves, are not strict, or do not speak utf8mb4.
 *
 * **What it promises.** What was acknowledged survives a crash of the server, unless its
 * `innodb_flush_log_at_trx_commit` is other than 1; and the loss of its machine, when that waits for a replica. A
 * fail-over to a replica that lags brings ended sessions back. It must reach the primary, for reading too.
 *
 * **Time-outs.** Each call is given up after 3 seconds and its connection with it. What took too long may still have been
 * done; nothing is sent twice, except once what the server rolled back because of a deadlock. A pool that is handed in
 * should have a `connectTimeout` and an `innodb_lock_wait_timeout` that short.
 *
 * The server's `max_allowed_packet` (16 MB by default in MariaDB, 64 MB in MySQL) must be above what a session may have.
 * There is no watching.
 */
export function mysqlStore(
  poolOrUrl: MysqlPool | MysqlCallbackPool | string,
  options: MysqlStoreOptions = {},
): SessionStore {
  const names = namesOf(options.table ?? DEFAULT_TABLE);
  return new MysqlStore(new Database(poolOrUrl, tablesOf(names)), statementsFor(names));
}

const PAGE = 100;

class MysqlStore implements SessionStore {
  readonly #database: Database;
  readonly #sql: Statements;

  constructor(database: Database, statements: Statements) {
    this.#database = database;
    this.#sql = statements;
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const [row] = await this.#database.rows(this.#sql.find, [id]);
    if (row === undefined) return null;
    const record = recordIn(row);
    return isLive(record, now) ? record : null;
  }

  async create(record: SessionRecord): Promise<"created" | "taken" | "ended"> {
    const { id, userId, createdAt } = record;
    try {
      await this.#database.change(this.#sql.create, storedForm(record));
    } catch (error) {
      if (errorNumber(error) === DUPLICATE_KEY) return "taken";
      throw error;
    }
    if (userId === null) return "created";
    // Not before: the user's end may fall between. Whoever ends the user writes the mark and then looks for the record.
    const marks = await this.#database.rows(this.#sql.isMarked, [userKey(userId), createdAt, id]);
    if (marks.length === 0) return "created";
    await this.#database.change(this.#sql.delete, [id]);
    return "ended";
  }

  async patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    const patched = await this.#database.change(this.#sql.patch, patchForm(id, patch, now, when));
    if (patched === 1) return "done";
    if (when.revision === undefined && when.secretHash === undefined) return "gone";
    // Either answer is true of this later moment, and nothing was written.
    const [row] = await this.#database.rows(this.#sql.find, [id]);
    const record = row === undefined ? null : soundRecord(() => recordIn(row));
    // One that meets the condition now was not live then: somebody whose clock is behind has extended it.
    return record !== null && isLive(record, now) && !meets(record, when) ? "conflict" : "gone";
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    for (;;) {
      const [row] = await this.#database.rows(this.#sql.findWithWrites, [id]);
      if (row === undefined) return null;
      const writes = String(row.at(-1));
      const deleted = await this.#database.change(this.#sql.deleteAsWritten, [id, writes]);
      if (deleted === 1) return soundRecord(() => recordIn(row));
      // Somebody was faster: the record has changed, or is gone.
    }
  }

  async findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    const rows = await this.#database.rows(this.#sql.ofUser, [userKey(userId), now]);
    const records = soundRecords(rows, recordIn);
    return records.filter((record) => record.userId === userId);
  }

  async deleteByUser(
    userId: string,
    now: number,
    { except = "" }: { except?: SessionId } = {},
  ): Promise<SessionId[]> {
    const user = userKey(userId);
    // Committed before the sessions are looked for: a sign-in that is not among them finds the mark.
    await this.#database.change(this.#sql.mark, [user, except, now, now]);
    const rows = await this.#database.rows(this.#sql.idsOfUser, [user, except]);
    const ids = rows.map(([id]) => String(id));
    // One by one, because MySQL does not tell which of several rows it removed, and others may end some of them now.
    const removed = await Promise.all(ids.map((id) => this.#database.change(this.#sql.delete, [id])));
    return ids.filter((_, place) => removed[place] === 1);
  }

  async list(now: number, cursor = "", limit = PAGE): Promise<SessionPage> {
    if (cursor !== "" && !isSessionId(cursor)) {
      throw new InvalidValueError("cursor", "did not come from `list`");
    }
    const rows = await this.#database.rows(this.#sql.page, [cursor, now, String(limit)]);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { records: soundRecords(rows, recordIn), cursor: last === undefined ? null : String(last[0]) };
  }

  async sweep(now: number, limit: number): Promise<Sweep> {
    await this.#database.change(this.#sql.pruneMarks, [now - MARK_LIFE, String(limit)]);
    const removed = await this.#database.change(this.#sql.sweep, [now, String(limit)]);
    const more = removed === limit && (await this.#database.rows(this.#sql.anyExpired, [now])).length > 0;
    return { removed, more };
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
