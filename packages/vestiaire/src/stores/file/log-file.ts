// A single log file, opened: how a line gets into it and how its bytes come out.

import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { discard, FILE_MODE, writtenInPart } from "./files.ts";
import type { ChangeLine, SnapshotLine } from "./fold.ts";
import { encodeLine } from "./line.ts";

const MAKE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;

/** Makes a file of one line, and answers it open. */
export function makeLogFile(path: string, snapshot: SnapshotLine): number {
  const file = openSync(path, MAKE, FILE_MODE);
  try {
    writeLine(file, snapshot);
    return file;
  } catch (error) {
    closeSync(file);
    discard(path);
    throw error;
  }
}

/** Writes a line in one piece, and answers its bytes. The nonce must be its last field: see {@link endsWith}. */
export function writeLine(file: number, line: SnapshotLine | ChangeLine): number {
  const text = encodeLine(JSON.stringify(line));
  const written = writeSync(file, text);
  if (written < Buffer.byteLength(text)) throw writtenInPart();
  return written;
}

// Everything here is synchronous, so one buffer serves all.
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Whether a line with this nonce ends at this offset of the file. */
export function endsWith(file: number, nonce: string, offset: number): boolean {
  const end = `${nonce}"}\n`;
  const got = readSync(file, buffer, 0, end.length, offset - end.length);
  return got === end.length && buffer.toString("latin1", 0, got) === end;
}

/** The file's bytes, of which there are at least `size`. They are good until the next call. */
export function readAll(file: number, size: number): Buffer {
  let bytes = size < buffer.length ? buffer : Buffer.allocUnsafe(size + 4096);
  let length = 0;
  for (;;) {
    length += readSync(file, bytes, length, bytes.length - length, length);
    if (length < bytes.length) return bytes.subarray(0, length);
    bytes = Buffer.concat([bytes, Buffer.allocUnsafe(length)]);
  }
}
