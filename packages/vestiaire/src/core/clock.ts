// The time, and what is to happen later. Everything in the library that looks at a clock gets this one handed in, so
// that a test decides what time it is and never sleeps.

/** The time in milliseconds since 1970, and timers that do not keep the process alive. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `task` once, `milliseconds` from now; the answer cancels it. */
  after(milliseconds: number, task: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: Date.now,
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    // Browsers' and workers' timers are numbers, and keep nothing alive.
    if (typeof timer === "object") timer.unref();
    return () => clearTimeout(timer);
  },
};
