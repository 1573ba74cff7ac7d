// Removes what is over: expired sessions, old marks, and what processes left behind that were killed half-way. It goes
// by the lists of what is due and by the folder of temporary files, never through all sessions, so that its cost
// follows what there is to do. Any number of processes may sweep at once, and each may stop anywhere.

import { existsSync, readdirSync } from "node:fs";
import { CorruptRecordError } from "../../core/errors.ts";
import { isLive } from "../../core/record.ts";
import type { Sweep } from "../../core/store.ts";
import { isSessionId } from "../../core/token.ts";
import { type DueEntry, type DueIndex, type DueList, GRACE } from "./due.ts";
import { discard } from "./files.ts";
import type { LogState } from "./fold.ts";
import type { Layout } from "./layout.ts";
import type { SessionLog } from "./log.ts";
import type { Marks } from "./marks.ts";
import type { UserIndex } from "./users.ts";

export class Sweeper {
  readonly #layout: Layout;
  readonly #log: SessionLog;
  readonly #users: UserIndex;
  readonly #due: DueIndex;
  readonly #marks: Marks;
  #list: DueList | null = null;

  constructor(layout: Layout, log: SessionLog, users: UserIndex, due: DueIndex, marks: Marks) {
    this.#layout = layout;
    this.#log = log;
    this.#users = users;
    this.#due = due;
    this.#marks = marks;
  }

  /**
   * Sees to at most `limit` things; those that turn out to live count as well. One that fails holds up no other: its error
   * is thrown at the end, and its list stays, to be taken again as if its taker had died.
   */
  sweep(now: number, limit: number): Sweep {
    const errors: unknown[] = [];
    let left = limit;
    let removed = 0;
    while (left > 0) {
      this.#list ??= this.#due.take(now);
      if (this.#list === null) break;
      const entries = this.#list.next(left);
      for (const entry of entries) {
        try {
          if (this.#seeTo(entry, now)) removed += 1;
        } catch (error) {
          errors.push(error);
          this.#list.retain();
        }
      }
      left -= entries.length;
      if (entries.length > 0) continue;
      this.#list.finish();
      this.#list = null;
    }
    left -= this.#collectTemporary(now, left, errors);
    this.#marks.sweep(now, left);
    if (errors.length > 0) throw errors[0];
    return { removed, more: this.#list !== null || this.#due.waits(now) };
  }

  /** Removes the session if it is over, otherwise lists it anew. Whether one was removed that was sound. */
  #seeTo(entry: DueEntry, now: number): boolean {
    const { id, user } = entry;
    let removed = false;
    try {
      const state = this.#log.state(id);
      if (state !== null && !state.ended && isLive(state.record, now)) return this.#keep(entry, state);
      const ended = state === null ? null : this.#log.end(id, now);
      // It was refreshed just now.
      if (ended?.verdict === "conflict") return this.#keep(entry, ended.before);
      removed = ended?.verdict === "counts";
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
      this.#log.erase(id);
    }
    if (user !== null) this.#unlist(user, entry);
    return removed;
  }

  #keep(entry: DueEntry, { record }: LogState): false {
    this.#due.list(entry, record.expiresAt, () => {});
    return false;
  }

  #unlist(user: string, { id }: DueEntry): void {
    this.#users.remove(user, id);
    // Whoever makes the session looks for its entry afterwards, as this looks for the session: one of them mends it.
    if (existsSync(this.#layout.session(id))) this.#users.add(user, id);
  }

  /** Removes files of processes that were killed before they could put them in their place. How many. */
  #collectTemporary(now: number, limit: number, errors: unknown[]): number {
    if (limit <= 0) return 0;
    let collected = 0;
    for (const name of readdirSync(this.#layout.temporary)) {
      const [id = "", madeAt] = name.split("~");
      if (now - Number(madeAt) < GRACE) continue;
      if (collected === limit) break;
      collected += 1;
      try {
        if (isSessionId(id)) this.#fence(id);
        discard(`${this.#layout.temporary}/${name}`);
      } catch (error) {
        errors.push(error);
      }
    }
    return collected;
  }

  /**
   * If the log is sealed to a temporary file, puts it in its place; otherwise sees to it that no seal to one counts any
   * more, should its maker only have slept.
   */
  #fence(id: string): void {
    try {
      this.#log.append(id, { fence: true });
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
    }
  }
}
