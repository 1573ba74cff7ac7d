// A session as an item: the whole record as JSON.

import { CorruptRecordError } from "../../core/errors.ts";
import { checkRecord, type SessionRecord } from "../../core/record.ts";
import type { SessionId } from "../../core/token.ts";
import type { Item } from "./items.ts";

/** Throws `CorruptRecordError` when the item is not a record of this id. */
export function recordIn({ text }: Item, id: SessionId): SessionRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CorruptRecordError("it is not JSON", { cause });
  }
  const record = checkRecord(value);
  if (record.id !== id) throw new CorruptRecordError("it belongs under another id");
  return record;
}

/** The same, with `null` for a damaged one. */
export function soundRecordIn(item: Item, id: SessionId): SessionRecord | null {
  try {
    return recordIn(item, id);
  } catch {
    return null;
  }
}
