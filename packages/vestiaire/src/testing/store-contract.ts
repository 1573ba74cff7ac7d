// The store contract as a suite that any implementation can be put through. Each sentence of `core/store.ts` is a case
// below, named after what it promises; a store that passes all of them keeps the library's invariants.

import { describe, test } from "node:test";
import type { Awaitable, SessionStore } from "../core/store.ts";
import type { StoreCase, StoreContext, StoreNeed, StoreUnderTest } from "./store-cases-fixtures.ts";
import { outsideCases } from "./store-cases-outside.ts";
import { patchCases } from "./store-cases-patches.ts";
import { raceCases } from "./store-cases-races.ts";
import { recordCases } from "./store-cases-records.ts";
import { sessionCases } from "./store-cases-sessions.ts";
import { upkeepCases } from "./store-cases-upkeep.ts";
import { userCases } from "./store-cases-users.ts";
import { valueCases } from "./store-cases-values.ts";

export type { StoreCase, StoreContext, StoreNeed, StoreUnderTest } from "./store-cases-fixtures.ts";

/** Every promise, as data: for suites of another test runner, and to check that a wrong store breaks one. */
export const storeContract: readonly StoreCase[] = [
  ...recordCases,
  ...patchCases,
  ...raceCases,
  ...userCases,
  ...valueCases,
  ...upkeepCases,
  ...outsideCases,
  ...sessionCases,
];

/**
 * Registers the contract with `node:test`, one test for each promise. `open` is called once for each and answers an
 * empty store. Promises about something that the store does not have are reported as skipped.
 *
 * ```ts
 * testStore("myStore", async () => {
 *   const database = await emptyDatabase();
 *   return {
 *     store: myStore(database.url),
 *     reopen: () => myStore(database.url),
 *     close: () => database.drop(),
 *   };
 * });
 * ```
 */
export function testStore(name: string, open: () => Awaitable<StoreUnderTest>): void {
  describe(name, () => {
    for (const storeCase of storeContract) {
      test(storeCase.name, async (t) => {
        const missing = await checkStoreCase(storeCase, open);
        if (missing !== null) t.skip(`the store under test has no ${missing}`);
      });
    }
  });
}

/**
 * Puts one store through one case. Rejects when the promise is broken; answers what the store lacks for it to be
 * tried, or `null` when it was kept.
 */
export async function checkStoreCase(
  storeCase: StoreCase,
  open: () => Awaitable<StoreUnderTest>,
): Promise<StoreNeed | null> {
  const underTest = await open();
  const stores = [underTest.store];
  try {
    const missing = storeCase.needs?.find((need) => !has(underTest, need));
    if (missing !== undefined) return missing;
    await storeCase.run(contextOf(underTest, stores));
    return null;
  } finally {
    for (const store of stores) await store.close?.();
    await underTest.close?.();
  }
}

function has(underTest: StoreUnderTest, need: StoreNeed): boolean {
  const owner = need === "reopen" || need === "damage" ? underTest[need] : underTest.store[need];
  return owner !== undefined;
}

/** `stores` collects what is to be closed. */
function contextOf(underTest: StoreUnderTest, stores: SessionStore[]): StoreContext {
  return {
    store: underTest.store as Required<SessionStore>,
    async reopen() {
      const other = await underTest.reopen?.();
      if (other === undefined)
        throw new TypeError("This case does not say that it needs to reopen the store");
      stores.push(other);
      return other as Required<SessionStore>;
    },
    async damage(id) {
      await underTest.damage?.(id);
    },
  };
}
