// Stands between the core and a store, so that a store in trouble costs a bounded time: every call has a deadline, and
// after one was missed, calls fail at once while a probe now and then looks whether the store is back.

import type { Clock } from "./clock.ts";
import { CorruptRecordError, InvalidValueError, SessionError, StoreError } from "./errors.ts";
import type { Happening } from "./events.ts";
import type { Awaitable } from "./store.ts";

const PROBE_INTERVAL = 250;

export interface GuardOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly deadline: number;
  readonly emit: (happening: Happening) => void;
}

/** Runs store calls. Whatever a call throws comes out as a {@link SessionError}. */
export class Guard {
  readonly #options: GuardOptions;
  /** When the next call may go through although the circuit is open; `null` while it is closed. */
  #nextProbe: number | null = null;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** `operation` completes the sentence "could not …". Answers at once where the store does. */
  run<T>(operation: string, call: () => Awaitable<T>): Awaitable<T> {
    if (this.#nextProbe !== null) this.#passOrThrow(operation);
    const result = this.#start(operation, call);
    if (result instanceof Promise) return this.#withDeadline(operation, result, true);
    this.#close();
    return result;
  }

  /**
   * The same outside of the circuit: the call is made even while that is open, and a deadline that it misses says
   * nothing about the calls that requests make.
   */
  async runAside<T>(operation: string, call: () => Awaitable<T>): Promise<T> {
    const result = this.#start(operation, call);
    return result instanceof Promise ? this.#withDeadline(operation, result, false) : result;
  }

  #start<T>(operation: string, call: () => Awaitable<T>): Awaitable<T> {
    try {
      return call();
    } catch (error) {
      throw this.#failure(operation, error);
    }
  }

  #passOrThrow(operation: string): void {
    const now = this.#options.clock.now();
    if (this.#nextProbe !== null && now < this.#nextProbe) {
      throw new StoreError("STORE_UNREACHABLE", operation, "it timed out moments ago, and is being probed.");
    }
    this.#nextProbe = now + PROBE_INTERVAL;
  }

  #withDeadline<T>(operation: string, result: Promise<T>, inCircuit: boolean): Promise<T> {
    const { clock, deadline } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const cancel = clock.after(deadline, () => {
        if (inCircuit) this.#open();
        const reason = `no answer within ${deadline} ms. Whether it was done is unknown.`;
        reject(this.#failure(operation, new StoreError("STORE_TIMEOUT", operation, reason)));
      });
      result.then(
        (value) => {
          cancel();
          if (inCircuit) this.#close();
          resolve(value);
        },
        (error: unknown) => {
          cancel();
          reject(this.#failure(operation, error));
        },
      );
    });
  }

  #failure(operation: string, cause: unknown): SessionError {
    // One record is damaged, or the caller asked for what cannot be: the store itself works.
    if (cause instanceof CorruptRecordError || cause instanceof InvalidValueError) return cause;
    const error =
      cause instanceof SessionError
        ? cause
        : new StoreError("STORE_FAILED", operation, reasonIn(cause), { cause });
    this.#options.emit({ type: "storeFailed", operation, error });
    return error;
  }

  #open(): void {
    if (this.#nextProbe === null) this.#options.emit({ type: "circuit", state: "open" });
    this.#nextProbe = this.#options.clock.now() + PROBE_INTERVAL;
  }

  #close(): void {
    if (this.#nextProbe === null) return;
    this.#nextProbe = null;
    this.#options.emit({ type: "circuit", state: "closed" });
  }
}

/** A connection that was refused at each of a host's addresses is an error without a message, around theirs. */
function reasonIn(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonIn).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}
