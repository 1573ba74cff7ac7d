// The one place that hears of sessions ending in this process: it remembers them for the requests that are still
// arriving with their cookies, wakes whoever hangs on them, and says so to the operator.

import type { EndReason, Happening } from "./events.ts";
import type { RecentlyEnded } from "./recent.ts";
import type { SessionId } from "./token.ts";
import type { EndWatcher } from "./watch.ts";

export class Ending {
  readonly #recent: RecentlyEnded;
  readonly #watcher: EndWatcher;
  readonly #emit: (happening: Happening) => void;
  readonly #now: () => number;

  constructor(
    recent: RecentlyEnded,
    watcher: EndWatcher,
    emit: (happening: Happening) => void,
    now: () => number,
  ) {
    this.#recent = recent;
    this.#watcher = watcher;
    this.#emit = emit;
    this.#now = now;
  }

  /** This process ended the session. */
  happened(id: SessionId, userId: string | null, reason: EndReason): void {
    this.noticed(id);
    this.#emit({ type: "ended", id, userId, reason });
  }

  /** A request found its session over, and what it wanted to write was dropped. */
  lost(id: SessionId): void {
    this.noticed(id);
    this.#emit({ type: "lost", id });
  }

  /** The session turned out to be over. */
  noticed(id: SessionId): void {
    this.#recent.add(id, this.#now());
    this.#watcher.ended(id);
  }
}
