// A clock that tests move by hand, so that no test sleeps and every run sees the same times.

import type { Clock } from "../core/clock.ts";

/** A {@link Clock} that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves the time forward, and runs what falls due on the way, in its order. */
  advance(milliseconds: number): void;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** Starts at an ordinary moment of 2026, or at `start` (milliseconds since 1970). */
export function manualClock(start = 1_790_000_000_000): ManualClock {
  let now = start;
  const timers = new Set<Timer>();
  const nextDue = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(milliseconds, task) {
      const timer = { at: now + milliseconds, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(milliseconds) {
      const until = now + milliseconds;
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due);
        now = due.at;
        due.task();
      }
      now = until;
    },
  };
}
