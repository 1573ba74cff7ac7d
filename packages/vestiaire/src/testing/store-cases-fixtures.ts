// What every case of the store contract is made of: a store to try, records to put into it, and times to hand in. No
// case looks at a clock or sleeps; a record has expired when a later `now` says so.

import assert from "node:assert/strict";
import { type Data, NO_DATA, type SessionRecord } from "../core/record.ts";
import type { Awaitable, SessionStore } from "../core/store.ts";
import { hashSecret, newSecret, newToken, type SessionId } from "../core/token.ts";

/** An implementation on trial. Each case gets its own, and expects it to be empty. */
export interface StoreUnderTest {
  readonly store: SessionStore;
  /** A second store on the same data, as another process would open it. The suite closes it. */
  reopen?(): Awaitable<SessionStore>;
  /** Makes what is stored for this id unreadable, behind the store's back. */
  damage?(id: SessionId): Awaitable<void>;
  /** Removes what the case left behind. Called last, once the suite has closed every store that has a `close`. */
  close?(): Awaitable<void>;
}

/** What not every store has. A case that needs one is skipped where it is missing. */
export type StoreNeed = "list" | "sweep" | "watch" | "reopen" | "damage";

/** One promise of the contract. */
export interface StoreCase {
  /** The promise, in words. Unique. */
  readonly name: string;
  readonly needs?: readonly StoreNeed[];
  /** Rejects when the promise is broken. */
  run(context: StoreContext): Promise<void>;
}

/** What a case works with. What it needs is there. */
export interface StoreContext {
  readonly store: Required<SessionStore>;
  /** A second store on the same data. */
  reopen(): Promise<Required<SessionStore>>;
  /** Makes what is stored for this id unreadable. */
  damage(id: SessionId): Promise<void>;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** When the suite began. A real time, since engines may throw away what has long expired by their own clock. */
export const NOW = Date.now();

/** A record with a new id, one hour to live from {@link NOW}, and these fields. */
export function someRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: someId(),
    revision: 0,
    userId: null,
    secretHashes: { current: someHash(), previous: null, retired: null },
    persistent: false,
    createdAt: NOW,
    lastSeenAt: NOW,
    expiresAt: NOW + HOUR,
    endsAt: NOW + 30 * DAY,
    data: NO_DATA,
    ...fields,
  };
}

export function someId(): SessionId {
  return newToken().id;
}

export function someHash(): string {
  return hashSecret(newSecret());
}

/** A key as stores see it. */
export function key(name: string): string {
  return JSON.stringify(name);
}

/** Data as stores see it: JSON text under escaped keys. */
export function values(plain: Readonly<Record<string, unknown>>): Data {
  return Object.fromEntries(Object.entries(plain).map(([name, value]) => [key(name), JSON.stringify(value)]));
}

/** Stores such a record, and answers it. */
export async function stored(
  store: SessionStore,
  fields: Partial<SessionRecord> = {},
): Promise<SessionRecord> {
  const record = someRecord(fields);
  assert.equal(await store.create(record, record.createdAt), "created");
  return record;
}

/** Checks that exactly these are the user's live sessions. */
export async function assertSessionsOf(
  store: SessionStore,
  userId: string,
  expected: readonly SessionRecord[],
  now = NOW,
): Promise<void> {
  const found = await store.findByUser(userId, now);
  assert.deepEqual(inOrder(found), inOrder(expected));
}

/** By id, so that two lists can be compared. */
export function inOrder(records: readonly SessionRecord[]): SessionRecord[] {
  return records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** So many of what `make` makes, one after the other. */
export async function several<T>(count: number, make: (index: number) => Awaitable<T>): Promise<T[]> {
  const all: T[] = [];
  for (let index = 0; index < count; index += 1) all.push(await make(index));
  return all;
}

/** So many at the same time. A store that answers at once is asked in turn. */
export function atOnce<T>(count: number, attempt: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => attempt(index)));
}
