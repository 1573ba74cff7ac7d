// The adapter contract as a suite that the adapter of any framework can be put through: the same HTTP scenarios, over a
// real socket. An adapter that passes keeps the library's invariants where they are easiest to lose: between a handler's
// last word and the first byte of the response.

import { describe, test } from "node:test";
import { format } from "node:util";
import type { SessionEvent } from "../core/events.ts";
import { createSessions } from "../core/manager.ts";
import type { Awaitable } from "../core/store.ts";
import { Site } from "./adapter-cases-client.ts";
import { connectionCases } from "./adapter-cases-connections.ts";
import { cookieCases } from "./adapter-cases-cookies.ts";
import type {
  AdapterCase,
  AdapterContext,
  AdapterNeed,
  AdapterTraits,
  ServeScenario,
  TrialData,
} from "./adapter-cases-fixtures.ts";
import { headerCases } from "./adapter-cases-headers.ts";
import { headCases } from "./adapter-cases-heads.ts";
import { outageCases } from "./adapter-cases-outage.ts";
import { overlapCases } from "./adapter-cases-overlaps.ts";
import { proxyCases } from "./adapter-cases-proxies.ts";
import { signalCases } from "./adapter-cases-signal.ts";
import { type Pace, TrialStore } from "./adapter-cases-store.ts";
import { streamCases } from "./adapter-cases-streams.ts";
import { tokenCases } from "./adapter-cases-tokens.ts";
import { manualClock } from "./clock.ts";

export type {
  AdapterCase,
  AdapterContext,
  AdapterNeed,
  AdapterTraits,
  Scenario,
  ScenarioRequest,
  ScenarioResponse,
  ServeScenario,
  TrialData,
} from "./adapter-cases-fixtures.ts";

/** Every promise, as data: for suites of another test runner, and to check that a wrong adapter breaks one. */
export const adapterContract: readonly AdapterCase[] = [
  ...cookieCases,
  ...tokenCases,
  ...headCases,
  ...headerCases,
  ...streamCases,
  ...signalCases,
  ...connectionCases,
  ...overlapCases,
  ...outageCases,
  ...proxyCases,
];

/** Far more than any case takes: none waits for time to pass. */
const PATIENCE = 20_000;

/**
 * Registers the contract with `node:test`, one test for each promise. Promises about something that the adapter does not
 * have are reported as skipped.
 *
 * ```ts
 * testAdapter("hono", async (sessions, scenario) => {
 *   const app = new Hono().use(session(sessions)).all("*", async (c) => {
 *     const { method, path } = c.req;
 *     const { status, headers, body } = await scenario(c.var.session, { method, path });
 *     return new Response(typeof body === "object" ? ReadableStream.from(body) : body, { status, headers });
 *   });
 *   const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
 *   await once(server, "listening");
 *   return { port: server.address().port, close: () => server.close().closeAllConnections() };
 * });
 * ```
 */
export function testAdapter(name: string, serve: ServeScenario, traits: AdapterTraits = {}): void {
  describe(name, () => {
    for (const adapterCase of adapterContract) {
      test(adapterCase.name, async (t) => {
        const missing = await checkAdapterCase(adapterCase, serve, traits);
        if (missing !== null) t.skip(`without ${missing}`);
      });
    }
  });
}

/**
 * Puts one adapter through one case. Rejects when the promise is broken; answers what the adapter lacks for it to be
 * tried, or `null` when it was kept. What goes to the console meanwhile is not shown, so run one at a time.
 */
export async function checkAdapterCase(
  adapterCase: AdapterCase,
  serve: ServeScenario,
  traits: AdapterTraits = {},
): Promise<AdapterNeed | null> {
  const missing = adapterCase.needs?.find((need) => !has(traits, need));
  if (missing !== undefined) return missing;
  for (const pace of ["at once", "later"] as const) {
    try {
      await run(adapterCase, serve, traits, pace);
    } catch (error) {
      if (error instanceof Error) error.message = `With a store that answers ${pace}: ${error.message}`;
      throw error;
    }
  }
  return null;
}

function has({ protocol = "http", knowsPeer = true }: AdapterTraits, need: AdapterNeed): boolean {
  switch (need) {
    case "HTTP/1.1":
      return protocol !== "h2";
    case "plain HTTP":
      return protocol === "http";
    case "the peer's address":
      return knowsPeer;
  }
}

async function run(
  adapterCase: AdapterCase,
  serve: ServeScenario,
  { protocol }: AdapterTraits,
  pace: Pace,
): Promise<void> {
  const store = new TrialStore(pace);
  const clock = manualClock();
  const events: SessionEvent[] = [];
  const closing: (() => Awaitable<unknown>)[] = [() => store.releaseAll()];
  const context: Omit<AdapterContext, "printed"> = {
    store,
    clock,
    events,
    async serve(scenario, options) {
      const onEvent = (event: SessionEvent) => events.push(event);
      const sessions = createSessions<TrialData>({ store, clock, sweep: false, onEvent, ...options });
      const server = await serve(sessions, scenario);
      const site = new Site(sessions, server.port, protocol);
      closing.push(
        () => site.close(),
        () => server.close(),
        () => sessions.close(),
      );
      return site;
    },
  };
  const console = takeConsole();
  const patience = Promise.withResolvers<never>();
  const timer = setTimeout(() => patience.reject(new Error("no answer came, or no end")), PATIENCE);
  try {
    await Promise.race([adapterCase.run({ ...context, printed: console.lines }), patience.promise]);
  } finally {
    clearTimeout(timer);
    for (const close of closing) await close();
    console.giveBack();
  }
}

/** Listens in on the console, in its place. */
function takeConsole(): { readonly lines: readonly string[]; giveBack(): void } {
  const lines: string[] = [];
  const { log, info, warn, error } = console;
  const print = (...args: unknown[]) => void lines.push(format(...args));
  Object.assign(console, { log: print, info: print, warn: print, error: print });
  return { lines, giveBack: () => Object.assign(console, { log, info, warn, error }) };
}
