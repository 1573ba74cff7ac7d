// A test's own room in servers that it shares with others, or that are started for it where there are none.

import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { createClient } from "redis";
import { startDynalite, tableUrl } from "../../../../packages/vestiaire/test/services/dynalite.ts";
import { someMemcached } from "../../../../packages/vestiaire/test/services/memcached.ts";
import { someMongodb } from "../../../../packages/vestiaire/test/services/mongodb.ts";
import { someMysql, sql as sqlInMysql } from "../../../../packages/vestiaire/test/services/mysql.ts";
import { somePostgres, sql } from "../../../../packages/vestiaire/test/services/postgres.ts";
import { someRedis } from "../../../../packages/vestiaire/test/services/redis.ts";
import { undoAfter } from "./process.ts";

/** A new database in PostgreSQL; it goes with the test. */
export async function freshDatabase(t: TestContext): Promise<string> {
  const server = await somePostgres();
  undoAfter(t, () => server.stop());
  const name = `registrations_${randomBytes(6).toString("hex")}`;
  await sql(server.url, `create database ${name}`);
  undoAfter(t, () => sql(server.url, `drop database ${name} with (force)`));
  const url = new URL(server.url);
  url.pathname = name;
  return url.href;
}

/** A place for sessions in Redis, with a prefix of its own; what is there goes with the test. */
export async function freshRedis(t: TestContext): Promise<string> {
  const { url, stop } = await someRedis();
  undoAfter(t, stop);
  const prefix = `registrations-${randomBytes(6).toString("hex")}:`;
  undoAfter(t, async () => {
    const client = await createClient({ url }).connect();
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 }))
      if (keys.length > 0) await client.del(keys);
    await client.close();
  });
  return `${url}#${prefix}`;
}

/** Where sessions can be, in words of the setting `SESSION_STORE`. The last two are emulators, unless one is named. */
export const ENGINES = ["redis", "postgres", "mysql", "memcached", "mongodb", "dynamodb"] as const;
export type Engine = (typeof ENGINES)[number];

/** The settings of an application whose sessions are in this engine, where nobody else's are. */
export async function freshSessions(
  t: TestContext,
  engine: Engine,
): Promise<Readonly<Record<string, string>>> {
  switch (engine) {
    case "redis":
      return { SESSION_STORE: await freshRedis(t) };
    case "postgres":
      return { SESSION_STORE: await freshDatabase(t) };
    case "mysql": {
      const { url, stop } = await someMysql();
      undoAfter(t, stop);
      const table = `registrations_${randomBytes(6).toString("hex")}`;
      undoAfter(t, () => sqlInMysql(url, `drop table if exists ${table}, ${table}_marks`));
      return { SESSION_STORE: `${url}#${table}` };
    }
    case "memcached": {
      const server = await someMemcached();
      if (server === null) throw new Error("unreachable: nothing is started without memcached");
      undoAfter(t, () => server.stop());
      return { SESSION_STORE: `${server.url}#registrations-${randomBytes(6).toString("hex")}:` };
    }
    case "mongodb": {
      const { url, stop } = await someMongodb();
      undoAfter(t, stop);
      return { SESSION_STORE: `${url}#registrations_${randomBytes(6).toString("hex")}` };
    }
    case "dynamodb": {
      const { port, stop } = await startDynalite();
      undoAfter(t, stop);
      return { SESSION_STORE: tableUrl(port), AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" };
    }
  }
}
