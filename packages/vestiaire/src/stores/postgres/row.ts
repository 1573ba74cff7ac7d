// A session as a row. Keys and values are JSON text, so they hold neither NUL nor lone surrogates; inside `jsonb` they are
// strings like any others, which PostgreSQL compares and never parses. All else has a column of its own.

import { checkRecord, type Patch, parseStored, type SessionRecord } from "../../core/record.ts";
import type { Row, Value } from "./database.ts";

/** What leads back to a record, in the order in which {@link recordIn} reads it. */
export const STORED =
  "id, user_id, revision, secret_hash, previous_hash, previous_until, retired_hash, persistent, created_at, last_seen_at, expires_at, ends_at, data::text";

/** The values of these columns. */
export function storedForm(record: SessionRecord): Value[] {
  const { current, previous, retired } = record.secretHashes;
  return [
    record.id,
    record.userId === null ? null : userKey(record.userId),
    record.revision,
    current,
    previous?.hash ?? null,
    previous?.until ?? null,
    retired,
    record.persistent,
    record.createdAt,
    record.lastSeenAt,
    record.expiresAt,
    record.endsAt,
    JSON.stringify(record.data),
  ];
}

/** What a patch changes, in the order of the statements that apply it. `null` leaves a column as it is. */
export function patchForm({ clear, set, unset, secretHashes, expiresAt, lastSeenAt }: Patch): Value[] {
  return [
    clear === true || set !== undefined || unset !== undefined,
    clear === true,
    JSON.stringify(unset ?? []),
    JSON.stringify(set ?? {}),
    secretHashes?.current ?? null,
    secretHashes?.previous?.hash ?? null,
    secretHashes?.previous?.until ?? null,
    secretHashes?.retired ?? null,
    expiresAt ?? null,
    lastSeenAt ?? null,
  ];
}

/** How the database names a user: as JSON does, since `text` refuses NUL. Different users never get one name. */
export function userKey(userId: string): string {
  return JSON.stringify(userId).slice(1, -1);
}

/** The record in a row of {@link STORED}. Throws `CorruptRecordError` when there is none in it. */
export function recordIn(row: Row): SessionRecord {
  const [id, user, revision, current, previous, until, retired, persistent] = row;
  const [createdAt, lastSeenAt, expiresAt, endsAt, data] = row.slice(8);
  return checkRecord({
    id,
    revision: Number(revision),
    userId: user === null ? null : parseStored(`"${user}"`),
    secretHashes: {
      current,
      previous: previous === null ? null : { hash: previous, until: Number(until ?? Number.NaN) },
      retired,
    },
    persistent,
    createdAt: Number(createdAt),
    lastSeenAt: Number(lastSeenAt),
    expiresAt: Number(expiresAt),
    endsAt: Number(endsAt),
    data: parseStored(data),
  });
}
