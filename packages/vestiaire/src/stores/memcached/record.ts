// A session as an item: the whole record as JSON.

import { CorruptRecordError } from "../../core/errors.ts";
import { checkRecord, parseStored, type SessionRecord } from "../../core/record.ts";
import type { SessionId } from "../../core/token.ts";
import type { Item } from "./items.ts";

/** `null` where there is no item. Throws `CorruptRecordError` when it is not a record of this id. */
export function recordIn(item: Item | null, id: SessionId): SessionRecord | null {
  if (item === null) return null;
  const record = checkRecord(parseStored(item.text));
  if (record.id !== id) throw new CorruptRecordError("it belongs under another id");
  return record;
}
