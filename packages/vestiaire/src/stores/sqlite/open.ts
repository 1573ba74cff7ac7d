// Opens a session database, or makes one: whose file it is, who may read it, and how SQLite is to treat it. Whatever is
// wrong with the file is said here, when the program starts.

import { accessSync, closeSync, constants, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { ConfigurationError } from "../../core/errors.ts";
import { isLocked } from "./lock.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import { inTransaction } from "./transaction.ts";

/** What survives: `"process"` the death of the process, `"power"` that of the machine as well. */
export type Durability = "process" | "power";

// "Vest". Says that the database is ours, before anything in it is touched.
const APPLICATION_ID = 0x56657374;
const SCHEMA_VERSION = 1;

// SQLite's own default is 2 MB: room for few sessions.
const CACHE_KB = 16_384;
// Four times SQLite's default, 16 MB: what several sessions changed in one page is then copied back once.
const CHECKPOINT_PAGES = 4_000;

// `user_id` is JSON text, as values are: a NUL or a lone surrogate in it compares exactly. The times are REAL because
// they may have fractions; the checksum because node:sqlite throws on an INTEGER beyond 2^53, and one damaged number
// would hide all the sessions that are read with it.
const SCHEMA = `
  CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT,
    expires_at REAL NOT NULL,
    checksum REAL NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessions_of_user ON sessions (user_id) WHERE user_id IS NOT NULL;
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);
  CREATE TABLE marks (
    user_id TEXT NOT NULL,
    except_id TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (user_id, except_id)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface SessionDatabase {
  readonly db: DatabaseSync;
  readonly statements: Statements;
}

/** Opens the database at this absolute path. Throws `ConfigurationError`, with the path and SQLite's own error. */
export function openDatabase(path: string, durability: Durability): SessionDatabase {
  let db: DatabaseSync | undefined;
  try {
    makePrivateFile(path);
    db = new DatabaseSync(path, { timeout: 0 });
    prepare(db, durability);
    return { db, statements: prepareStatements(db) };
  } catch (error) {
    db?.close();
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${path} cannot keep sessions: ${problem}`, { cause: error });
  }
}

/** Makes the file unless it is there; SQLite gives the files beside it (-wal, -shm) the same mode. */
function makePrivateFile(path: string): void {
  try {
    // Never opened when it is there already: closing it would drop this process's SQLite locks on it (POSIX).
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // SQLite would open it for reading, and fail at the first change.
    accessSync(path, constants.W_OK);
  }
}

function prepare(db: DatabaseSync, durability: Durability): void {
  patiently(() => inTransaction(db, "deferred", () => isOurs(db)));
  patiently(() => useWriteAheadLog(db));
  db.exec(`PRAGMA cache_size = -${CACHE_KB}`);
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.exec(`PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}`);
  patiently(() =>
    inTransaction(db, "immediate", () => {
      // Another process may have made it a moment ago.
      if (!isOurs(db)) db.exec(SCHEMA);
    }),
  );
}

/**
 * Whether the schema is there already; `false` for an empty database. Throws when it belongs to something else. Asks in a
 * transaction only: what another process makes between two of its questions would look like something else.
 */
function isOurs(db: DatabaseSync): boolean {
  const application = pragma(db, "application_id");
  const version = pragma(db, "user_version");
  if (application === APPLICATION_ID) {
    if (version === SCHEMA_VERSION) return true;
    throw new Error(`its schema has version ${version}, and this is made for version ${SCHEMA_VERSION}`);
  }
  const tables = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
  if (application !== 0 || version !== 0 || tables?.count !== 0) {
    throw new Error("it is a database of something else");
  }
  return false;
}

function useWriteAheadLog(db: DatabaseSync): void {
  const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
  if (mode !== "wal") throw new Error("its file system does not support SQLite's write-ahead log");
}

function pragma(db: DatabaseSync, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}

const OPENING = 5_000;
const PAUSE = 10;

/** Other processes may be opening the same file. Only here does this one stand still for them. */
function patiently(attempt: () => void): void {
  const deadline = performance.now() + OPENING;
  for (;;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}
