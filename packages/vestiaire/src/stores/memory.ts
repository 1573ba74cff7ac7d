// Keeps sessions in this process: the store of tests, of development, and of one process whose sessions may go when it
// does. It answers at once, without promises. It is bounded, because whoever asks for pages makes anonymous sessions:
// at the bound those go, oldest first, and nobody who is signed in.

import { ConfigurationError, InvalidValueError, StoreError } from "../core/errors.ts";
import {
  applyPatch,
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
} from "../core/record.ts";
import { MARK_LIFE, type SessionPage, type SessionStore, type Sweep } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { type Due, DueHeap } from "./memory/due.ts";

export interface MemoryStoreOptions {
  /**
   * How many sessions are kept, 100,000 by default. At the bound, what has expired goes first, then anonymous sessions,
   * oldest first. When only signed-in ones are left, `create` throws `StoreError`. `delete` still answers the last ones
   * that had to go (one in a hundred), since it may be a visitor's own that makes room for the sign-in.
   */
  readonly maxSessions?: number;
}

/** A store in this process's memory. Throws `ConfigurationError` when `maxSessions` is not a whole number above 0. */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { maxSessions = 100_000 } = options;
  if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
    throw new ConfigurationError(`maxSessions must be a whole number above 0. It was ${maxSessions}.`);
  }
  return new MemoryStore(maxSessions);
}

const PAGE = 100;
const SWEEP_STEP = 100;
/** One in so many of the sessions is remembered for a while that had to go. */
const REMEMBERED = 100;

interface Entry extends Due {
  record: SessionRecord;
  /** Counts up with each `create`, so that a page can go on where the last one stopped. */
  readonly place: number;
}

interface Watcher {
  readonly watched: ReadonlySet<SessionId>;
  readonly onEnded: (id: SessionId) => void;
}

