// The sessions that this process replaced or ended moments ago. A request with such a session's cookie was sent before
// its browser heard of it: it must neither write nor set a cookie, or it would overwrite the successor's.

import type { SessionId } from "./token.ts";

const MEMORY = 30_000;

/** Remembers each id for 30 seconds. */
export class RecentlyEnded {
  /** In the order of their times, because all are kept equally long. */
  readonly #until = new Map<SessionId, number>();

  add(id: SessionId, now: number): void {
    for (const [old, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(old);
    }
    this.#until.delete(id);
    this.#until.set(id, now + MEMORY);
  }

  has(id: SessionId, now: number): boolean {
    return (this.#until.get(id) ?? 0) > now;
  }
}
