// Hands what PostgreSQL tells to whoever wants to know. One connection listens for all of them, and only while there is
// somebody.

import type { SessionId } from "../../core/token.ts";
import type { Database } from "./database.ts";

export interface Listener {
  readonly onEnded: (id: SessionId) => void;
  readonly onPatched?: (id: SessionId) => void;
  readonly onGap: () => void;
}

/** What comes before an id in what is told. */
export const ENDED = "-";
export const PATCHED = "~";

export class Feed {
  readonly #database: Database;
  readonly #channel: string;
  readonly #listeners = new Set<Listener>();
  #stop: (() => void) | null = null;

  constructor(database: Database, channel: string) {
    this.#database = database;
    this.#channel = channel;
  }

  /** The answer takes the listener out again. */
  join(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#database.listen(
      this.#channel,
      (message) => this.#tell(message),
      () => {
        for (const { onGap } of this.#listeners) onGap();
      },
    );
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#listeners.clear();
  }

  #tell(message: string): void {
    const id = message.slice(1);
    const ended = message.startsWith(ENDED);
    for (const { onEnded, onPatched } of this.#listeners) {
      if (ended) onEnded(id);
      else onPatched?.(id);
    }
  }
}
