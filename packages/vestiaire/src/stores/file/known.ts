// What this process remembers of the logs, and how it tells that a file still is what it was. A stale answer here would
// be a lost update, so an inode's number is not trusted where it could be a coincidence.

import { fstatSync, type Stats } from "node:fs";
import { Cache } from "../../core/cache.ts";
import { CorruptRecordError } from "../../core/errors.ts";
import type { SessionId } from "../../core/token.ts";
import {
  advance,
  type ChangeLine,
  type Fold,
  fold,
  type judge,
  type LogState,
  type Verdict,
} from "./fold.ts";
import { endsWith, readAll } from "./log-file.ts";

/**
 * An inode's number is given again soon after its file is gone, but its successor is born later. File times are only as
 * fine as the kernel's tick, so this is certain only for a file that was older than this (ms) when it was last held open.
 */
const TICK = 50;

/** What this process knows of a file. */
export interface Known {
  readonly state: LogState;
  readonly size: number;
  readonly inode: number;
  /** When the inode was made (ms); 0 where the file system does not tell. */
  readonly bornAt: number;
  /** When this process last held the file open (ms). */
  readonly heldAt: number;
  /** The nonce at its end. Found there again, the file is this one, and what stands in front of it is the same. */
  readonly last: string | null;
  readonly snapshotSize: number;
}

/** Whether the file with these stats is the one that is known, and has grown by `written` bytes since: a log only grows. */
export function isSame(
  known: Pick<Known, "size" | "inode" | "bornAt" | "heldAt">,
  stats: Pick<Stats, "size" | "ino" | "birthtimeMs">,
  written = 0,
): boolean {
  return (
    stats.size === known.size + written &&
    stats.ino === known.inode &&
    stats.birthtimeMs === known.bornAt &&
    known.bornAt > 0 &&
    known.heldAt - known.bornAt > TICK
  );
}

/** The same of an open file, by looking into it, for when {@link isSame} cannot tell. */
function endsAs(file: number, { last, size }: Known): boolean {
  return last !== null && endsWith(file, last, size);
}

export interface Appended {
  readonly verdict: Verdict;
  /** What the log amounted to in front of the line. */
  readonly before: LogState;
}

/** The logs that were read or written last. */
export class KnownLogs {
  readonly #judge: typeof judge;
  readonly #known = new Cache<Known>();

  constructor(judgeOwn: typeof judge) {
    this.#judge = judgeOwn;
  }

  get(id: SessionId): Known | undefined {
    return this.#known.get(id);
  }

  forget(id: SessionId): void {
    this.#known.delete(id);
  }

  forgetAll(): void {
    this.#known.clear();
  }

  /** What an open log amounts to. Throws {@link CorruptRecordError}. */
  read(file: number, id: SessionId): LogState {
    const known = this.#known.get(id);
    if (known === undefined) return this.#fold(file, id).state;
    const stats = fstatSync(file);
    if (stats.size !== known.size || !endsAs(file, known)) return this.#fold(file, id).state;
    this.#remember(id, stats, known);
    return known.state;
  }

  /** What became of a line that was just written to an open log. Throws {@link CorruptRecordError}. */
  written(file: number, id: SessionId, line: ChangeLine, bytes: number): Appended {
    return this.#fromKnown(file, id, line, bytes) ?? this.#readBack(file, id, line);
  }

  /** `null` if something else was written since this process last looked. */
  #fromKnown(file: number, id: SessionId, line: ChangeLine, bytes: number): Appended | null {
    const known = this.#known.get(id);
    if (known === undefined) return null;
    const stats = fstatSync(file);
    if (stats.size !== known.size + bytes) return null;
    if (!isSame(known, stats, bytes) && !endsAs(file, known)) return null;
    const before = known.state;
    const verdict = this.#judge(before, line);
    const state = verdict === "counts" ? advance(before, line) : before;
    this.#remember(id, stats, {
      state,
      size: stats.size,
      last: line.nonce,
      snapshotSize: known.snapshotSize,
    });
    return { verdict, before };
  }

  #readBack(file: number, id: SessionId, line: ChangeLine): Appended {
    const { before } = this.#fold(file, id, line.nonce);
    if (before === null) throw new CorruptRecordError("a line that was written to its file is gone");
    return { verdict: this.#judge(before, line), before };
  }

  #fold(file: number, id: SessionId, nonce?: string): Fold {
    const stats = fstatSync(file);
    this.#known.delete(id);
    const bytes = readAll(file, stats.size);
    const folded = fold(bytes, id, nonce);
    this.#remember(id, stats, { ...folded, size: bytes.length });
    return folded;
  }

  /** Of a file that is open. */
  #remember(
    id: SessionId,
    { ino: inode, birthtimeMs: bornAt }: Stats,
    { state, size, last, snapshotSize }: Pick<Known, "state" | "size" | "last" | "snapshotSize">,
  ): void {
    this.#known.set(id, { state, size, inode, bornAt, heldAt: Date.now(), last, snapshotSize });
  }
}
