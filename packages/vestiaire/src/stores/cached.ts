// Answers reads from memory for a while, and says for how long: a session that another machine ended or changed is known
// here within the declared bound, and at once where the engine tells of changes. Writes always go to the store.

import { settle } from "../core/awaitable.ts";
import { Cache } from "../core/cache.ts";
import { ConfigurationError } from "../core/errors.ts";
import { type Duration, milliseconds } from "../core/expiry.ts";
import { isLive, type SessionRecord } from "../core/record.ts";
import type { Awaitable, FindOptions, SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { optionalMethods } from "../core/wrapper.ts";

/** How old an answer may be, and how much memory it may take. */
export interface CachedOptions {
  /** How old an answer from memory may be: `"5s"`. Whatever another machine does is known here after that. */
  readonly staleness: Duration;
  /** How many records memory holds, 20,000 by default; and never more than 64 MiB of them. */
  readonly maxRecords?: number;
}

/**
 * A store that keeps the sessions in `store`, and answers `find` from memory with what it held less than `staleness`
 * ago. Two promises hold only within that bound: a session that another process ended may be found until then, and a
 * change that another process made may be missing. What this process does shows at once. Where the store tells of
 * changes (`invalidations`), those of others show as soon as they are told, and the bound holds without it too.
 *
 * `find` with `fresh`, patches and their conditions, lists and a user's sessions never come from memory; nor does the
 * absence of a session. Throws `ConfigurationError` for a bound that cannot be.
 */
export function cached(store: SessionStore, options: CachedOptions): SessionStore {
  const { staleness, maxRecords = 20_000 } = options;
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) {
    throw new ConfigurationError(`maxRecords must be a whole number above 0. It was ${maxRecords}.`);
  }
  const reader = new CachedReader(store, milliseconds(staleness, "staleness"), maxRecords);
  const optional = optionalMethods(store);
  const { watch, invalidations, close } = optional;
  const stop = invalidations?.(
    (id) => reader.forget(id),
    () => reader.forgetAll(),
  );
  return {
    ...optional,
    find: (id, now, options) => reader.find(id, now, options),
    create: (record, now) => store.create(record, now),
    patch: (id, patch, now, when) => reader.forgetAfter(id, () => store.patch(id, patch, now, when)),
    delete: (id) => reader.forgetAfter(id, () => store.delete(id)),
    findByUser: (userId, now) => store.findByUser(userId, now),
    deleteByUser: (userId, now, options) =>
      settle(
        () => store.deleteByUser(userId, now, options),
        (ids) => {
          for (const id of ids) reader.forget(id);
        },
        // Whose sessions have ended is unknown.
        () => reader.forgetAll(),
      ),
    ...(watch && {
      watch: (watched, onEnded, onGap) =>
        watch(
          watched,
          (id) => {
            reader.forget(id);
            onEnded(id);
          },
          onGap,
        ),
    }),
    close() {
      stop?.();
      return close?.();
    },
  };
}

/** What the store answered, and when it was asked. */
interface Answer {
  /** `null` while the answer is on its way. */
  readonly record: SessionRecord | null;
  /** By the caller's clock, which may be set back. */
  readonly now: number;
  /** By the process's clock, which may stand still while the machine sleeps. */
  readonly at: number;
  readonly size: number;
}

class CachedReader {
  readonly #store: SessionStore;
  readonly #staleness: number;
  readonly #answers: Cache<Answer>;

  constructor(store: SessionStore, staleness: number, maxRecords: number) {
    this.#store = store;
    this.#staleness = staleness;
    this.#answers = new Cache(maxRecords);
  }

  find(id: SessionId, now: number, options?: FindOptions): Awaitable<SessionRecord | null> {
    const answer = options?.fresh ? undefined : this.#answers.get(id);
    if (answer === undefined || !this.#isYoung(answer, now)) return this.#ask(id, now, options);
    const { record } = answer;
    // Another call is filling the memory already.
    if (record === null) return this.#store.find(id, now, options);
    // The session may have been refreshed elsewhere, so only the store can tell that it is over.
    return isLive(record, now) ? record : this.#ask(id, now, options);
  }

  forget(id: SessionId): void {
    this.#answers.delete(id);
  }

  /** Also after a failure: the store may have done it. */
  forgetAfter<T>(id: SessionId, call: () => Awaitable<T>): Awaitable<T> {
    const forget = () => this.forget(id);
    return settle(call, forget, forget);
  }

  forgetAll(): void {
    this.#answers.clear();
  }

  #isYoung({ now: before, at }: Answer, now: number): boolean {
    const age = Math.max(now - before, performance.now() - at);
    return now >= before && age < this.#staleness;
  }

  /** Asks the store, and keeps the record unless it was forgotten, or asked for anew, before it came. */
  #ask(id: SessionId, now: number, options?: FindOptions): Awaitable<SessionRecord | null> {
    const asked: Answer = { record: null, now, at: performance.now(), size: 0 };
    this.#answers.set(id, asked);
    const keep = (record: SessionRecord | null) => {
      if (this.#answers.get(id) !== asked) return;
      if (record === null) this.#answers.delete(id);
      else this.#answers.set(id, { ...asked, record, size: sizeOf(record) });
    };
    return settle(
      () => this.#store.find(id, now, options),
      keep,
      () => keep(null),
    );
  }
}

/** About how many bytes of text. */
function sizeOf({ data }: SessionRecord): number {
  return Object.entries(data).reduce((size, [key, text]) => size + key.length + text.length, 0);
}
