// A manager on a store that does as it is told, and a client for a server that uses it: for what a framework has of its
// own, beside the contract.

import type { TestContext } from "node:test";
import { createSessions, type Sessions } from "../../src/core/manager.ts";
import { Site } from "../../src/testing/adapter-cases-client.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import type { ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";

export interface Visiting {
  readonly store: TrialStore;
  readonly sessions: Sessions<TrialData>;
}

export function visiting(): Visiting {
  const store = new TrialStore("later");
  return { store, sessions: createSessions<TrialData>({ store, sweep: false, onEvent() {} }) };
}

/** A client for this server; both are closed after the test. */
export async function siteOf(
  t: TestContext,
  sessions: Sessions<TrialData>,
  serving: ReturnType<ServeScenario>,
): Promise<Site> {
  const server = await serving;
  const site = new Site(sessions, server.port);
  t.after(() => {
    site.close();
    return server.close();
  });
  return site;
}
