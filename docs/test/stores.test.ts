// The samples that need an engine, on those that this machine has: somebody signs in, is known, and is out again.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSessions, type SessionStore } from "vestiaire";
import { session } from "vestiaire/fetch";
import { startDynalite, tableUrl } from "../../packages/vestiaire/test/services/dynalite.ts";
import { someMemcached } from "../../packages/vestiaire/test/services/memcached.ts";
import { someMongodb } from "../../packages/vestiaire/test/services/mongodb.ts";
import { sql as mysql, noMysql, someMysql } from "../../packages/vestiaire/test/services/mysql.ts";
import {
  noPostgres,
  sql as postgres,
  somePostgres,
} from "../../packages/vestiaire/test/services/postgres.ts";
import { noRedis, someRedis } from "../../packages/vestiaire/test/services/redis.ts";

const docs = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "samples-"));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));

const TABLES = "shop_sessions, shop_sessions_marks";

type Prepare = (t: TestContext) => Promise<void>;

/** Starts what a sample needs, and names it in the environment as the sample wants it. Skips where there is none. */
const ENGINES: Readonly<Record<string, Prepare>> = {
  redis,
  cached: redis,
  async postgres(t) {
    const missing = await noPostgres();
    if (missing !== false) return t.skip(missing);
    const { url, stop } = await somePostgres();
    process.env.DATABASE_URL = url;
    t.after(async () => {
      await postgres(url, `drop table if exists ${TABLES}`);
      await stop();
    });
  },
  async mysql(t) {
    const missing = await noMysql();
    if (missing !== false) return t.skip(missing);
    const { url, stop } = await someMysql();
    process.env.MYSQL_URL = url;
    t.after(async () => {
      await mysql(url, `drop table if exists ${TABLES}`);
      await stop();
    });
  },
  async mongodb(t) {
    const { url, stop } = await someMongodb();
    process.env.MONGODB_URL = url;
    t.after(stop);
  },
  async dynamodb(t) {
    const { port, stop } = await startDynalite();
    process.env.DYNAMODB_URL = tableUrl(port);
    t.after(stop);
  },
  async memcached(t) {
    const server = await someMemcached();
    if (server === null) return t.skip("needs memcached");
    process.env.MEMCACHED_URL = server.url;
    t.after(server.stop);
  },
  async encrypted() {
    process.env.SESSION_KEY_2026_11 = randomBytes(32).toString("base64url");
    process.env.SESSION_KEY_2026_05 = randomBytes(32).toString("hex");
  },
};

async function redis(t: TestContext): Promise<void> {
  const missing = await noRedis();
  if (missing !== false) return t.skip(missing);
  const { url, stop } = await someRedis();
  process.env.REDIS_URL = url;
  t.after(stop);
}

test("the program that came from express-session keeps a cart in Redis", async (t) => {
  await redis(t);
  const { app, store } = await import("../samples/migrated.ts");
  const server = app.listen(0);
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await store.close?.();
  });
  await once(server, "listening");
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  let headers = {};
  const ask = async (method: string, path: string) => {
    const response = await fetch(url + path, { method, headers, redirect: "manual" });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) headers = { Cookie: cookie.split(";", 1)[0] };
    return response.text();
  };
  await ask("POST", "/cart/hat");
  await ask("POST", "/sign-in/Ada");
  assert.equal(await ask("GET", "/"), "Ada: 1");
  await ask("POST", "/sign-out");
  assert.equal(await ask("GET", "/"), "nobody: 0");
});

for (const file of globSync("samples/stores/*.ts", { cwd: docs })) {
  test(`${file} keeps a session`, async (t) => {
    await ENGINES[basename(file, ".ts")]?.(t);
    const { store } = (await import(join(docs, file))) as { store: SessionStore };
    const sessions = createSessions<{ name: string }>({ store, sweep: false });
    t.after(() => sessions.close());
    const withSession = session(sessions);
    const user = `user ${crypto.randomUUID()}`;
    const enter = withSession((_request, session) => {
      session.signIn(user).set("name", "Ada");
      return new Response();
    });
    const read = withSession((_request, session) => new Response(session.data.name ?? "nobody"));
    const entered = await enter(new Request("http://localhost/"));
    assert.equal(entered.status, 200);
    const headers = { Cookie: entered.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" };
    const ask = async () => (await read(new Request("http://localhost/", { headers }))).text();
    assert.equal(await ask(), "Ada");
    assert.equal((await sessions.endAllOf(user)).length, 1);
    assert.equal(await ask(), "nobody");
  });
}
