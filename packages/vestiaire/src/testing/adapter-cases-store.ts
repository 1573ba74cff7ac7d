// The store of the adapter contract: in memory, and obedient. It writes down what it was asked, fails when it is told
// to, and keeps a call waiting for as long as a case wants to look at what happens meanwhile.

import type { Patch, PatchCondition, SessionRecord } from "../core/record.ts";
import type { Awaitable, SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { memoryStore } from "../stores/memory.ts";
import { Latch } from "./adapter-cases-fixtures.ts";

export type StoreCall = "find" | "create" | "patch" | "delete" | "findByUser" | "deleteByUser";

/** A call that is kept waiting before its work is done. */
export class HeldCall {
  readonly #latch = new Latch();

  /** Until the call has come. */
  get reached(): Promise<void> {
    return this.#latch.reached;
  }

  /** Lets the call do its work, now or as soon as it comes. */
  release(): void {
    this.#latch.open();
  }

  async run<T>(work: () => Awaitable<T>): Promise<T> {
    await this.#latch.wait();
    return work();
  }
}

/** Stores may answer at once or with a promise; adapters have a path for each. */
export type Pace = "at once" | "later";

export class TrialStore implements SessionStore {
  /** What was asked so far, in order. */
  readonly calls: StoreCall[] = [];
  readonly #memory = memoryStore();
  readonly #pace: Pace;
  readonly #failing = new Set<StoreCall | "all">();
  readonly #held = new Map<StoreCall, HeldCall>();
  readonly #everHeld: HeldCall[] = [];
  #watched: ReadonlySet<SessionId> = new Set();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Keeps the next call of this kind waiting. */
  hold(call: StoreCall): HeldCall {
    const held = new HeldCall();
    this.#held.set(call, held);
    this.#everHeld.push(held);
    return held;
  }

  releaseAll(): void {
    for (const held of this.#everHeld) held.release();
  }

  /** From now on these calls fail; without any, all of them do. */
  fail(...calls: StoreCall[]): void {
    for (const call of calls.length === 0 ? (["all"] as const) : calls) this.#failing.add(call);
  }

  recover(): void {
    this.#failing.clear();
  }

  /** Everything that is stored and lives at `now`. */
  async records(now: number): Promise<readonly SessionRecord[]> {
    const page = await this.#memory.list?.(now, undefined, 10_000);
    return page?.records ?? [];
  }

  /** The sessions whose end somebody in the process waits for. */
  get watched(): readonly SessionId[] {
    return [...this.#watched];
  }

  /** The same sessions in a store that tells nobody of their end, so that it has to be asked. */
  get silent(): SessionStore {
    return {
      find: (id, now) => this.find(id, now),
      create: (record, now) => this.create(record, now),
      patch: (id, patch, now, when) => this.patch(id, patch, now, when),
      delete: (id) => this.delete(id),
      findByUser: (userId, now) => this.findByUser(userId, now),
      deleteByUser: (userId, now, options) => this.deleteByUser(userId, now, options),
    };
  }

  find(id: SessionId, now: number): Awaitable<SessionRecord | null> {
    return this.#answer("find", () => this.#memory.find(id, now));
  }

  create(record: SessionRecord, now: number): Awaitable<"created" | "taken" | "ended"> {
    return this.#answer("create", () => this.#memory.create(record, now));
  }

  patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when?: PatchCondition,
  ): Awaitable<"done" | "gone" | "conflict"> {
    return this.#answer("patch", () => this.#memory.patch(id, patch, now, when));
  }

  delete(id: SessionId): Awaitable<SessionRecord | null> {
    return this.#answer("delete", () => this.#memory.delete(id));
  }

  findByUser(userId: string, now: number): Awaitable<SessionRecord[]> {
    return this.#answer("findByUser", () => this.#memory.findByUser(userId, now));
  }

  deleteByUser(userId: string, now: number, options?: { except?: SessionId }): Awaitable<SessionId[]> {
    return this.#answer("deleteByUser", () => this.#memory.deleteByUser(userId, now, options));
  }

  watch(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void, onGap: () => void): () => void {
    this.#watched = watched;
    return this.#memory.watch?.(watched, onEnded, onGap) ?? (() => {});
  }

  #answer<T>(call: StoreCall, work: () => Awaitable<T>): Awaitable<T> {
    this.calls.push(call);
    const workOrFail = () => {
      if (this.#failing.has(call) || this.#failing.has("all")) throw new Error("the engine is down");
      return work();
    };
    const held = this.#held.get(call);
    if (held !== undefined) {
      this.#held.delete(call);
      return held.run(workOrFail);
    }
    if (this.#pace === "at once") return workOrFail();
    return new Promise<void>((resolve) => setImmediate(resolve)).then(workOrFail);
  }
}
