// A test's own room in servers that it shares with others, or that are started for it where there are none.

import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { createClient } from "redis";
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
