// Turns the end of a session, wherever it happened, into an AbortSignal here. Stores that can push tell at once; of the
// others the watched sessions are looked up again twice a second.

import type { Clock } from "./clock.ts";
import type { SessionStore } from "./store.ts";
import type { SessionId } from "./token.ts";

const POLL_INTERVAL = 500;
const BATCH = 100;

interface Watched {
  readonly controller: AbortController;
  holders: number;
}

/** Signals for the sessions that somebody hangs on. */
export class EndWatcher {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #watched = new Map<SessionId, Watched>();
  readonly #ids = new Set<SessionId>();
  #stop: (() => void) | null = null;
  #looking = false;

  constructor(store: SessionStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The session's signal, shared by its holders. `release` takes one holder's interest back. */
  hold(id: SessionId): { signal: AbortSignal; release: () => void } {
    let entry = this.#watched.get(id);
    if (!entry) {
      entry = { controller: new AbortController(), holders: 0 };
      this.#watched.set(id, entry);
      this.#ids.add(id);
      this.#start();
    }
    entry.holders += 1;
    const held = entry;
    return {
      signal: held.controller.signal,
      release: () => {
        held.holders -= 1;
        if (held.holders === 0 && this.#watched.get(id) === held) this.#forget(id);
      },
    };
  }

  /** The session is over. */
  ended(id: SessionId): void {
    const entry = this.#watched.get(id);
    if (!entry) return;
    this.#forget(id);
    entry.controller.abort();
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#watched.clear();
    this.#ids.clear();
  }

  #forget(id: SessionId): void {
    this.#watched.delete(id);
    this.#ids.delete(id);
    if (this.#ids.size === 0) this.close();
  }

  #start(): void {
    if (this.#stop) return;
    const store = this.#store;
    // Expiry is pushed by nobody, so the watched are looked up now and then even where endings are.
    const cancel = this.#every(store.watch ? 60 * POLL_INTERVAL : POLL_INTERVAL, () => void this.#look());
    const unwatch = store.watch?.(
      this.#ids,
      (id) => this.ended(id),
      () => void this.#look(),
    );
    this.#stop = () => {
      cancel();
      unwatch?.();
    };
  }

  #every(interval: number, task: () => void): () => void {
    let cancel = () => {};
    const schedule = () => {
      cancel = this.#clock.after(interval, () => {
        schedule();
        task();
      });
    };
    schedule();
    return () => cancel();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const ids = [...this.#ids];
      for (let start = 0; start < ids.length; start += BATCH) {
        await Promise.all(ids.slice(start, start + BATCH).map((id) => this.#lookAt(id)));
      }
    } finally {
      this.#looking = false;
    }
  }

  async #lookAt(id: SessionId): Promise<void> {
    try {
      const record = await this.#store.find(id, this.#clock.now(), { fresh: true });
      if (record === null) this.ended(id);
    } catch {
      // A store in trouble says nothing about the session; the next look will.
    }
  }
}
