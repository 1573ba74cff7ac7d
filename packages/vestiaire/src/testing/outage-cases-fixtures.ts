// What every case of the outage contract is made of: an engine that can be brought into trouble, the context that a case
// runs in, and a few assertions that many cases share. No case waits for time to pass: trouble lasts until what it must
// cause is there, and its end is waited for.

import assert from "node:assert/strict";
import type { Awaitable, SessionStore } from "../core/store.ts";
import type { FaultyLink } from "./outage-link.ts";
import type { OutageSite } from "./outage-site.ts";
import { NOW, someRecord, values } from "./store-cases-fixtures.ts";

/** An engine on trial, and how to bring it into trouble. Nothing else may be in trouble because of it. */
export interface EngineUnderTest {
  /** Where its server listens, on 127.0.0.1. It speaks in the clear. */
  readonly port: number;
  /**
   * Opens a store on this engine as it is reached through that port of 127.0.0.1: the engine's own, or one of the suite's
   * where it can cut connections. Called several times for a case, for stores on the same data. The suite closes them.
   */
  open(port: number): Awaitable<SessionStore>;
  /** Its process. */
  readonly server?: OutageServer;
  /** Other reasons why it serves nobody, by name. The suite has closed every connection before `begin`. */
  readonly outages?: Readonly<Record<string, Trouble>>;
  /** Reasons why it writes nothing, by name, while it can still be read. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
  /** Removes what the case left behind. Called last, once every store is closed and the engine is out of trouble. */
  close?(): Awaitable<void>;
}

/** The process of an engine. Each method resolves once it is as it says. */
export interface OutageServer {
  /** Asks it to end, as for a restart. */
  stop(): Awaitable<unknown>;
  /** Ends it at once, as a crash does. */
  kill(): Awaitable<unknown>;
  /** Starts it again on the same port, with the data that it kept. */
  start(): Awaitable<unknown>;
  /** Makes it stand still: connections stay open, and nothing answers. For example with `SIGSTOP`. */
  pause(): Awaitable<unknown>;
  /** Lets it go on. */
  resume(): Awaitable<unknown>;
}

/** Something that is wrong for a while. Each method resolves once it is in force. */
export interface Trouble {
  /** Brings it about. */
  begin(): Awaitable<unknown>;
  /** Puts an end to it. Also called when `begin` failed. */
  end(): Awaitable<unknown>;
}

/** A reason why an engine writes nothing. */
export interface Refusal extends Trouble {
  /** Whether sessions can be ended all the same, as in a memory that is full. Default `false`. */
  readonly endings?: boolean;
}

/** What an engine or its client does not promise. Where everything holds there is nothing to say. */
export interface OutageTraits {
  /** Whether all that was acknowledged is there after its server was stopped or killed. Default `true`. */
  readonly durable?: boolean;
  /** Whether a call that nobody answers fails by itself, with no deadline around it. Default `true`. */
  readonly patience?: boolean;
  /**
   * Whether the very next call works after the one whose connection broke, as with a pool. Otherwise calls fail until the
   * client is connected again. Default `true`.
   */
  readonly reconnects?: boolean;
}

/** What not every engine has. A case that needs one is skipped where it is missing. */
export type OutageNeed = "server" | "outages" | "refusals" | "durable" | "patience";

/** One promise of the contract. */
export interface OutageCase {
  /** The promise, in words. Unique. */
  readonly name: string;
  /** What it cannot be tried without. */
  readonly needs?: readonly OutageNeed[];
  /** Rejects when the promise is broken. */
  run(context: OutageContext): Promise<void>;
}

/** What a case works with. What it needs is there. */
export interface OutageContext {
  /** Reaches the engine through the link, or by itself in a case that stops the server. */
  readonly store: SessionStore;
  /** A web server with sessions in `store`. */
  readonly site: OutageSite;
  /** The connection to the engine. */
  readonly link: FaultyLink;
  /** Put right at the end, whatever the case leaves it in. */
  readonly server: OutageServer;
  /** What else may keep the engine from serving. */
  readonly outages: Readonly<Record<string, Trouble>>;
  /** What may keep it from writing. */
  readonly refusals: Readonly<Record<string, Refusal>>;
  /** What this engine promises. */
  readonly traits: Required<OutageTraits>;
  /** Another store on the same data, and a web server with sessions in it. */
  open(): Promise<{ readonly store: SessionStore; readonly site: OutageSite }>;
}

/** Milliseconds that the end of a trouble may take to show. Nothing waits that long unless it fails. */
const PATIENCE = 20_000;
const PAUSE = 20;

/** Attempts until it works: the store comes back without a restart of this process. Rejects as the last attempt did. */
export async function recovered<T>(attempt: () => Awaitable<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** Acts for each of these troubles: `during` does something while that one lasts. */
export async function inEach<T extends Trouble>(
  troubles: Readonly<Record<string, T>>,
  act: (during: (what: () => Promise<void>) => Promise<void>, trouble: T) => Promise<void>,
): Promise<void> {
  for (const [name, trouble] of Object.entries(troubles)) {
    const during = async (what: () => Promise<void>) => {
      try {
        await trouble.begin();
        await what();
      } finally {
        await trouble.end();
      }
    };
    try {
      await act(during, trouble);
    } catch (error) {
      if (error instanceof Error) error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
}

/** Every call of a store, on what is not there. */
export function callsOf(store: SessionStore): readonly (() => Awaitable<unknown>)[] {
  const record = someRecord({ userId: "nobody" });
  return [
    () => store.find(record.id, NOW),
    () => store.create(record, NOW),
    () => store.patch(record.id, { set: values({ count: 1 }) }, NOW),
    () => store.delete(record.id),
    () => store.findByUser("nobody", NOW),
    () => store.deleteByUser("nobody", NOW),
    ...(store.list === undefined ? [] : [() => store.list?.(NOW)]),
    ...(store.sweep === undefined ? [] : [() => store.sweep?.(NOW, 1)]),
  ];
}

/** Checks that each call rejects, all of them at the same time. */
export async function assertAllReject(calls: readonly (() => Awaitable<unknown>)[]): Promise<void> {
  await Promise.all(calls.map((call) => assert.rejects(async () => call(), `${call} was answered`)));
}
