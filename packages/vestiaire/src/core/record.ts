// What a store keeps of a session, and the one way to change it. Records are immutable: a patch makes a new one, so a
// store, a cache and a handler may share one without copying.

import { CorruptRecordError } from "./errors.ts";
import { isSessionId, type SessionId } from "./token.ts";

/**
 * The session's values: JSON text under keys that went through `JSON.stringify`. Engines store these strings and never
 * parse them, so that NUL, lone surrogates, -0 and `__proto__` come back exactly, everywhere.
 */
export type Data = Readonly<Record<string, string>>;

export const NO_DATA: Data = Object.freeze({});

/** The hashes of the secrets that a session knows. See `rotation.ts` for how they follow each other. */
export interface SecretHashes {
  readonly current: string;
  /** The secret before the current one, good until `until` (ms since 1970); afterwards it is remembered as retired. */
  readonly previous: { readonly hash: string; readonly until: number } | null;
  /** The last secret that was retired while `previous` was still good. */
  readonly retired: string | null;
}

/** One session as the store holds it. All times are milliseconds since 1970. */
export interface SessionRecord {
  readonly id: SessionId;
  /** Counts the changes of `data`. A refresh or a rotation does not raise it. */
  readonly revision: number;
  /** Who is signed in; `null` for an anonymous session. Never changes: signing in makes a new session. */
  readonly userId: string | null;
  readonly secretHashes: SecretHashes;
  /** Whether the cookie outlives the browser's session. */
  readonly persistent: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** From here on the session is over. Moved by visits, never past `endsAt`. */
  readonly expiresAt: number;
  /** The absolute end, fixed at creation. */
  readonly endsAt: number;
  readonly data: Data;
}

/** A change of a record, applied in one atomic step. What it does not name stays. */
export interface Patch {
  /** Removes every key that is there at that moment, before `set`. */
  readonly clear?: boolean;
  readonly set?: Data;
  readonly unset?: readonly string[];
  readonly secretHashes?: SecretHashes;
  /** Never moves back: the later of the stored and this one stays. */
  readonly expiresAt?: number;
  readonly lastSeenAt?: number;
}

/** A patch that counts only if the record still is as the caller saw it. */
export interface PatchCondition {
  readonly revision?: number;
  /** Compared with `secretHashes.current`. */
  readonly secretHash?: string;
}

export function isLive(record: SessionRecord, now: number): boolean {
  return record.expiresAt > now;
}

export function meets(record: SessionRecord, when: PatchCondition): boolean {
  return (
    (when.revision === undefined || when.revision === record.revision) &&
    (when.secretHash === undefined || when.secretHash === record.secretHashes.current)
  );
}

/** The record after the patch. For stores that change records in this process; engines do the same in their words. */
export function applyPatch(record: SessionRecord, patch: Patch): SessionRecord {
  const { clear, set, unset, secretHashes, expiresAt, lastSeenAt } = patch;
  const changesData = clear === true || set !== undefined || unset !== undefined;
  let data = record.data;
  if (changesData) {
    const next: Record<string, string> = clear ? {} : { ...record.data };
    for (const key of unset ?? []) delete next[key];
    data = Object.assign(next, set);
  }
  return {
    ...record,
    revision: changesData ? record.revision + 1 : record.revision,
    secretHashes: secretHashes ?? record.secretHashes,
    expiresAt: Math.max(record.expiresAt, expiresAt ?? 0),
    lastSeenAt: Math.max(record.lastSeenAt, lastSeenAt ?? 0),
    data,
  };
}

/**
 * Checks that something read back from an engine is a record. Throws {@link CorruptRecordError} with the first field
 * that is not what it must be. The values' JSON text is checked by whoever decodes it.
 */
export function checkRecord(value: unknown): SessionRecord {
  if (typeof value !== "object" || value === null) throw new CorruptRecordError("it is not an object");
  for (const [field, holds] of CHECKS) {
    if (!holds((value as Record<string, unknown>)[field])) throw new CorruptRecordError(`its ${field}`);
  }
  return value as SessionRecord;
}

/** JSON text as an engine gave it back. Throws {@link CorruptRecordError} when it is none. */
export function parseStored(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch (cause) {
    throw new CorruptRecordError("part of it is not JSON", { cause });
  }
}

/** What `read` answers, or `null` when the record is damaged. */
export function soundRecord(read: () => SessionRecord | null): SessionRecord | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof CorruptRecordError) return null;
    throw error;
  }
}

/** The sound records among what an engine holds: a damaged one hides no other. */
export function soundRecords<T>(
  stored: readonly T[],
  read: (one: T) => SessionRecord | null,
): SessionRecord[] {
  return stored.map((one) => soundRecord(() => read(one))).filter((record) => record !== null);
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTime: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const FIELDS: { readonly [Field in keyof SessionRecord]: Check } = {
  id: (value) => isText(value) && isSessionId(value as string),
  revision: (value) => Number.isSafeInteger(value),
  userId: (value) => value === null || isText(value),
  secretHashes: (value) =>
    isObject(value) &&
    isText(value.current) &&
    (value.previous === null ||
      (isObject(value.previous) && isText(value.previous.hash) && isTime(value.previous.until))) &&
    (value.retired === null || isText(value.retired)),
  persistent: (value) => typeof value === "boolean",
  createdAt: isTime,
  lastSeenAt: isTime,
  expiresAt: isTime,
  endsAt: isTime,
  data: (value) => isObject(value) && Object.values(value).every(isText),
};

const CHECKS = Object.entries(FIELDS);
