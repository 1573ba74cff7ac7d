// A session as a hash: a field for each of the record's own, and one for each value. The keys of values are JSON text, so
// they begin with a quote, and no field of ours does. User ids are kept as JSON text: UTF-8 has no lone surrogates.

import {
  checkRecord,
  type Patch,
  type PatchCondition,
  parseStored,
  type SecretHashes,
  type SessionRecord,
} from "../../core/record.ts";
import type { SessionId } from "../../core/token.ts";

/** Milliseconds that Redis keeps what is over, by its own clock: nobody's clock is exact. */
export const RESERVE = 60_000;

/** The user as fields and keys name them: injective text. */
export function userKey(userId: string): string {
  return JSON.stringify(userId);
}

/** Fields and values in turn. */
export function fieldsOf(record: SessionRecord): string[] {
  return [
    "userId",
    JSON.stringify(record.userId),
    "revision",
    String(record.revision),
    "persistent",
    String(record.persistent),
    "createdAt",
    String(record.createdAt),
    "lastSeenAt",
    String(record.lastSeenAt),
    "expiresAt",
    String(record.expiresAt),
    "endsAt",
    String(record.endsAt),
    ...secretFields(record.secretHashes),
    ...Object.entries(record.data).flat(),
  ];
}

/** What PATCH takes, up to the channel. */
export function patchArguments(
  { clear, set, unset, secretHashes, expiresAt, lastSeenAt }: Patch,
  now: number,
  { revision, secretHash }: PatchCondition,
  [channel, id]: readonly [string, SessionId],
): string[] {
  const changesData = clear === true || set !== undefined || unset !== undefined;
  const removed = [...(unset ?? []), ...(secretHashes ? ["previous", "retired"] : [])];
  return [
    String(now),
    revision === undefined ? "" : String(revision),
    secretHash ?? "",
    changesData ? "1" : "",
    clear ? "1" : "",
    expiresAt === undefined ? "" : String(expiresAt),
    expiresAt === undefined ? "" : timeToLive(expiresAt, now),
    lastSeenAt === undefined ? "" : String(lastSeenAt),
    channel,
    id,
    String(removed.length),
    ...removed,
    ...(secretHashes ? secretFields(secretHashes) : []),
    ...Object.entries(set ?? {}).flat(),
  ];
}

/** How long Redis keeps what matters until `until`: counted from the caller's `now`, so that no two clocks are compared. */
export function timeToLive(until: number, now: number): string {
  return String(Math.ceil(Math.max(until - now, 0)) + RESERVE);
}

/**
 * The record in what HGETALL answered; `null` when there is none. Throws `CorruptRecordError` when it cannot be one.
 */
export function recordIn(id: SessionId, reply: unknown): SessionRecord | null {
  const fields = inTurn(reply);
  if (fields.length === 0) return null;
  const own: Record<string, string | undefined> = {};
  const data: Record<string, string> = {};
  for (let index = 0; index < fields.length; index += 2) {
    const field = String(fields[index]);
    const value = String(fields[index + 1]);
    if (field.startsWith('"')) data[field] = value;
    else own[field] = value;
  }
  return checkRecord({
    id,
    revision: Number(own.revision),
    userId: parseStored(own.userId),
    secretHashes: {
      current: own.secret,
      previous: previousIn(own.previous),
      retired: own.retired ?? null,
    },
    persistent: parseStored(own.persistent),
    createdAt: Number(own.createdAt),
    lastSeenAt: Number(own.lastSeenAt),
    expiresAt: Number(own.expiresAt),
    endsAt: Number(own.endsAt),
    data,
  });
}

function secretFields({ current, previous, retired }: SecretHashes): string[] {
  const fields = ["secret", current];
  if (previous !== null) fields.push("previous", `${previous.hash} ${previous.until}`);
  if (retired !== null) fields.push("retired", retired);
  return fields;
}

function previousIn(text: string | undefined): SecretHashes["previous"] {
  if (text === undefined) return null;
  const [hash = "", until] = text.split(" ");
  return { hash, until: Number(until) };
}

/** Clients answer fields and values in turn, or in an object, or a map: as their protocol and their options say. */
function inTurn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  return (reply instanceof Map ? [...reply] : Object.entries(reply as object)).flat();
}
