// How one line stands in a session's log, and how a file is read back into lines. A line is written by a single `write`
// to a file opened for appending, so lines never mix; but a process killed in mid-write leaves a beginning of one. Such
// a torn line never happened, for every reader alike. Anything else that is not a line is damage, and is never passed
// over in silence: the length and the checksum in front of each line tell the two apart.

import { crc32 } from "node:zlib";
import { CorruptRecordError } from "../../core/errors.ts";

const NEWLINE = 10;
const SPACE = 32;
/** Eight hex digits of length, eight of checksum, a space. */
const HEADER = 17;

/** The line that carries this JSON text. It begins with a newline, so that a torn line before it spoils only itself. */
export function encodeLine(body: string): string {
  return `\n${hex(Buffer.byteLength(body))}${hex(crc32(body))} ${body}\n`;
}

export interface Lines {
  /** The JSON text of each whole line, in order. */
  readonly bodies: readonly string[];
  /** Whether the bytes end with a whole line, its newline included. */
  readonly clean: boolean;
}

/** Reads a file's bytes back into lines. Throws {@link CorruptRecordError} for what no writer leaves behind. */
export function decodeLines(bytes: Buffer): Lines {
  const bodies: string[] = [];
  let torn = false;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== NEWLINE) throw damaged(at);
    const start = at + 1;
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    if (isWhole(bytes, start, end)) {
      bodies.push(bytes.toString("utf8", start + HEADER, end));
      torn = false;
      // The newline belongs to this line, unless it was torn off and the next line begins right here.
      const own = end + 1 === bytes.length || bytes[end + 1] === NEWLINE;
      at = own ? end + 1 : end;
      if (end === bytes.length) torn = true;
    } else {
      // A lone newline is a line torn after its first byte. After another torn line it is rather the end of a line
      // that got a newline into its middle.
      if (end === start && torn) throw damaged(at);
      torn = true;
      at = end;
    }
  }
  return { bodies, clean: !torn };
}

/** Whether a line stands between two newlines; false for the beginning of one. */
function isWhole(bytes: Buffer, start: number, end: number): boolean {
  const digits = Math.min(end - start, HEADER - 1);
  for (let i = start; i < start + digits; i++) {
    if (!isHexDigit(bytes[i] as number)) throw damaged(i);
  }
  if (end - start < HEADER) return false;
  const body = start + HEADER;
  if (bytes[body - 1] !== SPACE) throw damaged(body - 1);
  const header = bytes.toString("latin1", start, body - 1);
  const sound = header.slice(8) === hex(crc32(bytes.subarray(body, end)));
  const missing = Number.parseInt(header.slice(0, 8), 16) - (end - body);
  if (sound && missing === 0) return true;
  if (sound || missing <= 0) throw damaged(start);
  return false;
}

function isHexDigit(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102);
}

function hex(number: number): string {
  return number.toString(16).padStart(8, "0");
}

function damaged(at: number): CorruptRecordError {
  return new CorruptRecordError(`its file is not as it was written, at byte ${at}`);
}
