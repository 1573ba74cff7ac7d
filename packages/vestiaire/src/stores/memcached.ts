// Keeps sessions in memcached. A record is one item of JSON that this process reads, changes and swaps by
// compare-and-swap. A signed-in record counts only while the user's index names it: the index is changed in one step,
// so ending a user is one swap, and an evicted index signs people out instead of hiding sessions from `deleteByUser`.

import { hash } from "node:crypto";
import { ConfigurationError, ContentionError } from "../core/errors.ts";
import {
  applyPatch,
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
} from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { connectTo, type Item, Items, type MemcachedClient, serverIn } from "./memcached/items.ts";
import { recordIn } from "./memcached/record.ts";
import {
  formatIndex,
  isEnded,
  NOBODY,
  neededUntil,
  parseIndex,
  settledSessions,
  type UserIndex,
  withMark,
  without,
  withSession,
} from "./memcached/user-index.ts";

export type { MemcachedClient } from "./memcached/items.ts";

/** Where the keys are. */
export interface MemcachedStoreOptions {
  /** Begins every key. Printable ASCII without spaces, at most 100 characters. Default: `"vestiaire:"`. */
  readonly prefix?: string;
}

/**
 * A store in memcached: `"memcached://HOST:PORT"` through the package `memcache-client`, or a client of yours, which
 * `close` leaves open; see {@link MemcachedClient} for what it must keep to. There is no list of all sessions, no
 * watching, and nothing to sweep: memcached drops what has expired.
 *
 * What memcached promises is little, and nothing here adds to it. It is a cache: a restart ends every session, and when
 * its memory is full the sessions that were not used for the longest are evicted, so people are signed out early. An
 * acknowledged write survives neither. What went is gone, though: no session comes back, and none outlives
 * `deleteByUser`, unless memcached evicts what it wrote less than 10 minutes ago. memcached knows no passwords here:
 * whoever reaches its port can read and write sessions.
 *
 * A session may have 1 MB, the largest item of memcached by default; a change beyond it fails. Throws
 * `ConfigurationError` for a URL or a prefix that cannot be.
 */
export function memcachedStore(
  clientOrUrl: string | MemcachedClient,
  options: MemcachedStoreOptions = {},
): SessionStore {
  const { prefix = "vestiaire:" } = options;
  if (!/^[!-~]{0,100}$/.test(prefix)) {
    throw new ConfigurationError("prefix must be printable ASCII without spaces, of at most 100 characters.");
  }
  if (typeof clientOrUrl === "string") {
    const server = serverIn(clientOrUrl);
    return new MemcachedStore(new Items(() => connectTo(server)), prefix);
  }
  return new MemcachedStore(new Items(async () => ({ client: clientOrUrl, close: () => {} })), prefix);
}

/** Each failed attempt is the success of somebody else. */
const ATTEMPTS = 100;
/** From so many sessions on, a user's index is looked through for those that are over. */
const CROWD = 100;

class MemcachedStore implements SessionStore {
  readonly #items: Items;
  readonly #prefix: string;

