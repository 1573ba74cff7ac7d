// A session as a row. Keys and values are JSON text, so they hold neither NUL nor lone surrogates; inside the map they
// are strings like any others, and the map is never deeper than one level: MariaDB's JSON functions stop at 32.

import { hash } from "node:crypto";
import {
  checkRecord,
  type Patch,
  type PatchCondition,
  parseStored,
  type SessionRecord,
} from "../../core/record.ts";
import type { SessionId } from "../../core/token.ts";
import type { Row, Value } from "./database.ts";

/** What leads back to a record, in the order in which {@link recordIn} reads it. */
export const STORED =
  "id, user_id, revision, secret_hash, former_secrets, persistent, created_at, last_seen_at, expires_at, ends_at, data";

/** The values of these columns, and last the key of the user. */
export function storedForm(record: SessionRecord): Value[] {
  const { current, ...former } = record.secretHashes;
  return [
    record.id,
    record.userId === null ? null : JSON.stringify(record.userId),
    record.revision,
    current,
    JSON.stringify(former),
    record.persistent,
    record.createdAt,
    record.lastSeenAt,
    record.expiresAt,
    record.endsAt,
    JSON.stringify(record.data),
    record.userId === null ? null : userKey(record.userId),
  ];
}

/** The values of the statement that patches, in its order. `null` leaves a column as it is, and asks nothing of it. */
export function patchForm(
  id: SessionId,
  { clear, set, unset, secretHashes, ...times }: Patch,
  now: number,
  when: PatchCondition,
): Value[] {
  const { current, ...former } = secretHashes ?? {};
  const changesData = clear === true || set !== undefined || unset !== undefined;
  const removed = Object.fromEntries((unset ?? []).map((key) => [key, null]));
  return [
    changesData,
    clear === true,
    JSON.stringify({ ...removed, ...set }),
    changesData,
    current ?? null,
    secretHashes === undefined ? null : JSON.stringify(former),
    times.expiresAt ?? 0,
    times.lastSeenAt ?? 0,
    id,
    now,
    when.revision ?? null,
    when.secretHash ?? null,
  ];
}

/** How the tables name a user: 32 bytes, whatever the length of the name. JSON keeps lone surrogates apart. */
export function userKey(userId: string): Buffer {
  return hash("sha256", JSON.stringify(userId), "buffer");
}

/** The record in a row of {@link STORED}. Throws `CorruptRecordError` when there is none in it. */
export function recordIn(row: Row): SessionRecord {
  const [id, user, revision, current, former, persistent, ...rest] = row;
  const [createdAt, lastSeenAt, expiresAt, endsAt, data] = rest;
  return checkRecord({
    id: String(id),
    revision: Number(revision),
    userId: user === null ? null : parseStored(user),
    secretHashes: { ...(parseStored(former) as object), current: String(current) },
    persistent: Boolean(persistent),
    createdAt,
    lastSeenAt,
    expiresAt,
    endsAt,
    data: parseStored(data),
  });
}
