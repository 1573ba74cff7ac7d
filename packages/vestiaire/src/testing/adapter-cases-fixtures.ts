// What every case of the adapter contract is made of: the shape of what an adapter's author writes, the context that a
// case runs in, and a few handlers and assertions that many cases share.

import assert from "node:assert/strict";
import type { SessionEvent } from "../core/events.ts";
import type { Sessions } from "../core/manager.ts";
import type { SessionsOptions } from "../core/options.ts";
import type { Session } from "../core/session.ts";
import type { Awaitable } from "../core/store.ts";
import type { Reply, Site } from "./adapter-cases-client.ts";
import type { TrialStore } from "./adapter-cases-store.ts";
import type { ManualClock } from "./clock.ts";

/** The data of the suite's sessions. */
export interface TrialData {
  readonly [key: string]: string | number;
}

/** What the adapter's author shows a scenario of the framework's request. */
export interface ScenarioRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** What the adapter's author answers with, in the framework's way: a text at once, or a stream piece by piece. */
export interface ScenarioResponse {
  /** Default 200. */
  readonly status?: number;
  /** A name may come more than once. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | AsyncIterable<string>;
}

/** One handler for every request. What it throws is left to the adapter and its framework. */
export type Scenario = (session: Session<TrialData>, request: ScenarioRequest) => Awaitable<ScenarioResponse>;

/**
 * Mounts the scenario in the framework, with sessions from this manager, and listens on a free port of 127.0.0.1. Called
 * once for each case, or more often. `close` ends the connections that are open.
 */
export type ServeScenario = (
  sessions: Sessions<TrialData>,
  scenario: Scenario,
) => Awaitable<{ readonly port: number; close(): Awaitable<unknown> }>;

/** How the server under test is spoken to, and what its platform cannot tell. */
export interface AdapterTraits {
  /** Default `"http"`. With the other two the server shows some certificate; nobody checks it. */
  readonly protocol?: "http" | "https" | "h2";
  /** Whether the adapter learns the address of the connection's peer. Default `true`. */
  readonly knowsPeer?: boolean;
}

/** What not every adapter has. A case that needs one is skipped where it is missing. */
export type AdapterNeed = "HTTP/1.1" | "plain HTTP" | "the peer's address";

/** One promise of the contract. */
export interface AdapterCase {
  /** The promise, in words. Unique. */
  readonly name: string;
  readonly needs?: readonly AdapterNeed[];
  /** Rejects when the promise is broken. Called twice: with a store that answers at once, and with one that does not. */
  run(context: AdapterContext): Promise<void>;
}

/** What a case works with. */
export interface AdapterContext {
  readonly store: TrialStore;
  readonly clock: ManualClock;
  /** What the managers told, so far. */
  readonly events: readonly SessionEvent[];
  /** What went to the console, so far, a line each. */
  readonly printed: readonly string[];
  /** A server of this scenario behind the adapter under test, and a client for it. */
  serve(scenario: Scenario, options?: Partial<SessionsOptions>): Promise<Site>;
}

export const SECOND = 1_000;
export const HOUR = 3_600_000;

/** The page after a form. */
export const HOME: ScenarioResponse = { status: 303, headers: [["Location", "/"]] };

/** Answers each path with its own handler, and any other with a 404 that does not look at the session. */
export function routes(table: Readonly<Record<string, Scenario>>): Scenario {
  return (session, request) =>
    table[request.path]?.(session, request) ?? { status: 404, body: "nothing here" };
}

/** Signs in as ada, and goes home. */
export const signIn: Scenario = (session) => {
  session.signIn("ada");
  return HOME;
};

export const signOut: Scenario = (session) => {
  session.signOut();
  return HOME;
};

/** Tells who is signed in. */
export const who: Scenario = (session) => ({ body: session.userId ?? "nobody" });

/** The handlers that most cases need. */
export const COMMON = { "/in": signIn, "/out": signOut, "/who": who } as const;

/** What an event stream says of itself, so that nobody on the way keeps its pieces back. */
export const EVENT_STREAM = [["Content-Type", "text/event-stream"]] as const;

/** A handler that streams what this makes of the session and its signal. */
export function streaming(
  body: (session: Session<TrialData>, signal: AbortSignal) => AsyncIterable<string>,
): Scenario {
  return (session) => ({ headers: EVENT_STREAM, body: body(session, session.signal) });
}

/** Waits on both sides until somebody goes through: for requests that overlap exactly as a case wants. */
export class Latch {
  readonly #passed = Promise.withResolvers<void>();
  readonly #reached = Promise.withResolvers<void>();

  /** Called by whoever is to wait. */
  wait(): Promise<void> {
    this.#reached.resolve();
    return this.#passed.promise;
  }

  /** Until somebody waits. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  open(): void {
    this.#passed.resolve();
  }
}

/** Signs in at `path`, and answers the cookie as the browser sends it back. */
export async function cookieFrom(site: Site, path = "/in", cookie?: string): Promise<string> {
  return sessionCookie(site, await site.send({ method: "POST", path, cookie }));
}

/** The one session cookie of a reply, as the browser sends it back. */
export function sessionCookie(site: Site, reply: Reply): string {
  const own = reply.setCookies.filter((line) => line.startsWith(`${site.cookieName}=`));
  assert.equal(own.length, 1, `one session cookie, not ${own.length}`);
  return own[0]?.split(";", 1)[0] ?? "";
}

/** The public half of the token. */
export function idOf(cookie: string): string {
  return cookie.slice(cookie.indexOf("=") + 1).split(".", 1)[0] ?? "";
}

/** Checks a page of the suite: its status and its whole text. */
export function assertPage(reply: Reply, body: string, status = 200): void {
  assert.deepEqual([reply.status, reply.body], [status, body]);
}

export function assertNoCookie(reply: Reply): void {
  assert.deepEqual(reply.setCookies, []);
}

/** Checks the answer to a request whose session could not be looked up or stored. */
export function assertUnavailable(reply: Reply): void {
  assert.equal(reply.status, 503);
  assertNoCookie(reply);
  assert.equal(reply.headers.get("cache-control"), "no-store");
  assert.ok(reply.headers.has("retry-after"));
  for (const [name] of reply.headers) assert.doesNotMatch(name, /^(?:x-|location)/);
}
