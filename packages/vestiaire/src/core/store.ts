// The contract between the core and whatever keeps the records. A store knows nothing of cookies, requests or handlers:
// it keeps records, changes them in atomic steps, and never brings a dead one back. `vestiaire/testing` holds the suite
// that proves an implementation; each sentence below is a case of it.

import type { Patch, PatchCondition, SessionRecord } from "./record.ts";
import type { SessionId } from "./token.ts";

/** A value now, or a promise of it. Stores that need not wait answer at once, and no request waits for them. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Keeps session records. `now` (milliseconds since 1970) always comes from the caller; an engine's own clock decides
 * nothing. Ids and user ids compare byte for byte. A method throws (or rejects) only when the engine fails; the
 * exceptions are `CorruptRecordError` from `find`, for a record that is there and damaged, and `InvalidValueError` from
 * `list`.
 */
export interface SessionStore {
  // ---- required

  /** The record, if it is live at `now`; otherwise `null`. `fresh` goes past any cache. */
  find(id: SessionId, now: number, options?: FindOptions): Awaitable<SessionRecord | null>;

  /**
   * Stores a new record. `"taken"`: a record of that id exists, and stays as it is. `"ended"`: `deleteByUser` ended
   * this user's sessions at or after the record's `createdAt`; nothing is stored.
   */
  create(record: SessionRecord, now: number): Awaitable<"created" | "taken" | "ended">;

  /**
   * Changes a live record in one atomic step. `"gone"`: there is no live record, and none was made. `"conflict"`: there
   * is one, but `when` does not hold; nothing was changed. A patch with `set`, `unset` or `clear` raises the revision
   * by one; no other patch does.
   */
  patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when?: PatchCondition,
  ): Awaitable<"done" | "gone" | "conflict">;

  /** Removes the record for ever, and answers it as it ended (expired or not); `null` when there was none. */
  delete(id: SessionId): Awaitable<SessionRecord | null>;

  /** The user's live records, in no particular order. Sees every `create` that was answered before. */
  findByUser(userId: string, now: number): Awaitable<SessionRecord[]>;

  /**
   * Ends the user's sessions, `except` one, and answers the ids that it removed. Every `create` for this user whose
   * record was `createdAt` no later than `now` ends too, even when it runs at the same time or up to 10 minutes later.
   */
  deleteByUser(userId: string, now: number, options?: { except?: SessionId }): Awaitable<SessionId[]>;

  // ---- optional

  /**
   * One page of all live records. Each session that lives throughout comes at least once, and may come twice. Throws
   * `InvalidValueError` for a cursor that no page of this store can have given: cursors come from URLs.
   */
  list?(now: number, cursor?: string, limit?: number): Awaitable<SessionPage>;

  /** Removes up to `limit` expired records. Its cost follows what has expired, not what lives. */
  sweep?(now: number, limit: number): Awaitable<Sweep>;

  /**
   * Tells of sessions that end. `watched` is read whenever the store looks, so ids may come and go. `onEnded` names one
   * that ended; `onGap` means that some may have been missed: look again. The answer stops it.
   */
  watch?(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void, onGap: () => void): () => void;

  /**
   * Tells of every patch and every end of any session, whoever made it; not of new sessions, nor of expiry. `onGap`: some
   * may have been missed, as before the engine has begun to tell and whenever its connection was lost. The answer stops
   * it. For caches.
   */
  invalidations?(onChanged: (id: SessionId) => void, onGap: () => void): () => void;

  /** Lets go of connections and files. Calls under way finish. */
  close?(): Awaitable<void>;
}

/** How to look a session up. */
export interface FindOptions {
  /** Past any cache. */
  readonly fresh?: boolean;
}

/** Some of all records. */
export interface SessionPage {
  readonly records: readonly SessionRecord[];
  /** Leads to the next page; `null` after the last. */
  readonly cursor: string | null;
}

/** What one sweep did. */
export interface Sweep {
  /** How many records. */
  readonly removed: number;
  /** Whether another call has work left at this `now`. */
  readonly more: boolean;
}

/** How long `deleteByUser` also ends sign-ins that were under way: the longest a request may take. */
export const MARK_LIFE = 600_000;
