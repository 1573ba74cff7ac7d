// The stores that `bytes.ts` fills, each on a server of its own that keeps nothing from before, and how each engine says
// what it holds. Nothing here waits for a disk: durability costs time, and only bytes are measured.

import "./fs-calls.ts"; // Before what it counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryStore, type SessionStore } from "../packages/vestiaire/src/index.ts";
import { fileStore } from "../packages/vestiaire/src/stores/file/index.ts";
import { memcachedStore } from "../packages/vestiaire/src/stores/memcached.ts";
import { mysqlStore } from "../packages/vestiaire/src/stores/mysql.ts";
import { namesOf } from "../packages/vestiaire/src/stores/postgres/schema.ts";
import { statementsFor } from "../packages/vestiaire/src/stores/postgres/statements.ts";
import { postgresStore } from "../packages/vestiaire/src/stores/postgres.ts";
import { redisStore } from "../packages/vestiaire/src/stores/redis.ts";
import { sqliteStore } from "../packages/vestiaire/src/stores/sqlite.ts";
import { ask, memcachedServer } from "../packages/vestiaire/test/services/memcached.ts";
import * as mariadb from "../packages/vestiaire/test/services/mysql.ts";
import * as postgres from "../packages/vestiaire/test/services/postgres.ts";
import { command, redisServer } from "../packages/vestiaire/test/services/redis.ts";
import { Service } from "../packages/vestiaire/test/services/service.ts";
import { fsCalls } from "./fs-calls.ts";

/** A store with nothing in it, and what is to be known of it. */
export interface Subject {
  readonly store: SessionStore;
  /** What it takes in all, by what is counted. */
  sizes(): Promise<Readonly<Record<string, number>>>;
  /** What the engine does to find this user's sessions, and to find nothing to sweep: a line each. */
  work?(userId: string): Promise<string[]>;
  /** Where its server listens, and how to open the same store at another port. */
  readonly remote?: { readonly port: number; open(port: number): SessionStore };
  /** Whether one of the values is to be a large one. */
  readonly large?: boolean;
  stop(): unknown;
}

export const engines: Readonly<Record<string, (count: number) => Subject | Promise<Subject>>> = {
  memory: inMemory,
  sqlite: inSqlite,
  redis: () => inRedis(false),
  "redis-large": () => inRedis(true),
  memcached: inMemcached,
  mariadb: inMariadb,
  postgres: inPostgres,
  file: inFiles,
};

function inMemory(count: number): Subject {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const sizes = async () => {
    collect();
    return { "bytes of heap": process.memoryUsage().heapUsed };
  };
  return { store: memoryStore({ maxSessions: count + 1 }), sizes, stop() {} };
}

function inSqlite(): Subject {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-bytes-"));
  const path = join(folder, "sessions.db");
  const sizes = async () => {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    return { "bytes of its file": statSync(path).size };
  };
  return { store: sqliteStore(path), sizes, stop: () => rmSync(folder, { recursive: true }) };
}

function inFiles(): Subject {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-bytes-"));
  const store = fileStore(folder);
  const counted = (...options: string[]) =>
    Number.parseInt(spawnSync("du", ["-s", ...options, folder], { encoding: "utf8" }).stdout, 10);
  return {
    store,
    sizes: async () => ({
      "bytes allocated": counted("--block-size=1"),
      "bytes of content": counted("--block-size=1", "--apparent-size"),
      inodes: counted("--inodes"),
    }),
    work: (userId) => workOf(store, userId, "calls to the file system", async () => fsCalls()),
    stop: () => rmSync(folder, { recursive: true }),
  };
}

async function inRedis(large: boolean): Promise<Subject> {
  const service = await Service.start(redisServer(["--appendonly", "no"]));
  const { port } = service;
  const open = (at: number) => redisStore(`redis://127.0.0.1:${at}`);
  const store = open(port);
  const said = async (section: string, name: string) =>
    numberIn(String(await command(port, "INFO", section)), new RegExp(`^${name}:(\\d+)`, "m"));
  return {
    store,
    remote: { port, open },
    large,
    async sizes() {
      await command(port, "SAVE");
      return {
        "bytes of memory": await said("memory", "used_memory"),
        "bytes of its dataset": await said("memory", "used_memory_dataset"),
        "bytes of resident memory": await said("memory", "used_memory_rss"),
        "bytes of a snapshot": statSync(join(service.folder, "dump.rdb")).size,
      };
    },
    work: (userId) => workOf(store, userId, "commands", () => said("stats", "total_commands_processed")),
    stop: () => service.stop(),
  };
}

