// What a session's log means. Folding its lines from the first to the last gives the record; whether a line counted
// follows from the lines before it alone. So every process that reads the same bytes comes to the same answer, and a
// writer learns from the fold, not from having written, whether its change happened.

import { CorruptRecordError } from "../../core/errors.ts";
import {
  applyPatch,
  checkRecord,
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
} from "../../core/record.ts";
import { decodeLines } from "./line.ts";

/** Stands first in each file. Its `nonce` is the name that the file had before it got the session's. */
export interface SnapshotLine {
  readonly record: SessionRecord;
  readonly version: number;
  readonly nonce: string;
}

/** Changes the record, if it is live at `now` and as `when` wants it. */
export interface PatchLine {
  readonly patch: Patch;
  readonly when?: PatchCondition;
  readonly now: number;
  readonly nonce: string;
}

/** Ends the session; with `ifExpiredAt` only if it has expired by then. */
export interface EndLine {
  readonly end: true;
  readonly ifExpiredAt?: number;
  readonly nonce: string;
}

/** Says that the session goes on in the file called `nonce`, if its version still is the one that was copied there. */
export interface SealLine {
  readonly seal: number;
  readonly nonce: string;
}

/** Changes nothing but the version, so that a seal made for an earlier one no longer counts. */
export interface FenceLine {
  readonly fence: true;
  readonly nonce: string;
}

/** A line after the first. No two lines of a log have the same `nonce`. */
export type ChangeLine = PatchLine | EndLine | SealLine | FenceLine;

/** What a log amounts to. */
export interface LogState {
  readonly record: SessionRecord;
  /** Counts the lines that counted, from the session's creation on, across its files. */
  readonly version: number;
  readonly ended: boolean;
  /** The file in which the session goes on, once this one is sealed. */
  readonly next: string | null;
}

/** `"sealed"`: ask again in the next file. `"gone"`: no live record. `"conflict"`: the line's condition did not hold. */
export type Verdict = "counts" | "sealed" | "gone" | "conflict";

/** Whether a line counts after the lines that led to `state`. */
export function judge({ record, version, ended, next }: LogState, line: ChangeLine): Verdict {
  if (next !== null) return "sealed";
  if (ended) return "gone";
  if ("patch" in line) {
    if (!isLive(record, line.now)) return "gone";
    return line.when === undefined || meets(record, line.when) ? "counts" : "conflict";
  }
  if ("end" in line) {
    return line.ifExpiredAt !== undefined && isLive(record, line.ifExpiredAt) ? "conflict" : "counts";
  }
  if ("seal" in line) return line.seal === version ? "counts" : "conflict";
  return "counts";
}

/** The state after a line that counts. */
export function advance(state: LogState, line: ChangeLine): LogState {
  if ("seal" in line) return { ...state, next: line.nonce };
  const version = state.version + 1;
  if ("patch" in line) return { ...state, version, record: applyPatch(state.record, line.patch) };
  return { ...state, version, ended: "end" in line };
}

export interface Fold {
  readonly state: LogState;
  /** The state in front of the line that was asked for; `null` when it is not there. */
  readonly before: LogState | null;
  /** The nonce with which the file ends; `null` when it ends with a torn line. */
  readonly last: string | null;
  /** How many bytes the first line's text takes. */
  readonly snapshotSize: number;
}

/** Folds a file. Throws {@link CorruptRecordError} when it is not the log of this session. */
export function fold(bytes: Buffer, id: string, nonce?: string): Fold {
  const { bodies, clean } = decodeLines(bytes);
  const [first, ...rest] = bodies;
  if (first === undefined) throw new CorruptRecordError("its file is empty");
  try {
    const snapshot: SnapshotLine = JSON.parse(first);
    let state: LogState = {
      record: recordOf(snapshot, id),
      version: snapshot.version,
      ended: false,
      next: null,
    };
    let before: LogState | null = null;
    let last = snapshot.nonce;
    for (const body of rest) {
      const line = changeOf(JSON.parse(body));
      last = line.nonce;
      if (last === nonce) before = state;
      if (judge(state, line) === "counts") state = advance(state, line);
    }
    if (rest.length > 0) checkRecord(state.record);
    return { state, before, last: clean ? last : null, snapshotSize: Buffer.byteLength(first) };
  } catch (error) {
    if (error instanceof CorruptRecordError) throw error;
    throw new CorruptRecordError("a line of its file has no meaning", { cause: error });
  }
}

function recordOf(snapshot: SnapshotLine, id: string): SessionRecord {
  const record = checkRecord(snapshot.record);
  if (record.id !== id) throw new CorruptRecordError("its file holds another session");
  if (!Number.isSafeInteger(snapshot.version)) throw new CorruptRecordError("its version");
  return record;
}

const KINDS = ["patch", "end", "seal", "fence"];

function changeOf(line: ChangeLine): ChangeLine {
  if (!KINDS.some((kind) => Object.hasOwn(line, kind)))
    throw new CorruptRecordError("a line of an unknown kind");
  return line;
}
