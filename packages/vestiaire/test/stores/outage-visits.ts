// Requests while a store is in trouble, without a web server: for tests of what one engine does beyond the outage contract.

import assert from "node:assert/strict";
import { systemClock } from "../../src/core/clock.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { type Browser, type House, house } from "../core/visits.ts";

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
