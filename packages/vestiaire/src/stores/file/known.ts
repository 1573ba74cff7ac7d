// What this process remembers of a log, and how it tells that the file still is what it was. A stale answer here would be
// a lost update, so an inode's number is not trusted where it could be a coincidence.

import type { Stats } from "node:fs";
import type { LogState } from "./fold.ts";
import { endsWith } from "./log-file.ts";

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
export function endsAs(file: number, { last, size }: Known): boolean {
  return last !== null && endsWith(file, last, size);
}
