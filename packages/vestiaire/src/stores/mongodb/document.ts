// A session as a document of MongoDB, and a patch as one update of it. The data is a flat sub-document of strings, so
// that an update names exactly the keys that it changes. MongoDB compares and stores them, and parses none.

import type { Document, UpdateFilter } from "mongodb";
import { CorruptRecordError } from "../../core/errors.ts";
import { checkRecord, type Data, type Patch, parseStored, type SessionRecord } from "../../core/record.ts";
import { MARK_LIFE } from "../../core/store.ts";
import type { SessionId } from "../../core/token.ts";

type AsItIs = Omit<SessionRecord, "id" | "userId">;

export interface SessionDocument extends AsItIs {
  readonly _id: SessionId;
  /** See {@link userKey}; `null` for an anonymous session. */
  readonly userId: string | null;
  /** `expiresAt` as the date that MongoDB's own expiry goes by, rounded up. */
  readonly expiryDate: Date;
}

/** The user's sessions were ended at this time, except one; `""` for none. Never changed. */
export interface MarkDocument {
  readonly user: string;
  readonly at: number;
  readonly except: SessionId;
  readonly expiryDate: Date;
}

export function documentOf({ id, userId, data, ...rest }: SessionRecord): SessionDocument {
  return {
    _id: id,
    ...rest,
    userId: userId === null ? null : userKey(userId),
    data: fieldsOf(data),
    expiryDate: dateOf(rest.expiresAt),
  };
}

export function markOf(userId: string, at: number, except: SessionId = ""): MarkDocument {
  return { user: userKey(userId), at, except, expiryDate: dateOf(at + MARK_LIFE) };
}

/** How a document names a user. JSON text is injective, and keeps lone surrogates, which BSON's UTF-8 does not. */
export function userKey(userId: string): string {
  return JSON.stringify(userId);
}

/** The first date that is not before a time in milliseconds since 1970. The last there is, for a time beyond all. */
export function dateOf(time: number): Date {
  return new Date(Math.min(Math.ceil(time), LAST_DATE));
}

const LAST_DATE = 8.64e15;

/** Throws `CorruptRecordError` when the document is not a record. */
export function recordIn({ _id, expiryDate, userId, data, ...rest }: Document): SessionRecord {
  return checkRecord({
    id: _id,
    ...rest,
    userId: typeof userId === "string" ? parseStored(userId) : userId,
    data: dataIn(data),
  });
}

function dataIn(fields: unknown): Data {
  if (!isPlain(fields)) throw new CorruptRecordError("its data");
  return Object.fromEntries(Object.entries(fields).map(([field, text]) => [keyOf(field), text]));
}

function isPlain(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function fieldsOf(data: Data, path = ""): Data {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [path + fieldOf(key), text]));
}

/**
 * The field of a key. Keys are JSON text: they begin with a quotation mark, never with the `$` of an operator, and hold
 * no NUL. Only a dot would lead an update elsewhere.
 */
function fieldOf(key: string): string {
  return key.replaceAll("%", "%25").replaceAll(".", "%2E");
}

function keyOf(field: string): string {
  return field.replaceAll("%2E", ".").replaceAll("%25", "%");
}

/** What `applyPatch` does, in MongoDB's words. `$inc` and `$max` are always there: an update may not be empty. */
export function updateFor(patch: Patch): UpdateFilter<SessionDocument> {
  const { clear = false, set, unset, secretHashes, expiresAt = 0, lastSeenAt = 0 } = patch;
  const changesData = clear || set !== undefined || unset !== undefined;
  const values = clear ? { data: fieldsOf(set ?? {}) } : fieldsOf(set ?? {}, "data.");
  // MongoDB refuses an update that names a field twice, and operators that name none.
  const names = clear ? [] : (unset ?? []).filter((key) => !Object.hasOwn(set ?? {}, key));
  return {
    $inc: { revision: changesData ? 1 : 0 },
    $max: { expiresAt, expiryDate: dateOf(expiresAt), lastSeenAt },
    ...nonEmpty("$set", { ...values, ...(secretHashes && { secretHashes }) }),
    ...nonEmpty("$unset", Object.fromEntries(names.map((key) => [`data.${fieldOf(key)}`, ""]))),
  };
}

function nonEmpty(operator: "$set" | "$unset", fields: Document): Document {
  return Object.keys(fields).length === 0 ? {} : { [operator]: fields };
}
