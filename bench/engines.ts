// The engines that keep sessions outside the server's process: which of them can be reached, and in each a place of this
// run's own, which is removed afterwards: a prefix in Redis, a database in PostgreSQL.

import pg from "pg";
import { createClient } from "redis";

export type Engine = "Redis" | "PostgreSQL";

export interface Place {
  /** What servers have to know, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** May be called again. */
  remove(): Promise<void>;
}

const name = `vestiaire_bench_${process.pid}`;
const CONNECT_LIMIT = 2_000;

const openers: Readonly<Record<Engine, () => Promise<Place>>> = {
  Redis: openRedis,
  PostgreSQL: openPostgres,
};
const variables: Readonly<Record<Engine, string>> = { Redis: "REDIS_URL", PostgreSQL: "DATABASE_URL" };

/** A place in each of these engines that can be had; `say` is told of the others. */
export async function openEngines(
  wanted: ReadonlySet<Engine>,
  say: (text: string) => void,
): Promise<ReadonlyMap<Engine, Place>> {
  const places = new Map<Engine, Place>();
  for (const engine of wanted) {
    try {
      places.set(engine, await openers[engine]());
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      say(`${engine} is left out (${code ?? message}). ${variables[engine]} says where one is.`);
    }
  }
  return places;
}

async function openRedis(): Promise<Place> {
  const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
  const prefix = `${name}:`;
  const connect = () =>
    createClient({ url, socket: { connectTimeout: CONNECT_LIMIT, reconnectStrategy: false } })
      // Whoever connects is told by the rejection.
      .on("error", () => {})
      .connect();
  (await connect()).destroy();
  const remove = async () => {
    const client = await connect();
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
    await client.close();
  };
  return { env: { BENCH_ENGINE: url, BENCH_PREFIX: prefix }, remove };
}

async function openPostgres(): Promise<Place> {
  const url = new URL(process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/postgres");
  const connectionString = url.href;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_LIMIT });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`create database ${name}`);
  url.pathname = name;
  return {
    env: { BENCH_ENGINE: url.href },
    remove: () => run(`drop database if exists ${name} with (force)`),
  };
}