async function inMemcached(): Promise<Subject> {
  const service = await Service.start(memcachedServer("-m", "8192"));
  const { port } = service;
  const open = (at: number) => memcachedStore(`memcached://127.0.0.1:${at}`);
  const store = open(port);
  const said = async (name: string, about = "") =>
    numberIn(
      await ask({ hostname: "127.0.0.1", port }, `stats ${about}`.trim()),
      new RegExp(`STAT ${name} (\\d+)\r`),
    );
  return {
    store,
    remote: { port, open },
    async sizes() {
      if ((await said("evictions")) > 0) throw new Error("memcached has evicted sessions.");
      return {
        "bytes of items": await said("bytes"),
        "bytes of slabs": await said("total_malloced", "slabs"),
        "bytes of its hash table": await said("hash_bytes"),
      };
    },
    work: (userId) => workOf(store, userId, "keys read", () => said("cmd_get")),
    stop: () => service.stop(),
  };
}

async function inMariadb(): Promise<Subject> {
  const cache = ["--innodb-buffer-pool-size=2G", "--innodb-log-file-size=512M"];
  const service = await Service.start(mariadb.mariadbServer(...cache, "--innodb-flush-log-at-trx-commit=0"));
  const url = mariadb.urlOf(service.port);
  const open = (port: number) => mysqlStore(mariadb.urlOf(port));
  const store = open(service.port);
  const said = async (query: string) => numbersIn(await mariadb.sql(url, query));
  return {
    store,
    remote: { port: service.port, open },
    async sizes() {
      await mariadb.sql(url, "analyze table vestiaire_sessions");
      const table =
        await said(`select data_length as "bytes of the table", index_length as "bytes of its indexes"
        from information_schema.tables where table_name = 'vestiaire_sessions'`);
      const file = statSync(join(service.folder, "data/test/vestiaire_sessions.ibd")).size;
      return { ...table, "bytes of its file": file };
    },
    work: (userId) =>
      workOf(store, userId, "rows and keys read", async () => {
        const { total } = await said(`select sum(variable_value) as total
          from information_schema.global_status where variable_name like 'Handler_read%'`);
        return total ?? Number.NaN;
      }),
    stop: () => service.stop(),
  };
}

async function inPostgres(): Promise<Subject> {
  const quick = ["-c", "shared_buffers=1GB", "-c", "synchronous_commit=off", "-c", "max_wal_size=8GB"];
  const service = await Service.start(postgres.postgresServer(quick));
  const url = postgres.urlOf(service.port);
  const open = (port: number) => postgresStore(postgres.urlOf(port));
  const { ofUser, sweep } = statementsFor(namesOf("vestiaire_sessions"), false);
  const pages = async (text: string, values: unknown[]) => {
    const [row = {}] = await postgres.sql(url, `explain (analyze, buffers, format json) ${text}`, values);
    const [{ Plan: plan }] = row["QUERY PLAN"] as [{ Plan: Record<string, number> }];
    return (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
  };
  return {
    store: open(service.port),
    remote: { port: service.port, open },
    async sizes() {
      await postgres.sql(url, "vacuum analyze vestiaire_sessions");
      const rows = await postgres.sql(
        url,
        `select pg_table_size(t) as "bytes of the table", pg_indexes_size(t) as "bytes of its indexes",
          pg_total_relation_size(t) as "bytes in all" from (select 'vestiaire_sessions'::regclass as t) as it`,
      );
      return numbersIn(rows);
    },
    // Its counters are late; the plans say it at once.
    work: async (userId) => [
      `find by user: ${await pages(ofUser.text, [userId, Date.now()])} pages looked at`,
      `sweep, nothing due: ${await pages(sweep.text, [Date.now(), 500, 0])} pages looked at`,
    ],
    stop: () => service.stop(),
  };
}

/** By a counter of the engine, from which is taken what reading it costs. */
async function workOf(
  store: SessionStore,
  userId: string,
  unit: string,
  counter: () => Promise<number>,
): Promise<string[]> {
  const calls: Readonly<Record<string, () => unknown>> = {
    "find by user": () => store.findByUser(userId, Date.now()),
    ...(store.sweep && { "sweep, nothing due": () => store.sweep?.(Date.now(), 500) }),
  };
  const lines: string[] = [];
  for (const [what, call] of Object.entries(calls)) {
    // The first time, statements are prepared and caches filled.
    await call();
    const start = await counter();
    const idle = (await counter()) - start;
    const before = await counter();
    await call();
    lines.push(`${what}: ${(await counter()) - before - idle} ${unit}`);
  }
  return lines;
}

function numberIn(text: string, pattern: RegExp): number {
  const [, found] = pattern.exec(text) ?? [];
  if (found === undefined) throw new Error(`The server did not say ${pattern.source}.`);
  return Number(found);
}

function numbersIn([row = {}]: readonly Record<string, unknown>[]): Record<string, number> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}
