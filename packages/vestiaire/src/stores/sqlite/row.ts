// A session as a row: the whole record as JSON, what the engine must find it by, and a checksum. Damage anywhere in it
// is noticed when it is read; a record that differs from the one that was written is never answered.

import { crc32 } from "node:zlib";
import { CorruptRecordError } from "../../core/errors.ts";
import { checkRecord, parseStored, type SessionRecord } from "../../core/record.ts";
import type { Row } from "./statements.ts";

export interface Stored {
  readonly checksum: number;
  readonly text: string;
}

export function storedForm(record: SessionRecord): Stored {
  const text = JSON.stringify(record);
  return { checksum: crc32(text), text };
}

/** How the database names a user. JSON text is injective, and holds neither NUL nor lone surrogates. */
export function userKey(userId: string): string {
  return JSON.stringify(userId);
}

/**
 * The record in a row of `STORED`. Throws `CorruptRecordError` when it is not the one that was written there. The columns
 * for the user and the expiry only lead to it: whoever came by one of them compares what the record says.
 */
export function recordIn([id, checksum, text]: Row): SessionRecord {
  if (typeof text !== "string" || crc32(text) !== checksum) {
    throw new CorruptRecordError("its checksum does not match");
  }
  const record = checkRecord(parseStored(text));
  if (record.id !== id) throw new CorruptRecordError("it belongs under another id");
  return record;
}
