// Turns the end of a session, wherever it happened, into an AbortSignal here. Stores that can push tell at once; of the
// others the watched sessions are looked up again twice a second.

import type { Clock } from "./clock.ts";
import { CorruptRecordError } from "./errors.ts";
import { endOf, type Lifespan } from "./expiry.ts";
import type { Guard } from "./guard.ts";
import type { SessionStore } from "./store.ts";
import type { SessionId } from "./token.ts";

const POLL_INTERVAL = 500;
/** Expiry is pushed by nobody, so the watched are looked up now and then even where endings are. */
const EXPIRY_INTERVAL = 30_000;
const BATCH = 100;

/** Signals for the sessions that somebody hangs on. */
export class EndWatcher {
  readonly #store: SessionStore;
  readonly #guard: Guard;
  readonly #clock: Clock;
  readonly #lifespan: Lifespan;
  readonly #watched = new Map<SessionId, Set<AbortController>>();
  readonly #ids = new Set<SessionId>();
  #unwatch: (() => void) | undefined;
  #cancelLook = () => {};
  #looking = false;
  #lookAgain = false;

  constructor(store: SessionStore, guard: Guard, clock: Clock, lifespan: Lifespan) {
    this.#store = store;
    this.#guard = guard;
    this.#clock = clock;
    this.#lifespan = lifespan;
  }

  /** A signal of the caller's own, so that what hangs on it goes with it. `release` takes the interest back. */
  hold(id: SessionId): { signal: AbortSignal; release: () => void } {
    const controller = new AbortController();
    const holders = this.#watched.get(id);
    if (holders) holders.add(controller);
    else this.#watch(id, controller);
    return {
      signal: controller.signal,
      release: () => {
        const holders = this.#watched.get(id);
        if (holders?.delete(controller) && holders.size === 0) this.#forget(id);
      },
    };
  }

  /** The session is over. */
  ended(id: SessionId): void {
    const holders = this.#watched.get(id);
    if (!holders) return;
    this.#forget(id);
    for (const controller of holders) controller.abort();
  }

  close(): void {
    this.#cancelLook();
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#watched.clear();
    this.#ids.clear();
  }

  #watch(id: SessionId, controller: AbortController): void {
    this.#watched.set(id, new Set([controller]));
    this.#ids.add(id);
    if (this.#ids.size === 1) this.#start();
    // Its end may have been told before anybody here listened for it.
    if (this.#store.watch)
      void this.#lookAt([id]).then((answered) => answered || this.#lookAfter(POLL_INTERVAL));
  }

  #forget(id: SessionId): void {
    this.#watched.delete(id);
    this.#ids.delete(id);
    if (this.#ids.size === 0) this.close();
  }

  #start(): void {
    this.#unwatch = this.#store.watch?.(
      this.#ids,
      (id) => this.ended(id),
      () => void this.#look(),
    );
    this.#lookAfter(this.#store.watch ? EXPIRY_INTERVAL : POLL_INTERVAL);
  }

  #lookAfter(interval: number): void {
    this.#cancelLook();
    if (this.#ids.size === 0) return;
    this.#cancelLook = this.#clock.after(interval, () => void this.#look());
  }

  /** Looks all of them up, and plans the next look. */
  async #look(): Promise<void> {
    // Those that were looked up already may have ended since.
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    let answered = true;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      answered = await this.#lookAt([...this.#ids]);
    }
    this.#looking = false;
    this.#lookAfter(this.#store.watch && answered ? EXPIRY_INTERVAL : POLL_INTERVAL);
  }

  /** Whether the store answered for all of them. One in trouble says nothing about a session. */
  async #lookAt(ids: readonly SessionId[]): Promise<boolean> {
    let answered = true;
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = ids.slice(start, start + BATCH);
      try {
        await this.#guard.run("look whether sessions have ended", () =>
          Promise.all(batch.map((id) => this.#find(id))),
        );
      } catch {
        // The guard has told of it.
        answered = false;
      }
      // Stores that answer at once would otherwise hold the requests up until all are looked at.
      if (start + BATCH < ids.length) await new Promise((resolve) => setImmediate(resolve));
    }
    return answered;
  }

  async #find(id: SessionId): Promise<void> {
    try {
      const now = this.#clock.now();
      const record = await this.#store.find(id, now, { fresh: true });
      if (record === null || endOf(record, this.#lifespan) <= now) this.ended(id);
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
    }
  }
}
