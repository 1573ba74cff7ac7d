// A session as an item of DynamoDB, and the items beside it. One table holds them all: a session under its own key, and
// under the key of its user an item that names it and one for each time that the user was ended.

import { hash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  checkRecord,
  type Data,
  parseStored,
  type SecretHashes,
  type SessionRecord,
} from "../../core/record.ts";
import { MARK_LIFE } from "../../core/store.ts";
import type { SessionId } from "../../core/token.ts";

export type Item = Record<string, AttributeValue>;

const SESSION = "session:";
const MARK = "mark:";
export const RECORD = "record";

/** Where a session is kept. */
export function recordKey(id: SessionId): Item {
  return { pk: { S: SESSION + id }, sk: { S: RECORD } };
}

/** Where the user's index says that the session is theirs. */
export function indexKey(userId: string, id: SessionId): Item {
  return { pk: { S: userKey(userId) }, sk: { S: SESSION + id } };
}

/** Begins the sort keys of a user's sessions and marks. */
export const INDEX_PREFIX = SESSION;
export const MARK_PREFIX = MARK;

/** The user's partition. A hash, because a key has at most 2,048 bytes. */
export function userKey(userId: string): string {
  return `user:${hash("sha256", userText(userId))}`;
}

/** A user id as text that holds no lone surrogates: UTF-8 has no room for them. */
export function userText(userId: string | null): string {
  return JSON.stringify(userId);
}

/** The session that an item of the index names. */
export function idIn(item: Item): SessionId {
  return item.sk?.S?.slice(SESSION.length) ?? "";
}

export function markItem(userId: string, now: number, except: SessionId | undefined): Item {
  return {
    pk: { S: userKey(userId) },
    sk: { S: MARK + (except ?? "") },
    at: number(now),
    ttl: ttl(now + MARK_LIFE),
  };
}

/** Whether a mark ends this new session. */
export function isEndedBy(mark: Item, { id, createdAt }: SessionRecord): boolean {
  return createdAt <= Number(mark.at?.N) && mark.sk?.S !== MARK + id;
}

/** Seconds since 1970, a minute late. */
export function ttl(milliseconds: number): AttributeValue {
  return number(Math.ceil(milliseconds / 1_000) + 60);
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

/** Values are text that is never parsed, under the keys that they came with. */
export function dataMap(data: Data): AttributeValue {
  return { M: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, { S: text }])) };
}

/** The attributes that hold the hashes. The current one stands alone, so that a condition can name it. */
export function hashAttributes({ current, previous, retired }: SecretHashes): Item {
  return { secretHash: { S: current }, formerHashes: { S: JSON.stringify({ previous, retired }) } };
}

export function itemOf(record: SessionRecord): Item {
  return {
    ...recordKey(record.id),
    ...hashAttributes(record.secretHashes),
    revision: number(record.revision),
    userId: { S: userText(record.userId) },
    persistent: { BOOL: record.persistent },
    createdAt: number(record.createdAt),
    lastSeenAt: number(record.lastSeenAt),
    expiresAt: number(record.expiresAt),
    endsAt: number(record.endsAt),
    data: dataMap(record.data),
    ttl: ttl(record.expiresAt),
  };
}

/** `null` where there is no item. Throws `CorruptRecordError` when it is not a session. */
export function recordIn(item: Item | undefined): SessionRecord | null {
  if (item === undefined) return null;
  const { pk, revision, userId, secretHash, formerHashes, persistent, data } = item;
  const time = (name: string) => numberIn(item[name]);
  return checkRecord({
    id: pk?.S?.slice(SESSION.length),
    revision: numberIn(revision),
    userId: parseStored(userId?.S),
    secretHashes: { ...(parseStored(formerHashes?.S) as object), current: secretHash?.S },
    persistent: persistent?.BOOL,
    createdAt: time("createdAt"),
    lastSeenAt: time("lastSeenAt"),
    expiresAt: time("expiresAt"),
    endsAt: time("endsAt"),
    data: data?.M && Object.fromEntries(Object.entries(data.M).map(([key, text]) => [key, text.S])),
  });
}

function numberIn(attribute: AttributeValue | undefined): number | undefined {
  return attribute?.N === undefined ? undefined : Number(attribute.N);
}
