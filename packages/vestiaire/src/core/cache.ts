// Keeps what was used lately, for stores that must look where their records are before they may trust what they know.
// Two generations: when the young one is full it becomes the old one, and what is asked for again moves back to the
// young. That forgets what lies idle, without a list to mend at each look.

const BYTES = 32 * 1024 * 1024;

/** At most so many entries, 20,000 by default, and 64 MiB. Each value says how many bytes it weighs. */
export class Cache<Value extends { readonly size: number }> {
  /** Of one generation. */
  readonly #entries: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  #bytes = 0;

  constructor(entries = 20_000) {
    this.#entries = Math.ceil(entries / 2);
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    this.#bytes += value.size - (this.#young.get(key)?.size ?? 0);
    this.#young.set(key, value);
    if (this.#young.size < this.#entries && this.#bytes < BYTES) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }

  delete(key: string): void {
    this.#bytes -= this.#young.get(key)?.size ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#bytes = 0;
  }
}
