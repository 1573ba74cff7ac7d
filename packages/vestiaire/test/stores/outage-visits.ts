// Requests while a store is in trouble: what they must not do, and how long a test waits for the end of the trouble. For
// the outage tests of the stores.

import assert from "node:assert/strict";
import { systemClock } from "../../src/core/clock.ts";
import { StoreError } from "../../src/core/errors.ts";
import type { Session } from "../../src/core/session.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { type Browser, type House, house, type Visitor } from "../core/visits.ts";

/** How long the end of the trouble may take to show. Nothing waits that long unless it fails. */
const PATIENCE = 20_000;

/** A manager over the store, with real time and little patience. */
export function impatientHouse(store: SessionStore): House {
  return house({ store, clock: systemClock, deadline: 1_000 });
}

/** A browser that is signed in, with a count of 1. */
export async function signedIn({ browser }: House, userId = "ada"): Promise<Browser> {
  const signedIn = browser();
  await signedIn.visit((session) => session.signIn(userId).set("count", 1));
  assert.ok(signedIn.cookie);
  return signedIn;
}

/** Adds one. */
export function count(session: Session<Visitor>): void {
  session.update("count", (before = 0) => before + 1);
}

/**
 * Checks that a read, a write, a sign-in and a sign-out each fail with a `StoreError`, that nobody is taken for an
 * anonymous visitor, and that no cookie changes.
 */
export async function assertAllRefused(house: House, visitor: Browser): Promise<void> {
  await assertRefused(visitor, (session) => session.data);
  await assertWritesRefused(house, visitor);
}

/** The same, where reading may work. */
export async function assertWritesRefused(house: House, visitor: Browser): Promise<void> {
  await assertRefused(visitor, count);
  await assertRefused(visitor, (session) => session.signIn("ada"));
  await assertRefused(visitor, (session) => session.signOut());
  await assertRefused(house.browser(), (session) => session.signIn("eve"));
  await assertRefused(house.browser(), (session) => session.set("count", 1));
}

/** Checks that this request fails with a `StoreError`, and leaves the browser's cookie alone. */
export async function assertRefused(
  browser: Browser,
  handler: (session: Session<Visitor>) => unknown,
): Promise<void> {
  const { cookie } = browser;
  await assert.rejects(browser.visit(handler), StoreError);
  assert.equal(browser.cookie, cookie);
}

/** Attempts until it works: the store comes back without a restart of this process. */
export async function recovered<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
