// Watches the calls to the file system that a store makes, so that a test can count them, make one fail, or let another
// process's work happen exactly between two of them.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

type Call = (...args: unknown[]) => unknown;

/** Every call that the stores make, by name. */
const CALLS = fs as unknown as Record<string, Call>;
const NAMES = Object.keys(fs).filter((name) => name.endsWith("Sync"));

/** Runs `work`, and `before` ahead of each of its calls to the file system. What `before` calls itself goes unwatched. */
export function watchingCalls<Answer>(
  before: (name: string, args: readonly unknown[]) => void,
  work: () => Answer,
): Answer {
  let watching = true;
  const originals = NAMES.map((name) => [name, CALLS[name] as Call] as const);
  for (const [name, original] of originals) {
    CALLS[name] = (...args) => {
      if (watching) {
        watching = false;
        try {
          before(name, args);
        } finally {
          watching = true;
        }
      }
      const outside = watching;
      watching = false;
      try {
        return original(...args);
      } finally {
        watching = outside;
      }
    };
  }
  syncBuiltinESMExports();
  try {
    return work();
  } finally {
    for (const [name, original] of originals) CALLS[name] = original;
    syncBuiltinESMExports();
  }
}

/** How many calls to the file system `work` makes. */
export function countCalls(work: () => unknown): number {
  let count = 0;
  watchingCalls(() => {
    count += 1;
  }, work);
  return count;
}

/**
 * Runs `first` again and again, each time on a fresh `State`; ahead of its first call to the file system the first
 * time, of its second the next, and so on, `meanwhile` happens as a whole. Then `check` looks at what became of both.
 * Answers how many points in time there were.
 */
export function atEachPoint<State>(
  prepare: () => State,
  first: (state: State) => void,
  meanwhile: (state: State) => void,
  check: (state: State, point: number) => void,
): number {
  for (let point = 0; ; point += 1) {
    const state = prepare();
    let calls = 0;
    let happened = false;
    watchingCalls(
      () => {
        if (calls === point) {
          happened = true;
          meanwhile(state);
        }
        calls += 1;
      },
      () => first(state),
    );
    if (!happened) return point;
    check(state, point);
  }
}

class Killed extends Error {}

/** Runs `work` up to its call number `point`, as if the process were killed right before it. False if it ended earlier. */
export function killedAt(point: number, work: () => unknown): boolean {
  let calls = 0;
  let killed = false;
  try {
    watchingCalls((name) => {
      // What the dead would still do in a `finally` does not happen, but for the closing of files.
      if (calls >= point && name !== "closeSync") {
        killed = true;
        throw new Killed();
      }
      calls += 1;
    }, work);
  } catch (error) {
    if (!killed) throw error;
  }
  return killed;
}
