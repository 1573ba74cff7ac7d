// Stores that misbehave on request, around a memory store: they count calls, wait at gates, or fail.

import type { SessionStore } from "../../src/core/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";

type Method = "find" | "create" | "patch" | "delete" | "findByUser" | "deleteByUser";
const METHODS: readonly Method[] = ["find", "create", "patch", "delete", "findByUser", "deleteByUser"];

export interface TestStore extends SessionStore {
  /** The names of the calls so far. */
  readonly calls: Method[];
  /** Runs before each call of the method, which then waits for it; it may throw in the store's place. */
  before(method: Method, hook: () => void | Promise<void>): void;
  /** Runs after the method's work, before its answer. */
  after(method: Method, hook: () => void | Promise<void>): void;
  calm(): void;
}

export function testStore(inner: SessionStore = memoryStore()): TestStore {
  const calls: Method[] = [];
  const before = new Map<Method, () => void | Promise<void>>();
  const after = new Map<Method, () => void | Promise<void>>();
  const wrapped = Object.fromEntries(
    METHODS.map((method) => [
      method,
      (...args: never[]) => {
        calls.push(method);
        const work = () => Reflect.apply(inner[method], inner, args) as unknown;
        if (!before.has(method) && !after.has(method)) return work();
        return (async () => {
          await before.get(method)?.();
          const answer = await work();
          await after.get(method)?.();
          return answer;
        })();
      },
    ]),
  );
  return {
    ...(wrapped as unknown as SessionStore),
    calls,
    before: (method, hook) => void before.set(method, hook),
    after: (method, hook) => void after.set(method, hook),
    calm() {
      before.clear();
      after.clear();
    },
  };
}

/** A promise to wait at, and the way to open it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
