// Lets the tasks of one session run one after the other within this process, so that exact updates wait for each other
// instead of failing against each other.

import { IN_WORKER } from "./platform.ts";

/** Tasks of different keys do not wait for each other. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task after all earlier ones of this key. `waited` tells it that there were any. */
  run<T>(key: string, task: (waited: boolean) => Promise<T>): Promise<T> {
    // Requests of a worker cannot wait for each other: there they fail against each other, and try again.
    if (IN_WORKER) return task(false);
    const before = this.#last.get(key);
    const result = before === undefined ? task(false) : before.then(() => task(true));
    const settled: Promise<unknown> = result
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return result;
  }
}