class MemoryStore implements SessionStore {
  readonly #maxSessions: number;
  // A Map keeps the order of insertion, here and in `#anonymous`: the oldest comes first.
  readonly #entries = new Map<SessionId, Entry>();
  readonly #anonymous = new Set<SessionId>();
  /** Goes on where it stopped: an iteration that begins anew steps over the places of all that were removed before. */
  #oldestAnonymous = this.#anonymous.values();
  readonly #ofUser = new Map<string, Set<SessionId>>();
  readonly #due = new DueHeap<Entry>();
  /** The sessions that went last to make room: whoever is signing in from one of them still gets what it held. */
  readonly #madeRoom = new Map<SessionId, SessionRecord>();
  readonly #marks = new Marks();
  readonly #watchers = new Set<Watcher>();
  #lastPlace = 0;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  find(id: SessionId, now: number): SessionRecord | null {
    const entry = this.#entries.get(id);
    return entry !== undefined && isLive(entry.record, now) ? entry.record : null;
  }

  create(record: SessionRecord, now: number): "created" | "taken" | "ended" {
    if (this.#entries.has(record.id)) return "taken";
    if (this.#marks.end(record)) return "ended";
    this.#makeRoom(now);
    this.#lastPlace += 1;
    const entry = { record, place: this.#lastPlace, dueAt: record.expiresAt, duePlace: 0 };
    this.#entries.set(record.id, entry);
    this.#peers(record).add(record.id);
    this.#due.add(entry);
    return "created";
  }

  patch(id: SessionId, patch: Patch, now: number, when?: PatchCondition): "done" | "gone" | "conflict" {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isLive(entry.record, now)) return "gone";
    if (when !== undefined && !meets(entry.record, when)) return "conflict";
    entry.record = applyPatch(entry.record, patch);
    return "done";
  }

  delete(id: SessionId): SessionRecord | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return this.#takeBack(id);
    const { record } = entry;
    this.#entries.delete(id);
    this.#due.remove(entry);
    const peers = this.#peers(record);
    peers.delete(id);
    if (record.userId !== null && peers.size === 0) this.#ofUser.delete(record.userId);
    for (const { watched, onEnded } of this.#watchers) if (watched.has(id)) onEnded(id);
    return record;
  }

  findByUser(userId: string, now: number): SessionRecord[] {
    const ids = [...(this.#ofUser.get(userId) ?? [])];
    return ids.map((id) => this.find(id, now)).filter((record) => record !== null);
  }

  deleteByUser(userId: string, now: number, options: { except?: SessionId } = {}): SessionId[] {
    this.#marks.add(userId, { at: now, except: options.except });
    const ids = [...(this.#ofUser.get(userId) ?? [])].filter((id) => id !== options.except);
    for (const id of ids) this.delete(id);
    return ids;
  }

  list(now: number, cursor = "0", limit = PAGE): SessionPage {
    if (!/^\d+$/.test(cursor)) throw new InvalidValueError("cursor", "did not come from `list`");
    const after = Number(cursor);
    const records: SessionRecord[] = [];
    let last = after;
    for (const { record, place } of this.#entries.values()) {
      if (place <= after || !isLive(record, now)) continue;
      if (records.length >= limit) return { records, cursor: String(last) };
      records.push(record);
      last = place;
    }
    return { records, cursor: null };
  }

  sweep(now: number, limit: number): Sweep {
    this.#marks.prune(now);
    let removed = 0;
    let seen = 0;
    for (let entry = this.#due.first(now); entry !== undefined; entry = this.#due.first(now)) {
      // Those that turn out to live count as work too: a sweep must not hold up the process for all of them.
      if (seen === limit) return { removed, more: true };
      seen += 1;
      if (isLive(entry.record, now)) {
        this.#due.moveFirst(entry.record.expiresAt);
      } else {
        this.delete(entry.record.id);
        removed += 1;
      }
    }
    return { removed, more: false };
  }

  watch(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void): () => void {
    const watcher = { watched, onEnded };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  #makeRoom(now: number): void {
    while (this.#entries.size >= this.#maxSessions && this.sweep(now, SWEEP_STEP).more);
    if (this.#entries.size < this.#maxSessions) return;
    let oldest = this.#oldestAnonymous.next();
    if (oldest.done) {
      // Done for good, whatever came since.
      this.#oldestAnonymous = this.#anonymous.values();
      oldest = this.#oldestAnonymous.next();
    }
    if (oldest.done) {
      const problem = `it is full: ${this.#maxSessions} sessions, all of them signed in`;
      throw new StoreError("STORE_FAILED", "create", problem);
    }
    this.#remember(this.delete(oldest.value) as SessionRecord);
  }

  #remember(record: SessionRecord): void {
    this.#madeRoom.set(record.id, record);
    if (this.#madeRoom.size <= Math.ceil(this.#maxSessions / REMEMBERED)) return;
    const [oldest = ""] = this.#madeRoom.keys();
    this.#madeRoom.delete(oldest);
  }

  #takeBack(id: SessionId): SessionRecord | null {
    const record = this.#madeRoom.get(id) ?? null;
    this.#madeRoom.delete(id);
    return record;
  }

  /** Where the record's id is kept beside those of the same user. */
  #peers({ userId }: SessionRecord): Set<SessionId> {
    if (userId === null) return this.#anonymous;
    let peers = this.#ofUser.get(userId);
    if (peers === undefined) {
      peers = new Set();
      this.#ofUser.set(userId, peers);
    }
    return peers;
  }
}

interface Mark {
  readonly at: number;
  readonly except: SessionId | undefined;
}

/** Which users were ended when, so that a sign-in that was under way ends too. */
class Marks {
  // The users whose mark is newest come last.
  readonly #ofUser = new Map<string, readonly Mark[]>();

  add(userId: string, mark: Mark): void {
    const marks = this.#ofUser.get(userId) ?? [];
    const same = marks.find(({ except }) => except === mark.except);
    const at = Math.max(mark.at, same?.at ?? mark.at);
    this.#ofUser.delete(userId);
    this.#ofUser.set(userId, [...marks.filter((other) => other !== same), { ...mark, at }]);
  }

  /** Whether one of them ends this new session. */
  end({ id, userId, createdAt }: SessionRecord): boolean {
    const marks = userId === null ? undefined : this.#ofUser.get(userId);
    return marks?.some(({ at, except }) => createdAt <= at && id !== except) ?? false;
  }

  prune(now: number): void {
    for (const [userId, marks] of this.#ofUser) {
      if (marks.some(({ at }) => at >= now - MARK_LIFE)) return;
      this.#ofUser.delete(userId);
    }
  }
}
