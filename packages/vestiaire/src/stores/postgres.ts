// Keeps sessions in PostgreSQL, for any number of machines. Every call is one statement, a transaction of its own, that
// leaves nothing behind in its connection. Only a sign-in and the end of a user are two: each writes, and then looks for
// what the other wrote, so that whatever the order, one of them finds it.

import { InvalidValueError } from "../core/errors.ts";
import {
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
  soundRecords,
} from "../core/record.ts";
import { MARK_LIFE, type SessionPage, type SessionStore, type Sweep } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import { type Database, databaseOf, type Row, type Value } from "./postgres/database.ts";
import { Feed } from "./postgres/feed.ts";
import type { PgPool } from "./postgres/pg.ts";
import type { PostgresJs } from "./postgres/postgres-js.ts";
import { patchForm, recordIn, storedForm, userKey } from "./postgres/row.ts";
import { createTables, DEFAULT_TABLE, namesOf, schema, type TableNames } from "./postgres/schema.ts";
import { type Statement, type Statements, statementsFor } from "./postgres/statements.ts";

export type { PgPool, PostgresJs };
export { schema };

/** Which table, and what is asked of the server. */
export interface PostgresStoreOptions {
  /** The table, `"vestiaire_sessions"` by default, or with its schema: `"app.sessions"`. Another is named after it. */
  readonly table?: string;
  /**
   * Whether patches tell of themselves, for `cached` on other machines. Off by default, because PostgreSQL commits the
   * transactions that tell one after the other: with it, patches of a second are as many as its disk can flush in turn.
   * Endings always tell.
   */
  readonly notify?: boolean;
  /**
   * Whether statements are prepared once on each connection, which halves their time. On by default. Off for a PgBouncer
   * in transaction mode that does not know prepared statements (before 1.21, or with `max_prepared_statements = 0`).
   */
  readonly prepare?: boolean;
}

/**
 * A store in a PostgreSQL database, 12 or later: through a `Pool` of the package `pg`, through what the package
 * `postgres` answers, or through a pool of `pg` made for a `postgres://` URL. Only the last is closed by `close`. Tables
 * that are not there are created at the first call. Throws `ConfigurationError` for what is none of these, and for a name
 * that no table can have.
 *
 * **What it promises.** What was acknowledged survives a crash of the server, unless its `synchronous_commit` is `off`;
 * and the loss of its machine, when that waits for a replica. A fail-over to a replica that lags brings ended sessions
 * back. It must reach the primary, at the isolation level that is PostgreSQL's default, read committed.
 *
 * **Time-outs.** A pool made for a URL has 10 connections and gives up each wait after 3 seconds. One that is handed in
 * should have `connectionTimeoutMillis`, `query_timeout` and `statement_timeout`, and a listener for `error`. What took
 * too long may still have been done; nothing is sent twice. Whoever listens (`watch`, `invalidations`) takes one of the
 * pool's connections for all of them.
 *
 * **PgBouncer** in transaction mode will do, with two exceptions. It refuses the `statement_timeout` of a URL's pool
 * unless its `ignore_startup_parameters` names it; and whoever listens hears nothing through it.
 */
export function postgresStore(
  client: PgPool | PostgresJs | string,
  options: PostgresStoreOptions = {},
): SessionStore {
  const { table = DEFAULT_TABLE, notify = false, prepare = true } = options;
  return new PostgresStore(databaseOf(client, prepare), table, notify);
}

const PAGE = 100;

class PostgresStore implements SessionStore {
  readonly #database: Database;
  readonly #table: string;
  readonly #names: TableNames;
  readonly #statements: Statements;
  readonly #feed: Feed;
  /** There only where patches are told. */
  readonly invalidations?: NonNullable<SessionStore["invalidations"]>;
  #tables: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(database: Database, table: string, notify: boolean) {
    this.#database = database;
    this.#table = table;
    this.#names = namesOf(table);
    this.#statements = statementsFor(this.#names, notify);
    this.#feed = new Feed(database, this.#names.channel);
    if (notify) {
      this.invalidations = (onChanged, onGap) =>
        this.#feed.join({ onEnded: onChanged, onPatched: onChanged, onGap });
    }
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const [row] = await this.#query(this.#statements.find, [id, now]);
    return row === undefined ? null : recordIn(row);
  }

  async create(record: SessionRecord): Promise<"created" | "taken" | "ended"> {
    const { id, userId, createdAt } = record;
    const created = await this.#query(this.#statements.create, storedForm(record));
    if (created.length === 0) return "taken";
    if (userId === null) return "created";
    // Not in the statement before: its snapshot may be older than the mark of an end that does not see the record yet.
    const marked = await this.#query(this.#statements.endIfMarked, [id, userKey(userId), createdAt]);
    return marked.length === 0 ? "created" : "ended";
  }

  async patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    const { revision = null, secretHash = null } = when;
    const values = [id, now, ...patchForm(patch)];
    if (revision === null && secretHash === null) {
      const patched = await this.#query(this.#statements.patch, values);
      return patched.length === 0 ? "gone" : "done";
    }
    const [found] = await this.#query(this.#statements.patchWhen, [...values, revision, secretHash]);
    if (found === undefined) return "gone";
    return found[0] === true ? "done" : "conflict";
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    const [row] = await this.#query(this.#statements.delete, [id]);
    return row === undefined ? null : soundRecord(() => recordIn(row));
  }

  async findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    return soundRecords(await this.#query(this.#statements.ofUser, [userKey(userId), now]), recordIn);
  }

  async deleteByUser(
    userId: string,
    now: number,
    { except = "" }: { except?: SessionId } = {},
  ): Promise<SessionId[]> {
    const user = userKey(userId);
    // Committed before the sessions are looked for: a sign-in that is not among them finds the mark.
    await this.#query(this.#statements.mark, [user, except, now]);
    const ended = await this.#query(this.#statements.deleteOfUser, [user, except]);
    return ended.map(([id]) => String(id));
  }

  async list(now: number, cursor = "", limit = PAGE): Promise<SessionPage> {
    if (cursor !== "" && !isSessionId(cursor)) {
      throw new InvalidValueError("cursor", "did not come from `list`");
    }
    const rows = await this.#query(this.#statements.page, [cursor, now, limit]);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { records: soundRecords(rows, recordIn), cursor: last === undefined ? null : String(last[0]) };
  }

  async sweep(now: number, limit: number): Promise<Sweep> {
    const [counts = []] = await this.#query(this.#statements.sweep, [now, limit, now - MARK_LIFE]);
    const [due, removed] = counts.map(Number);
    return { removed: removed ?? 0, more: due === limit };
  }

  watch(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void, onGap: () => void): () => void {
    return this.#feed.join({
      onEnded: (id) => {
        if (watched.has(id)) onEnded(id);
      },
      onGap,
    });
  }

  close(): Promise<void> {
    this.#feed.close();
    this.#closing ??= this.#database.close();
    return this.#closing;
  }

  async #query(statement: Statement, values: readonly Value[]): Promise<readonly Row[]> {
    await this.#withTables();
    return this.#database.query(statement, values);
  }

  /** Resolves once the tables are there. Tries again after a failure. */
  #withTables(): Promise<void> {
    this.#tables ??= createTables(this.#database, this.#table).catch((error: unknown) => {
      this.#tables = null;
      throw error;
    });
    return this.#tables;
  }
}
