// The sessions' logs on the disk. Every change is one line appended to the file that a session's path leads to, and the
// fold of that file says whether it counted. A log that has grown long is copied into a new file, sealed, and replaced;
// any process may stop for ever between two of these steps, and any other finishes them or goes on without.

import { closeSync, constants, linkSync, openSync, readdirSync, renameSync, statSync } from "node:fs";
import { CorruptRecordError } from "../../core/errors.ts";
import type { SessionRecord } from "../../core/record.ts";
import type { SessionId } from "../../core/token.ts";
import type { Durability } from "./durability.ts";
import { discard, isCode, isFull, makeFolder } from "./files.ts";
import {
  type ChangeLine,
  type EndLine,
  type FenceLine,
  judge,
  type LogState,
  type PatchLine,
} from "./fold.ts";
import { type Appended, isSame, KnownLogs } from "./known.ts";
import type { Layout } from "./layout.ts";
import { makeLogFile, writeLine } from "./log-file.ts";
import { newNonce } from "./nonce.ts";

const READ = constants.O_RDONLY;
// Never O_CREAT: changing a session must not make one.
const APPEND = constants.O_RDWR | constants.O_APPEND;

/** Compaction begins at this many bytes. */
const COMPACT_AT = 8192;

export type Change = Omit<PatchLine, "nonce"> | Omit<EndLine, "nonce"> | Omit<FenceLine, "nonce">;

export class SessionLog {
  readonly #layout: Layout;
  readonly #durability: Durability;
  readonly #compactAt: number;
  readonly #judge: typeof judge;
  readonly #known: KnownLogs;

  constructor(layout: Layout, durability: Durability, compactAt = COMPACT_AT, judgeOwn = judge) {
    this.#layout = layout;
    this.#durability = durability;
    this.#compactAt = compactAt;
    this.#judge = judgeOwn;
    this.#known = new KnownLogs(judgeOwn);
  }

