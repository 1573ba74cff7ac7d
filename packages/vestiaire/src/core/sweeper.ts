// Removes expired sessions from the store, now and then, a batch at a time, so that nobody has to remember to and no
// request waits for it. For stores whose engine does it there is nothing to do.

import { type Clock, systemClock } from "./clock.ts";
import type { Happening } from "./events.ts";
import type { Guard } from "./guard.ts";
import { IN_WORKER } from "./platform.ts";
import type { SessionStore } from "./store.ts";

const INTERVAL = 60_000;
const BATCH = 500;

export class Sweeper {
  readonly #store: SessionStore;
  readonly #guard: Guard;
  readonly #clock: Clock;
  readonly #emit: (happening: Happening) => void;
  #cancel = () => {};
  #stopped = false;

  constructor(store: SessionStore, guard: Guard, clock: Clock, emit: (happening: Happening) => void) {
    this.#store = store;
    this.#guard = guard;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Sweeps about once a minute from now on; at random moments, so that twenty processes do not do it together. */
  start(): void {
    if (!this.#store.sweep || this.#stopped) return;
    // No timer of a worker's would live to see it. There the program calls `sweep`.
    if (IN_WORKER && this.#clock === systemClock) return;
    this.#cancel = this.#clock.after(INTERVAL * (0.5 + Math.random()), () => {
      // A failure was reported as an event; the next round tries again.
      void this.run()
        .catch(() => {})
        .then(() => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Removes all that has expired, and answers how many. Throws `StoreError`. */
  async run(): Promise<number> {
    const { sweep } = this.#store;
    if (!sweep) return 0;
    let removed = 0;
    for (let more = true; more; ) {
      const batch = await this.#guard.runAside("sweep", () =>
        sweep.call(this.#store, this.#clock.now(), BATCH),
      );
      removed += batch.removed;
      more = batch.more;
      // Stores that answer at once would otherwise hold the requests up until all is done.
      if (more) await new Promise((resolve) => setImmediate(resolve));
    }
    if (removed > 0) this.#emit({ type: "swept", removed });
    return removed;
  }
}
