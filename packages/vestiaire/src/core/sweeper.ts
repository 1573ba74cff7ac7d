// Removes expired sessions from the store, now and then, a batch at a time, so that nobody has to remember to and no
// request waits for it. For stores whose engine does it there is nothing to do.

import { type Clock, systemClock } from "./clock.ts";
import type { Happening } from "./events.ts";
import { IN_WORKER } from "./platform.ts";
import type { SessionStore } from "./store.ts";

const INTERVAL = 60_000;
const BATCH = 500;

export class Sweeper {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #emit: (happening: Happening) => void;
  #cancel: (() => void) | null = null;

  constructor(store: SessionStore, clock: Clock, emit: (happening: Happening) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Sweeps about once a minute from now on; at random moments, so that twenty processes do not do it together. */
  start(): void {
    if (!this.#store.sweep) return;
    // No timer of a worker's would live to see it. There the program calls `sweep`.
    if (IN_WORKER && this.#clock === systemClock) return;
    this.#cancel = this.#clock.after(INTERVAL * (0.5 + Math.random()), () => {
      this.start();
      // A failure was reported as an event; the next round tries again.
      this.run().catch(() => {});
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Removes all that has expired, and answers how many. */
  async run(): Promise<number> {
    let removed = 0;
    try {
      for (let more = this.#store.sweep !== undefined; more; ) {
        const batch = await this.#store.sweep?.(this.#clock.now(), BATCH);
        removed += batch?.removed ?? 0;
        more = batch?.more ?? false;
        // Stores that answer at once would otherwise hold the requests up until all is done.
        if (more) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#emit({ type: "storeFailed", operation: "sweep", error });
      throw error;
    }
    if (removed > 0) this.#emit({ type: "swept", removed });
    return removed;
  }
}