  /**
   * What the log amounts to; `null` when there is none. Throws {@link CorruptRecordError}. As long as nothing changed,
   * the same record is answered as the same object.
   */
  state(id: SessionId): LogState | null {
    const known = this.#known.get(id);
    if (known !== undefined) {
      const stats = statSync(this.#layout.session(id), { throwIfNoEntry: false });
      if (stats !== undefined && isSame(known, stats)) return known.state;
    }
    const file = this.#open(id, READ);
    if (file === null) return null;
    try {
      return this.#known.read(file, id);
    } finally {
      closeSync(file);
    }
  }

  /** Makes the log. False when there is one of this id, ended or not. */
  create(record: SessionRecord, now: number): boolean {
    for (;;) {
      const name = newName(now);
      const path = this.#temporary(record.id, name);
      const file = makeLogFile(path, { record, version: 0, nonce: name });
      let made = false;
      try {
        linkSync(path, this.#layout.session(record.id));
        made = true;
        this.#durability.changed(this.#layout.shard(record.id));
        return true;
      } catch (error) {
        if (isCode(error, "EEXIST")) return false;
        if (!isCode(error, "ENOENT")) throw error;
        // The folder has had no session yet; or this process slept so long that its file was swept as a left-over.
        this.#layout.assertThere(record.id);
        makeFolder(this.#layout.shard(record.id));
        this.#durability.changed(this.#layout.sessions);
      } finally {
        if (made) this.#durability.written(file);
        else closeSync(file);
        leave(path);
      }
    }
  }

  /** Appends a change, in whichever file the log goes on; `null` when there is none. Throws {@link CorruptRecordError}. */
  append(id: SessionId, change: Change): Appended | null {
    let missing: string | null = null;
    for (;;) {
      const appended = this.#attempt(id, { ...change, nonce: newNonce() });
      if (appended?.verdict !== "sealed") return appended;
      const next = appended.before.next as string;
      if (next === missing) throw new CorruptRecordError("the file in which it goes on is gone");
      missing = this.#follow(id, next) ? null : next;
    }
  }

  /** Copies what counts into a new file if the log has grown long. The log is good without it: no failure is reported. */
  compact(id: SessionId, now: number): void {
    const known = this.#known.get(id);
    if (known === undefined || known.state.ended || known.state.next !== null) return;
    if (known.size <= Math.max(this.#compactAt, 2 * known.snapshotSize)) return;
    const { record, version } = known.state;
    const name = newName(now);
    const path = this.#temporary(id, name);
    try {
      const file = makeLogFile(path, { record, version, nonce: name });
      try {
        // Before the seal can be on the disk.
        this.#durability.barrier(file, this.#layout.temporary);
      } finally {
        closeSync(file);
      }
      const sealed = this.#attempt(id, { seal: version, nonce: name });
      if (sealed?.verdict === "counts") this.#follow(id, name);
      else discard(path);
    } catch {
      // Whether the seal is there is for the next one to see who writes to the log, or sweeps the temporary files.
    }
  }

  /**
   * Ends the session, with `ifExpiredAt` only if it has expired by then, and removes its file; `null` when there is none.
   * Throws {@link CorruptRecordError}.
   */
  end(id: SessionId, ifExpiredAt?: number): Appended | null {
    const line = { end: true, ...(ifExpiredAt !== undefined && { ifExpiredAt }) } as const;
    try {
      const appended = this.append(id, line);
      if (appended !== null && appended.verdict !== "conflict") this.#remove(id);
      return appended;
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.#endWithoutLine(id, line);
    }
  }

  /** Removes a log that no line ends: it is damaged, or there is no room. */
  erase(id: SessionId): void {
    this.#remove(id);
    do {
      // Who sleeps in mid-compaction would put its copy in this place. It made that before it opened the log, so once the
      // log is gone, every copy that can come back is seen here.
      for (const name of readdirSync(this.#layout.temporary)) {
        if (name.startsWith(`${id}~`)) discard(`${this.#layout.temporary}/${name}`);
      }
    } while (this.#remove(id));
  }

  /** Forgets what was read. */
  forget(): void {
    this.#known.forgetAll();
  }

  /**
   * Ending makes room, so it must not need any. The log is taken away, and then read: a change is in it, or finds it gone.
   * Only one that is stopped between opening the log and writing to it may be acknowledged and not be answered here.
   */
  #endWithoutLine(id: SessionId, line: Omit<EndLine, "nonce">): Appended | null {
    const seen = this.state(id);
    if (seen === null) return null;
    const verdictOn = (state: LogState) => this.#judge({ ...state, next: null }, { ...line, nonce: "" });
    if (verdictOn(seen) === "conflict") return { verdict: "conflict", before: seen };
    // A sweep that collects it any sooner would take it from this.
    const taken = this.#temporary(id, newName(seen.record.expiresAt));
    try {
      renameSync(this.#layout.session(id), taken);
    } catch (error) {
      if (isCode(error, "ENOENT")) return null;
      throw error;
    }
    const file = openSync(taken, READ);
    try {
      const before = this.#known.read(file, id);
      return { verdict: verdictOn(before), before };
    } finally {
      closeSync(file);
      this.erase(id);
    }
  }

  #remove(id: SessionId): boolean {
    this.#known.forget(id);
    this.#durability.changed(this.#layout.shard(id));
    return discard(this.#layout.session(id));
  }

  #attempt(id: SessionId, line: ChangeLine): Appended | null {
    const file = this.#open(id, APPEND);
    if (file === null) return null;
    let appended: Appended;
    try {
      appended = this.#known.written(file, id, line, writeLine(file, line));
    } catch (error) {
      closeSync(file);
      throw error;
    }
    // What ends is removed next, and only that must be kept.
    if ("end" in line) closeSync(file);
    else this.#durability.written(file);
    return appended;
  }

  /** Puts the file in which a sealed log goes on in its place; false when somebody has done so. */
  #follow(id: SessionId, next: string): boolean {
    try {
      renameSync(this.#temporary(id, next), this.#layout.session(id));
    } catch (error) {
      if (isCode(error, "ENOENT")) return false;
      throw error;
    }
    this.#durability.changed(this.#layout.shard(id));
    return true;
  }

  #open(id: SessionId, flags: number): number | null {
    try {
      return openSync(this.#layout.session(id), flags);
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
      this.#known.forget(id);
      this.#layout.assertThere(id);
      return null;
    }
  }

  #temporary(id: SessionId, name: string): string {
    return `${this.#layout.temporary}/${id}~${name}`;
  }
}

/** Removes a temporary file that is done with. If that fails, a sweep does it. */
function leave(path: string): void {
  try {
    discard(path);
  } catch {}
}

function newName(now: number): string {
  return `${Math.floor(now)}~${newNonce()}`;
}
