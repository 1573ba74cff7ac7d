// Where everything lies under the store's directory, and whether a directory may be one at all:
//
//   format                          says what this directory is; whoever finds it missing knows that all is gone
//   sessions/<first two hex>/<id>   a session's log, one path for life
//   temporary/<id>~<time>~<nonce>   a log on its way to that path
//   users/<hash>/<id>               which sessions a user has; empty files
//   due/<period>                    which sessions to look at when that period is over
//   marks/<period>/<hash>           that all sessions of a user were ended, and when

import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigurationError, SessionError, StoreError } from "../../core/errors.ts";
import type { SessionId } from "../../core/token.ts";
import { type Durability, processDurability } from "./durability.ts";
import { discard, FILE_MODE, FOLDER_MODE, isCode } from "./files.ts";
import { newNonce } from "./nonce.ts";

const FORMAT = "Vestiaire: server-side sessions, one file each. Version 1.\n";

const FOLDERS = ["sessions", "temporary", "users", "due", "marks"] as const;

export class Layout {
  readonly directory: string;
  readonly sessions: string;
  readonly temporary: string;
  readonly users: string;
  readonly due: string;
  readonly marks: string;
  readonly #format: string;

  /** Makes the directory if there is none. Throws `ConfigurationError` with the reason when it cannot serve. */
  constructor(directory: string, durability: Durability = processDurability) {
    this.directory = resolve(directory);
    this.#format = join(this.directory, "format");
    this.sessions = join(this.directory, "sessions");
    this.temporary = join(this.directory, "temporary");
    this.users = join(this.directory, "users");
    this.due = join(this.directory, "due");
    this.marks = join(this.directory, "marks");
    try {
      this.#prepare(durability);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ConfigurationError(`Sessions cannot be kept in ${this.directory}: ${explain(error)}`, {
        cause: error,
      });
    }
  }

  shard(id: SessionId): string {
    return `${this.sessions}/${id.slice(0, 2)}`;
  }

  session(id: SessionId): string {
    return `${this.sessions}/${id.slice(0, 2)}/${id}`;
  }

  /** Throws if something, a session's file for example, may be missing because everything is. */
  assertThere(id?: SessionId): void {
    if (!existsSync(this.#format)) throw new Error(this.#gone());
    if (id === undefined) return;
    // A folder that has had no session yet is not there either.
    const folder = [this.shard(id), this.sessions].find((path) => existsSync(path)) ?? this.sessions;
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error(`${folder} is no longer a folder; restore it, or start over with an empty directory.`);
    }
  }

  /** What the caller gets to see of an error. */
  failure(operation: string, error: unknown): unknown {
    if (error instanceof SessionError) return error;
    const reason = existsSync(this.#format) ? explain(error, this.directory) : this.#gone();
    return new StoreError("STORE_FAILED", operation, reason, { cause: error });
  }

  #gone(): string {
    return `the directory ${this.directory} is gone; restore it, or restart to begin with an empty one.`;
  }

  #prepare(durability: Durability): void {
    const made = mkdirSync(this.directory, { recursive: true, mode: FOLDER_MODE });
    const { type } = statfsSync(this.directory);
    const remote = process.platform === "linux" ? remoteFileSystem(type) : null;
    if (remote !== null) {
      throw new ConfigurationError(
        `${this.directory} is on ${remote}, where two processes that append to one file overwrite each other. Choose a local disk, or another store.`,
      );
    }
    this.#claim();
    for (const folder of FOLDERS)
      mkdirSync(join(this.directory, folder), { recursive: true, mode: FOLDER_MODE });
    this.#probe();
    durability.keep(this.#format);
    durability.keep(this.directory);
    // A new folder is kept by the one in which it stands.
    for (let path = this.directory; made !== undefined && path.length >= made.length; ) {
      path = dirname(path);
      durability.keep(path);
    }
  }

  /** Sees to it that the directory carries our format file, unless it is somebody else's. */
  #claim(): void {
    if (!existsSync(this.#format)) {
      const names = readdirSync(this.directory);
      const foreign = names.find((name) => !name.startsWith("format"));
      if (foreign !== undefined && !existsSync(this.#format)) {
        throw new ConfigurationError(
          `${this.directory} is not a directory of sessions, and not empty (there is "${foreign}" in it). Choose an empty one.`,
        );
      }
      // Linked when it is complete, since another process may be starting right now.
      const draft = `${this.#format}~${newNonce()}`;
      writeFileSync(draft, FORMAT, { mode: FILE_MODE, flag: "wx" });
      try {
        linkSync(draft, this.#format);
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
      } finally {
        unlinkSync(draft);
      }
    }
    if (readFileSync(this.#format, "utf8") !== FORMAT) {
      throw new ConfigurationError(`${this.#format} is of another program or another version of this one.`);
    }
  }

  /** Fails where nothing can be written. A sweep takes the file for a left-over, which it may be. */
  #probe(): void {
    const path = join(this.temporary, `probe~0~${newNonce()}`);
    writeFileSync(path, "", { mode: FILE_MODE, flag: "wx" });
    discard(path);
  }
}

const REMOTE = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x65735546, "FUSE"],
]);

/** The name of a file system whose appends are not atomic, by the number that Linux gives it; otherwise `null`. */
export function remoteFileSystem(type: number): string | null {
  return REMOTE.get(type >>> 0) ?? null;
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "this process has no right to it; give the directory to the user that runs it.",
  EPERM: "this process has no right to it; give the directory to the user that runs it.",
  EDQUOT: "the quota is used up; raise it, or free space.",
  EMFILE: "this process has too many files open; raise its limit (ulimit -n).",
  ENFILE: "the system has too many files open.",
  ENOSPC: "the disk is full; free space (or inodes).",
  ENOTDIR: "there is a file where a folder should be.",
  EEXIST: "there is a file where a folder should be.",
  EISDIR: "there is a folder where a file should be.",
  EROFS: "it is mounted read-only; mount it for writing.",
};

/** Says what failed, where, and what to do. Errors of an open file do not name their path. */
function explain(error: unknown, where?: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const advice = code === undefined ? undefined : ADVICE[code];
  const place = path ?? where;
  if (advice === undefined)
    return path !== undefined || place === undefined ? error.message : `${place}: ${error.message}`;
  return place === undefined ? advice : `${place}: ${advice}`;
}
