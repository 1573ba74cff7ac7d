// Keeps sessions in one SQLite file, which several processes of one machine may share. Every call is one statement or
// one short transaction without an `await` in it, so it answers at once; only when another process holds the lock does
// it answer with a promise. A record is a row whose JSON this process reads and writes: SQLite compares, and parses
// nothing.

import { type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { Cache } from "../core/cache.ts";
import {
  ConfigurationError,
  CorruptRecordError,
  InvalidValueError,
  SessionError,
  StoreError,
} from "../core/errors.ts";
import {
  applyPatch,
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
  soundRecords,
} from "../core/record.ts";
import { type Awaitable, MARK_LIFE, type SessionPage, type SessionStore, type Sweep } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import { isLocked, whenUnlocked } from "./sqlite/lock.ts";
import { type Durability, openDatabase, type SessionDatabase } from "./sqlite/open.ts";
import { recordIn, storedForm, userKey } from "./sqlite/row.ts";
import type { Row, Statements } from "./sqlite/statements.ts";
import { inTransaction } from "./sqlite/transaction.ts";

/** How the database is written. */
export interface SqliteStoreOptions {
  /**
   * What an acknowledged change survives: `"process"` (the default) the death of the process at any instant, `"power"`
   * also that of the machine, at the price of one disk flush for each change.
   */
  readonly durability?: Durability;
}

/**
 * A store in the SQLite file at `path`, made with mode 0600 when it is not there; its folder must be. Throws
 * `ConfigurationError` when the file cannot be opened, or holds anything but sessions of this library. A call that is
 * locked out by another process waits up to 1.5 seconds without stopping this one, then throws `StoreError`.
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SessionStore {
  if (path === "" || path === ":memory:") {
    throw new ConfigurationError(`"${path}" is not the path of a file. In memory, use memoryStore().`);
  }
  const file = resolve(path);
  return new SqliteStore(file, openDatabase(file, options.durability ?? "process"));
}

const PAGE = 100;
const LOOK_EVERY = 250;
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555;

/** A row as it was read or written last. */
interface Known {
  readonly record: SessionRecord;
  readonly text: string;
  readonly size: number;
}

class SqliteStore implements SessionStore {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  /** The records that rows were last seen to hold. A row whose text is the same holds the same. */
  readonly #known = new Cache<Known>();
  readonly #waiting = new Set<Promise<unknown>>();
  readonly #watchers = new Set<(ids: readonly SessionId[]) => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #file: Stats;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(path: string, { db, statements }: SessionDatabase) {
    this.#path = path;
    this.#file = statSync(path);
    this.#db = db;
    this.#statements = statements;
  }

  find(id: SessionId, now: number): Awaitable<SessionRecord | null> {
    return this.#do("find", () => {
      const row = this.#statements.find.first(id);
      if (row === undefined) return null;
      const { record } = this.#parse(row);
      return isLive(record, now) ? record : null;
    });
  }

  create(record: SessionRecord): Awaitable<"created" | "taken" | "ended"> {
    const { id, userId, expiresAt, createdAt } = record;
    const { checksum, text } = storedForm(record);
    const user = userId === null ? null : userKey(userId);
    return this.#change("create", () => {
      try {
        const made = this.#statements.create.run(id, user, expiresAt, checksum, text, user, createdAt, id);
        return made === 1 ? "created" : "ended";
      } catch (error) {
        if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_CONSTRAINT_PRIMARYKEY) {
          return "taken";
        }
        throw error;
      }
    });
  }

  patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Awaitable<"done" | "gone" | "conflict"> {
    return this.#change("patch", () => {
      const known = this.#known.get(id);
      if (known !== undefined && isLive(known.record, now) && meets(known.record, when)) {
        if (this.#replace(known, applyPatch(known.record, patch))) return "done";
      }
      for (;;) {
        const row = this.#read(id);
        if (row === null || !isLive(row.record, now)) return "gone";
        if (!meets(row.record, when)) return "conflict";
        if (this.#replace(row, applyPatch(row.record, patch))) return "done";
        // Another process was faster: what it wrote decides anew.
      }
    });
  }

  delete(id: SessionId): Awaitable<SessionRecord | null> {
    return this.#change("delete", () => {
      // `first` would answer before the change is committed, and hide that it could not be.
      const [row] = this.#statements.delete.all(id);
      if (row === undefined) return null;
      this.#tell([id]);
      return soundRecord(() => recordIn(row));
    });
  }

  findByUser(userId: string, now: number): Awaitable<SessionRecord[]> {
    return this.#do("find the sessions of a user", () => {
      const records = soundRecords(this.#statements.ofUser.all(userKey(userId)), recordIn);
      return records.filter((record) => record.userId === userId && isLive(record, now));
    });
  }

  deleteByUser(userId: string, now: number, options: { except?: SessionId } = {}): Awaitable<SessionId[]> {
    const user = userKey(userId);
    const except = options.except ?? "";
    return this.#change("end the sessions of a user", () => {
      const rows = inTransaction(this.#db, "immediate", () => {
        this.#statements.mark.run(user, except, now);
        return this.#statements.deleteOfUser.all(user, except);
      });
      return this.#tell(rows.map(([id]) => String(id)));
    });
  }

  list(now: number, cursor = "", limit = PAGE): Awaitable<SessionPage> {
    return this.#do("list", () => {
      if (cursor !== "" && !isSessionId(cursor)) {
        throw new InvalidValueError("cursor", "did not come from `list`");
      }
      const rows = this.#statements.page.all(cursor, now, limit);
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { records: soundRecords(rows, recordIn), cursor: last === undefined ? null : String(last[0]) };
    });
  }

  sweep(now: number, limit: number): Awaitable<Sweep> {
    return this.#change("sweep", () => {
      const { rows, more } = inTransaction(this.#db, "immediate", () => {
        this.#statements.pruneMarks.run(now - MARK_LIFE);
        const rows = this.#statements.deleteExpired.all(now, limit);
        return { rows, more: rows.length === limit && this.#statements.anyExpired.first(now) !== undefined };
      });
      return { removed: this.#tell(rows.map(([id]) => String(id))).length, more };
    });
  }

  watch(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void, onGap: () => void): () => void {
    const tell = (ids: readonly SessionId[]) => {
      for (const id of ids) if (watched.has(id)) onEnded(id);
    };
    let seen = this.#version();
    const timer = setInterval(() => {
      if (watched.size === 0) return;
      const version = this.#version();
      // What cannot be read may have changed.
      if (version === seen && version !== null) return;
      seen = version;
      onGap();
    }, LOOK_EVERY);
    timer.unref();
    this.#watchers.add(tell);
    this.#timers.add(timer);
    return () => {
      clearInterval(timer);
      this.#watchers.delete(tell);
      this.#timers.delete(timer);
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.allSettled(this.#waiting);
    this.#db.close();
  }

  /** Counts what other connections change; `null` when that cannot be read now. */
  #version(): unknown {
    try {
      return this.#statements.version.first()?.[0] ?? null;
    } catch {
      return null;
    }
  }

  /** The row of a session; `null` when there is none, or a damaged one. */
  #read(id: SessionId): Known | null {
    const row = this.#statements.find.first(id);
    try {
      return row === undefined ? null : this.#parse(row);
    } catch (error) {
      if (error instanceof CorruptRecordError) return null;
      throw error;
    }
  }

  #parse(row: Row): Known {
    const [id, , text] = row;
    const known = this.#known.get(String(id));
    if (known !== undefined && known.text === text) return known;
    return this.#remember(recordIn(row), String(text));
  }

  #remember(record: SessionRecord, text: string): Known {
    const known = { record, text, size: text.length };
    this.#known.set(record.id, known);
    return known;
  }

  /** Writes `next` where the row is as it was read, and tells whether it was. */
  #replace({ record, text: before }: Known, next: SessionRecord): boolean {
    const { id, expiresAt } = next;
    const { checksum, text } = storedForm(next);
    // An index is rewritten whenever its column is set, even to the same.
    const changed =
      expiresAt === record.expiresAt
        ? this.#statements.replace.run(checksum, text, id, before)
        : this.#statements.replaceAndMove.run(expiresAt, checksum, text, id, before);
    if (changed === 1) this.#remember(next, text);
    return changed === 1;
  }

  #tell(ids: SessionId[]): SessionId[] {
    for (const tell of this.#watchers) tell(ids);
    return ids;
  }

  /** Acknowledges nothing that only a file knows which nobody will open again. */
  #change<T>(operation: string, attempt: () => T): Awaitable<T> {
    return this.#do(operation, () => {
      const answer = attempt();
      this.#assertThere();
      return answer;
    });
  }

  #assertThere(): void {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    if (stats?.ino === this.#file.ino && stats.dev === this.#file.dev) return;
    throw new Error("the file was removed or replaced; restart to go on with what is there now");
  }

  #do<T>(operation: string, attempt: () => T): Awaitable<T> {
    try {
      const now = performance.now();
      if (now - this.#lookedAt >= LOOK_EVERY) {
        this.#assertThere();
        this.#lookedAt = now;
      }
      return attempt();
    } catch (error) {
      if (!isLocked(error)) throw this.#failure(operation, error);
      return this.#later(operation, attempt);
    }
  }

  async #later<T>(operation: string, attempt: () => T): Promise<T> {
    const answer = whenUnlocked(attempt);
    this.#waiting.add(answer);
    try {
      return await answer;
    } catch (error) {
      throw this.#failure(operation, error);
    } finally {
      this.#waiting.delete(answer);
    }
  }

  #failure(operation: string, error: unknown): Error {
    if (error instanceof SessionError) return error;
    const problem = error instanceof Error ? error.message : String(error);
    return new StoreError("STORE_FAILED", operation, `${problem} (${this.#path})`, { cause: error });
  }
}
