// What the trial's application and its test, which run in one process, have in common.

import type { SessionStore } from "vestiaire";

export interface Trial {
  /** Where the application's own sessions are. */
  readonly store: SessionStore;
  /** Answers the route that is for whatever the test likes. */
  answer(request: Request): Promise<Response>;
  /** Called when a manager is made. */
  made(): void;
}

/** Next.js bundles its own instance of every module. What it shares with others is here. */
export function trial(): Trial | undefined {
  return (globalThis as { trial?: Trial }).trial;
}

export function setTrial(trial: Trial): void {
  Object.assign(globalThis, { trial });
}
