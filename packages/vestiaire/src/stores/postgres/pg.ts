// Speaks to PostgreSQL through `pg`: with a pool that was handed in, or with one of our own whose every wait has an end.

import timers from "node:timers/promises"; // As a whole, so that a test can replace its clock.
import { ConfigurationError } from "../../core/errors.ts";
import type { Database, Row, Value } from "./database.ts";

/** What is used of a `Pool` of `pg`. */
export interface PgPool {
  query(query: PgQuery): Promise<{ readonly rows: readonly Row[] }>;
  connect(): Promise<PgClient>;
}

/** One of a pool's connections, taken out. */
export interface PgClient {
  query(query: PgQuery): Promise<unknown>;
  on(event: "notification", listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: "error" | "end", listener: () => void): unknown;
  release(destroy: boolean): void;
}

export interface PgQuery {
  readonly text: string;
  readonly values?: Value[];
  /** Prepared under this name when it is first used on a connection. */
  readonly name?: string;
  readonly rowMode: "array";
  /** Milliseconds. */
  readonly query_timeout?: number;
}

/** A pool, and who may close it. */
export interface PoolHolder {
  open(): Promise<PgPool>;
  close(): Promise<void>;
}

/**
 * Milliseconds after which a call fails by itself. Later than the manager's deadline, which learns more from a call that
 * does not answer; soon enough to have the connection back.
 */
const PATIENCE = 3_000;
const CONNECTIONS = 10;
/** Milliseconds between two looks whether the connection that listens is still there, and until it is tried again. */
const LOOK_EVERY = 5_000;
const PAUSE = 500;

/** A pool that is made when first used, so that `pg` is needed by nobody else. It has no retries: `pg` knows none. */
export function ownPool(url: string): PoolHolder {
  let pool: ReturnType<typeof makePool> | null = null;
  const open = () => {
    pool ??= makePool(url);
    return pool;
  };
  // A pool that could not be made needs no closing; the calls have said why.
  return { open, close: async () => (await pool?.catch(() => null))?.end() };
}

async function makePool(connectionString: string) {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw new ConfigurationError("postgresStore needs the package pg for a URL: npm install pg", { cause });
  });
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS,
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
    statement_timeout: PATIENCE,
    allowExitOnIdle: true,
    fallback_application_name: "vestiaire",
  });
  // A connection that breaks while nobody uses it is no news: the next call opens another. Unheard, it ends the process.
  pool.on("error", () => {});
  return pool;
}

export function throughPg(holder: PoolHolder, prepare: boolean): Database {
  return {
    async query({ name, text }, values) {
      const pool = await holder.open();
      const query: PgQuery = { text, values: [...values], rowMode: "array", ...(prepare && { name }) };
      return (await pool.query(query)).rows;
    },
    run: async (text) => (await holder.open()).query({ text, rowMode: "array" }),
    listen: (channel, onMessage, onGap) => listen(holder, channel, onMessage, onGap),
    close: () => holder.close(),
  };
}

function listen(
  holder: PoolHolder,
  channel: string,
  onMessage: (message: string) => void,
  onGap: () => void,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  void (async () => {
    while (!signal.aborted) {
      try {
        const client = await (await holder.open()).connect();
        await listenOn(client, channel, onMessage, onGap, signal);
      } catch {
        // The next attempt may do better; until then the calls of the store say what is wrong.
      }
      await wait(PAUSE, signal);
    }
  })();
  return () => stop.abort();
}

/** Listens on one connection until it is lost or `signal` says so, and gives it back. */
async function listenOn(
  client: PgClient,
  channel: string,
  onMessage: (message: string) => void,
  onGap: () => void,
  signal: AbortSignal,
): Promise<void> {
  const lost = new AbortController();
  const end = () => lost.abort();
  const over = AbortSignal.any([signal, lost.signal]);
  const tell = (news: () => void) => {
    if (!signal.aborted) news();
  };
  client.on("error", end);
  client.on("end", end);
  client.on("notification", ({ payload = "" }) => tell(() => onMessage(payload)));
  const ask = (text: string) => client.query({ text, rowMode: "array", query_timeout: PATIENCE });
  try {
    await ask(`listen "${channel}"`);
    tell(onGap);
    try {
      // A machine that vanished does not say that it did.
      while (await wait(LOOK_EVERY, over)) await ask("select 1");
    } finally {
      tell(onGap);
    }
  } finally {
    client.release(true);
  }
}

/** Whether the time went by without a stop. */
async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await timers.setTimeout(ms, undefined, { ref: false, signal });
    return true;
  } catch {
    return false;
  }
}
