// The outage contract as a suite that a store on any engine can be put through: the engine is stopped, killed, paused and
// restarted, its connections are cut, and its writes refused. A store that passes costs a bounded time then, takes nobody
// for a stranger, sends nothing twice, and is back when its engine is.

import { describe, test } from "node:test";
import type { Awaitable } from "../core/store.ts";
import type {
  EngineUnderTest,
  OutageCase,
  OutageContext,
  OutageNeed,
  OutageServer,
  OutageTraits,
} from "./outage-cases-fixtures.ts";
import { linkCases } from "./outage-cases-link.ts";
import { refusalCases } from "./outage-cases-refusals.ts";
import { serverCases } from "./outage-cases-server.ts";
import { FaultyLink } from "./outage-link.ts";
import { OutageSite } from "./outage-site.ts";

export type {
  EngineUnderTest,
  OutageCase,
  OutageContext,
  OutageNeed,
  OutageServer,
  OutageTraits,
  Refusal,
  Trouble,
} from "./outage-cases-fixtures.ts";

/** Every promise, as data: for suites of another test runner, and to check that a wrong store breaks one. */
export const outageContract: readonly OutageCase[] = [...serverCases, ...linkCases, ...refusalCases];

/** Why a case is skipped. */
const WITHOUT: Readonly<Record<OutageNeed, string>> = {
  server: "without a server that can be stopped",
  outages: "without another way to serve nobody",
  refusals: "without a way to refuse writes",
  durable: "without a memory that outlives the server",
  patience: "without a deadline of the client's own",
};

/** Milliseconds, and far more than any case takes: none waits for time to pass. */
const PATIENCE = 60_000;

/**
 * Registers the contract with `node:test`, one test for each promise. `setup` is called once for each. What it answers
 * may share a server with the others, since each case puts its engine right again, and those that run at the same time
 * cut their own connections alone. Promises about something that the engine does not have are reported as skipped.
 *
 * ```ts
 * const mine = await startMyServer();
 * testOutage("myStore", () => ({
 *   port: mine.port,
 *   open: (port) => myStore(`my://127.0.0.1:${port}`),
 *   server: {
 *     stop: () => mine.end("SIGTERM"),
 *     kill: () => mine.end("SIGKILL"),
 *     start: () => mine.start(),
 *     pause: () => mine.signal("SIGSTOP"),
 *     resume: () => mine.signal("SIGCONT"),
 *   },
 *   refusals: {
 *     "a read-only server": { begin: () => mine.ask("READONLY"), end: () => mine.ask("READWRITE") },
 *   },
 * }));
 * ```
 */
export function testOutage(
  name: string,
  setup: () => Awaitable<EngineUnderTest>,
  traits: OutageTraits = {},
): void {
  const register = (cases: readonly OutageCase[]) => {
    for (const outageCase of cases) {
      test(outageCase.name, async (t) => {
        const missing = await checkOutageCase(outageCase, setup, traits);
        if (missing !== null) t.skip(WITHOUT[missing]);
      });
    }
  };
  describe(name, () => {
    register(serverCases);
    // They do nothing to the engine, and most of their time they wait.
    describe("over a bad connection", { concurrency: true }, () => register(linkCases));
    register(refusalCases);
  });
}

/**
 * Puts one store through one case. Rejects when the promise is broken; answers what the engine lacks for it to be tried,
 * or `null` when it was kept.
 */
export async function checkOutageCase(
  outageCase: OutageCase,
  setup: () => Awaitable<EngineUnderTest>,
  traits: OutageTraits = {},
): Promise<OutageNeed | null> {
  const engine = await setup();
  const all = { durable: true, patience: true, reconnects: true, ...traits };
  const trial = new Trial(engine);
  const patience = Promise.withResolvers<never>();
  const timer = setTimeout(() => patience.reject(new Error("no answer came, or no end")), PATIENCE);
  try {
    const missing = outageCase.needs?.find((need) => !has(engine, all, need));
    if (missing !== undefined) return missing;
    const run = async () => outageCase.run(await trial.context(outageCase, all));
    await Promise.race([run(), patience.promise]);
    return null;
  } finally {
    clearTimeout(timer);
    await trial.end();
  }
}

function has(engine: EngineUnderTest, traits: Required<OutageTraits>, need: OutageNeed): boolean {
  return need === "durable" || need === "patience" ? traits[need] : engine[need] !== undefined;
}

/** One case's time with an engine: what it opened, and what it left wrong. */
class Trial {
  readonly #engine: EngineUnderTest;
  readonly #sites: OutageSite[] = [];
  #link: FaultyLink | null = null;
  #down = false;
  #paused = false;

  constructor(engine: EngineUnderTest) {
    this.#engine = engine;
  }

  async context({ needs }: OutageCase, traits: Required<OutageTraits>): Promise<OutageContext> {
    const { port, outages = {}, refusals = {} } = this.#engine;
    const link = await FaultyLink.to(port);
    this.#link = link;
    const open = async () => {
      // Where nobody listens a connection is refused; the link would take it first.
      const store = await this.#engine.open(needs?.includes("server") ? port : link.port);
      const site = await OutageSite.over(store);
      this.#sites.push(site);
      return { store, site };
    };
    return { ...(await open()), link, server: this.#server(), outages, refusals, traits, open };
  }

  /** The engine's own, which remembers what is to be put right. */
  #server(): OutageServer {
    const { server } = this.#engine;
    const end = async (act: "stop" | "kill") => {
      this.#down = true;
      await server?.[act]();
    };
    return {
      stop: () => end("stop"),
      kill: () => end("kill"),
      start: async () => {
        await server?.start();
        this.#down = false;
      },
      pause: async () => {
        this.#paused = true;
        await server?.pause();
      },
      resume: async () => {
        this.#paused = false;
        await server?.resume();
      },
    };
  }

  async end(): Promise<void> {
    const { server } = this.#engine;
    if (this.#paused) await server?.resume();
    if (this.#down) await server?.start();
    // A store that waits for a reply in vain must not wait for ever.
    this.#link?.pass();
    this.#link?.drop();
    for (const site of this.#sites) await site.close();
    await this.#link?.close();
    await this.#engine.close?.();
  }
}
