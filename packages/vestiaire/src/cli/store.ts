// The store that a command works on: opened from its URL, asked with a deadline, and closed in the end, whatever happens
// to the server meanwhile.

import { existsSync } from "node:fs";
import type { Clock } from "../core/clock.ts";
import { Guard } from "../core/guard.ts";
import type { SessionRecord } from "../core/record.ts";
import type { Awaitable, SessionStore } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import { placeOf } from "../stores/open/place.ts";
import { openStore } from "../stores/open.ts";
import { Problem, UsageError } from "./command.ts";

/** Milliseconds. Longer than that of a server, for which a person waits less. */
const DEADLINE = 10_000;
const CLOSING = 2_000;

/** Records for each call that reads or removes many. */
export const BATCH = 500;

/** Unlike the library's, its timers keep the process alive: nothing else may, while a server does not answer. */
const clock: Clock = {
  now: Date.now,
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class OpenedStore {
  readonly store: SessionStore;
  readonly #guard = new Guard({ clock, deadline: DEADLINE, emit: () => {} });

  constructor(store: SessionStore) {
    this.store = store;
  }

  /** Calls the store. `operation` completes "could not …". Rejects with `SessionError`. */
  async ask<T>(operation: string, call: (store: SessionStore, now: number) => Awaitable<T>): Promise<T> {
    return this.#guard.run(operation, () => call(this.store, clock.now()));
  }

  /**
   * Pages of all records that were live at `now`. Throws {@link Problem} when the store cannot list them.
   */
  async *pages(now: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<readonly SessionRecord[]> {
    if (this.store.list === undefined) {
      throw new Problem(
        "This store cannot list all sessions. Name a user with --user, or a session by its id.",
      );
    }
    let cursor: string | undefined;
    for (let left = limit; left > 0; ) {
      const page = await this.ask("list the sessions", (store) =>
        store.list?.(now, cursor, Math.min(left, BATCH)),
      );
      const records = page?.records.slice(0, left) ?? [];
      yield records;
      left -= records.length;
      if (page?.cursor == null) return;
      cursor = page.cursor;
    }
  }
}

/** The URL that was given, or the one in the environment. Throws {@link UsageError} when there is neither. */
export function storeUrl(given: string | undefined): string {
  const url = given ?? process.env.VESTIAIRE_STORE;
  if (url) return url;
  throw new UsageError("Where are the sessions? Give --store URL, or set VESTIAIRE_STORE.");
}

/** Works on the store at the URL. Rejects with {@link Problem} rather than make a new store where there is none. */
export async function withStore<T>(url: string, work: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const { engine, address } = placeOf(url);
  if ((engine === "file" || engine === "sqlite") && !existsSync(address)) {
    throw new Problem(
      `There is no ${address}. Nobody has stored a session there yet, or it is somewhere else.`,
    );
  }
  const store = await openStore(url);
  try {
    return await work(new OpenedStore(store));
  } finally {
    await close(store);
  }
}

/** What was asked for is done or has failed by now. A server that does not answer must not keep people waiting. */
async function close(store: SessionStore): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(CLOSING, resolve);
  const closed = async () => store.close?.();
  await Promise.race([closed().catch(() => {}), late]);
  cancel();
}

/** Throws {@link UsageError}, in which the text is not repeated: its other half opens a session. */
export function idIn(text: string): SessionId {
  const looksLikeCookie = text.includes(".");
  if (isSessionId(text)) return text;
  if (looksLikeCookie) {
    throw new UsageError(
      "That looks like the value of a cookie, which opens a session: keep it to yourself. The id is what comes before the dot.",
    );
  }
  throw new UsageError("An id is 32 of 0-9 and a-f, as `vestiaire list` shows it.");
}
