// When to look at which session: a list for each period of ten minutes, of the sessions that were to expire in it. A
// session stands in one list. Visits move its expiry without telling; the sweep finds it alive and lists it anew.

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { isSessionId, type SessionId } from "../../core/token.ts";
import type { Durability } from "./durability.ts";
import { discard, FILE_MODE, isCode, writtenInPart } from "./files.ts";
import type { Layout } from "./layout.ts";
import { newNonce } from "./nonce.ts";

const PERIOD = 600_000;

/** How long after its end (ms) a period's list is taken, and after which the taker of something is taken for dead. */
export const GRACE = 60_000;

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

export interface DueEntry {
  readonly id: SessionId;
  /** The user's hash. It stays known when the record is gone, so that the user index can be mended. */
  readonly user: string | null;
}

export class DueIndex {
  readonly #layout: Layout;
  readonly #durability: Durability;

  constructor(layout: Layout, durability: Durability) {
    this.#layout = layout;
    this.#durability = durability;
  }

  /** Lists a session before `work` makes it, and sees to it that a sweep which begins afterwards comes across it. */
  list<Answer>(entry: DueEntry, expiresAt: number, work: () => Answer): Answer {
    const path = `${this.#layout.due}/${Math.floor(expiresAt / PERIOD)}`;
    // Held open all the while, so that no other file can get its inode.
    let file = this.#append(path, entry);
    try {
      const answer = work();
      while (fstatSync(file).ino !== statSync(path, { throwIfNoEntry: false })?.ino) {
        const taken = file;
        file = this.#append(path, entry);
        closeSync(taken);
      }
      return answer;
    } finally {
      this.#durability.written(file);
      this.#durability.changed(this.#layout.due);
    }
  }

  /** Takes the next list that is due, for this process alone; `null` when there is none. */
  take(now: number): DueList | null {
    for (const name of readdirSync(this.#layout.due)) {
      if (!isDue(name, now)) continue;
      const [period] = name.split("~");
      const path = `${this.#layout.due}/${period}~${Math.floor(now)}~${newNonce()}`;
      try {
        renameSync(`${this.#layout.due}/${name}`, path);
        return new DueList(path);
      } catch (error) {
        // Another process took it.
        if (!isCode(error, "ENOENT")) throw error;
      }
    }
    return null;
  }

  /** Whether `take` would find a list. */
  waits(now: number): boolean {
    return readdirSync(this.#layout.due).some((name) => isDue(name, now));
  }

  #append(path: string, { id, user }: DueEntry): number {
    const text = `\n${id} ${user ?? "-"}\n`;
    const file = openSync(path, APPEND, FILE_MODE);
    try {
      if (writeSync(file, text) < text.length) throw writtenInPart();
      return file;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }
}

/** A list is named after its period; once taken, also after when it was, and by whom. */
function isDue(name: string, now: number): boolean {
  const [period, takenAt] = name.split("~");
  if (takenAt !== undefined) return Number(takenAt) + GRACE <= now;
  return (Number(period) + 1) * PERIOD + GRACE <= now;
}

const CHUNK = 64 * 1024;
const LONGEST = 2 * (1 + 32 + 1 + 64 + 1);

/** A list that was taken, read piece by piece. */
export class DueList {
  readonly #path: string;
  #offset = 0;
  #retained = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** The next entries, at most `limit`; none at the end, or when another process took this one for dead. */
  next(limit: number): DueEntry[] {
    const entries: DueEntry[] = [];
    const text = this.#text(Math.min(CHUNK, (limit + 1) * LONGEST));
    let start = 0;
    while (entries.length < limit) {
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      const [id = "", user = ""] = text.slice(start, end).split(" ");
      // Anything else is between two lines, or a torn one: its session was never made.
      if (isSessionId(id) && user !== "") entries.push({ id, user: user === "-" ? null : user });
      start = end + 1;
    }
    this.#offset += start;
    return entries;
  }

  /** Something that it names could not be seen to: all of it is to be looked at again, which does no harm. */
  retain(): void {
    this.#retained = true;
  }

  /** Removes the list after its last entry, unless it is retained. */
  finish(): void {
    if (!this.#retained) discard(this.#path);
  }

  #text(size: number): string {
    let file: number;
    try {
      file = openSync(this.#path, constants.O_RDONLY);
    } catch (error) {
      if (isCode(error, "ENOENT")) return "";
      throw error;
    }
    try {
      const buffer = Buffer.allocUnsafe(size);
      return buffer.toString("latin1", 0, readSync(file, buffer, 0, size, this.#offset));
    } finally {
      closeSync(file);
    }
  }
}