  constructor(items: Items, prefix: string) {
    this.#items = items;
    this.#prefix = prefix;
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const record = recordIn(await this.#items.read(this.#recordKey(id)), id);
    return record !== null && isLive(record, now) && (await this.#counts(record)) ? record : null;
  }

  async create(record: SessionRecord, now: number): Promise<"created" | "taken" | "ended"> {
    const { id, userId, expiresAt } = record;
    if (userId !== null) {
      const named = await this.#changeIndex(userId, async (index) => {
        if (isEnded(index, record)) return null;
        return withSession(without(index, await this.#vanished(index, now)), record);
      });
      if (!named) return "ended";
    }
    const added = await this.#items.add(this.#recordKey(id), JSON.stringify(record), expiresAt);
    return added ? "created" : "taken";
  }

  async patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    const key = this.#recordKey(id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = await this.#items.read(key);
      const record = soundRecord(() => recordIn(item, id));
      if (item === null || record === null || !isLive(record, now)) return "gone";
      if (!(await this.#counts(record))) return "gone";
      if (!meets(record, when)) return "conflict";
      const next = applyPatch(record, patch);
      if (await this.#items.replace(key, item, JSON.stringify(next), next.expiresAt)) return "done";
    }
    throw new ContentionError();
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    const item = await this.#remove(id, () => true);
    const record = soundRecord(() => recordIn(item, id));
    if (record === null || record.userId === null) return record;
    const wasNamed = await this.#changeIndex(record.userId, (index) =>
      index.sessions.has(id) ? without(index, [id]) : null,
    );
    return wasNamed ? record : null;
  }

  async findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    const item = await this.#items.read(this.#indexKey(userId));
    if (item === null) return [];
    const ids = [...parseIndex(item.text).sessions.keys()];
    const records = await Promise.all(
      ids.map(async (id) => {
        const item = await this.#items.read(this.#recordKey(id));
        return soundRecord(() => recordIn(item, id));
      }),
    );
    return records
      .filter((record) => record !== null)
      .filter((record) => record.userId === userId && isLive(record, now));
  }

  async deleteByUser(
    userId: string,
    now: number,
    options: { except?: SessionId } = {},
  ): Promise<SessionId[]> {
    let named: SessionId[] = [];
    // With this they are over. What follows only removes rubbish.
    await this.#changeIndex(userId, (index) => {
      named = [...index.sessions.keys()].filter((id) => id !== options.except);
      return withMark(without(index, named), now, options.except ?? null);
    });
    const isTheirs = (record: SessionRecord | null) => record === null || record.userId === userId;
    const removed = await Promise.all(named.map((id) => this.#remove(id, isTheirs)));
    return named.filter((_, place) => removed[place] !== null);
  }

  close(): Promise<void> {
    return this.#items.close();
  }

  /** Whether the record is anonymous, or named by its user's index. */
  async #counts({ id, userId }: SessionRecord): Promise<boolean> {
    if (userId === null) return true;
    const item = await this.#items.read(this.#indexKey(userId));
    return item !== null && parseIndex(item.text).sessions.has(id);
  }

  /** Removes the record's item and answers it as it was; `null` when there is none, or `may` says no. */
  async #remove(id: SessionId, may: (record: SessionRecord | null) => boolean): Promise<Item | null> {
    const key = this.#recordKey(id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = await this.#items.read(key);
      if (item === null || !may(soundRecord(() => recordIn(item, id)))) return null;
      if (await this.#items.remove(key, item)) return item;
    }
    throw new ContentionError();
  }

  /** Swaps the user's index for what `change` makes of it; `false` when that is `null`, which changes nothing. */
  async #changeIndex(
    userId: string,
    change: (index: UserIndex) => UserIndex | null | Promise<UserIndex | null>,
  ): Promise<boolean> {
    const key = this.#indexKey(userId);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = await this.#items.read(key);
      const next = await change(item === null ? NOBODY : parseIndex(item.text));
      if (next === null) return false;
      if (await this.#swap(key, item, formatIndex(next), neededUntil(next))) return true;
    }
    throw new ContentionError();
  }

  async #swap(key: string, item: Item | null, text: string, until: number | null): Promise<boolean> {
    if (until === null) return item === null || this.#items.remove(key, item);
    return item === null ? this.#items.add(key, text, until) : this.#items.replace(key, item, text, until);
  }

  /**
   * The sessions of a large index that are over, for it to stay below memcached's limit: nobody tells it of those that
   * expired. A session whose record may be on its way is not among them.
   */
  async #vanished(index: UserIndex, now: number): Promise<SessionId[]> {
    if (index.sessions.size < CROWD) return [];
    const ids = settledSessions(index, now);
    const items = await Promise.all(ids.map((id) => this.#items.read(this.#recordKey(id))));
    return ids.filter((_, place) => items[place] === null);
  }

  #recordKey(id: SessionId): string {
    return `${this.#prefix}${id}`;
  }

  /** A hash, because a key has at most 250 bytes. JSON keeps lone surrogates apart. */
  #indexKey(userId: string): string {
    return `${this.#prefix}user:${hash("sha256", JSON.stringify(userId))}`;
  }
}
