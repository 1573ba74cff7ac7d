// A manager for the core's tests, with a clock that stands still, and browsers that visit it.

import type { SessionEvent } from "../../src/core/events.ts";
import { createSessions, type Sessions } from "../../src/core/manager.ts";
import type { SessionsOptions } from "../../src/core/options.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { Browser, type Visitor } from "../../src/testing/browser.ts";
import { type ManualClock, manualClock } from "../../src/testing/clock.ts";

export type { Browser, Visitor };

export interface House {
  readonly sessions: Sessions<Visitor>;
  readonly clock: ManualClock;
  readonly events: SessionEvent[];
  browser(): Browser;
  /** The types of the events so far, in order. */
  happened(): string[];
}

/** A manager over a memory store, with a clock that stands still, and browsers for it. */
export function house(options: Partial<SessionsOptions> = {}): House {
  const clock = manualClock();
  const events: SessionEvent[] = [];
  const sessions = createSessions<Visitor>({
    store: memoryStore(),
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    sessions,
    clock,
    events,
    browser: () => new Browser(sessions),
    happened: () => events.map(({ type }) => type),
  };
}
