// An open websocket or event stream is closed when its session is ended elsewhere, on every store: those that push and
// those that are polled. Two servers, each with a store instance of its own. That it happens within a second is not
// measured here: `core/watch.test.ts` counts the looks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { MongoClient } from "mongodb";
import { WebSocket, WebSocketServer } from "ws";
import { upgrade } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/core/manager.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { cached } from "../../src/stores/cached.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { openStore } from "../../src/stores/open.ts";
import { type Exchange, Site } from "../../src/testing/adapter-cases-client.ts";
import { cookieFrom, idOf, type Scenario } from "../../src/testing/adapter-cases-fixtures.ts";
import type { TrialData } from "../../src/testing/adapter-contract.ts";
import { listening, nodeListener } from "../adapters/serve.ts";
import { startDynalite, tableUrl } from "../services/dynalite.ts";
import { memcachedServer, unlessInstalled } from "../services/memcached.ts";
import { someMongodb } from "../services/mongodb.ts";
import { noMysql, someMysql, sql } from "../services/mysql.ts";
import { noPostgres } from "../services/postgres.ts";
import { noRedisServer, redisCluster, redisServer } from "../services/redis.ts";
import { Service } from "../services/service.ts";
import { corner } from "./postgres-fixtures.ts";

/** Nothing waits that long unless it fails. */
const PATIENCE = 60_000;

interface Place {
  readonly skip?: string | false;
  /** The address of an empty store, which is gone after the tests. */
  open(): Promise<string>;
}

const redis = {
  skip: noRedisServer(),
  async open() {
    const service = await Service.start(redisServer());
    after(() => service.stop());
    return `redis://127.0.0.1:${service.port}`;
  },
} satisfies Place;

const memcached = {
  skip: unlessInstalled(),
  async open() {
    const service = await Service.start(memcachedServer());
    after(() => service.stop());
    return `memcached://127.0.0.1:${service.port}`;
  },
} satisfies Place;

const PLACES: Readonly<Record<string, Place>> = {
  files: { open: async () => `file:${someFolder()}` },
  SQLite: { open: async () => `sqlite:${join(someFolder(), "sessions.db")}` },
  Redis: redis,
  "a Redis cluster": {
    skip: noRedisServer(),
    async open() {
      const cluster = await redisCluster();
      after(() => cluster.stop());
      return cluster.url;
    },
  },
  PostgreSQL: {
    skip: await noPostgres(),
    async open() {
      const { url, newTable } = await corner();
      return `${url}#${newTable()}`;
    },
  },
  MySQL: {
    skip: await noMysql(),
    async open() {
      const { url, stop } = await someMysql();
      const table = `vestiaire_${crypto.randomUUID().slice(0, 8)}`;
      after(async () => {
        await sql(url, `drop table if exists ${table}, ${table}_marks`);
        await stop();
      });
      return `${url}#${table}`;
    },
  },
  memcached,
  DynamoDB: {
    async open() {
      const { port, stop } = await startDynalite();
      after(() => stop());
      return tableUrl(port);
    },
  },
  MongoDB: {
    async open() {
      const { url, stop } = await someMongodb();
      const collection = `test-${crypto.randomUUID()}`;
      after(async () => {
        const client = new MongoClient(url);
        for (const name of [collection, `${collection}_marks`]) await client.db().dropCollection(name);
        await client.close();
        await stop();
      });
      return `${url}#${collection}`;
    },
  },
};

const PROMISE = "whoever hangs on a session is let go when it is ended elsewhere";

test(`memory, in one process: ${PROMISE}`, { timeout: PATIENCE }, async (t) => {
  const store = memoryStore();
  await assertLetGo(t, store, store);
});

for (const [name, { skip = false, open }] of Object.entries(PLACES)) {
  describe(name, { skip }, async () => {
    const url = await open();
    test(PROMISE, { timeout: PATIENCE }, async (t) => {
      await assertLetGo(t, await openStore(url), await openStore(url));
    });
  });
}

for (const [name, { skip, open }] of Object.entries({ Redis: redis, memcached })) {
  describe(`${name} behind a cache`, { skip }, async () => {
    const url = await open();
    const behindCache = async () => cached(await openStore(url), { staleness: "10m" });
    test(PROMISE, { timeout: PATIENCE }, async (t) => {
      await assertLetGo(t, await behindCache(), await behindCache());
    });
  });
}

// ---- helpers

/** How a session is ended on another machine. */
const ENDS: readonly ((elsewhere: Site, visitor: Visitor) => Promise<unknown>)[] = [
  ({ sessions }, { id }) => sessions.end(id),
  ({ sessions }, { userId }) => sessions.endAllOf(userId),
  (elsewhere, { cookie }) => elsewhere.send({ path: "/out", cookie }),
  // Which gives the browser another session.
  (elsewhere, { cookie }) => elsewhere.send({ path: "/in/eve", cookie }),
];

async function assertLetGo(t: TestContext, store: SessionStore, storeElsewhere: SessionStore): Promise<void> {
  const here = await machineWith(t, store);
  const elsewhere = await machineWith(t, storeElsewhere);
  const visitors = await Promise.all(ENDS.map(() => visitorOf(here)));
  const bystander = await visitorOf(here);
  await Promise.all(
    ENDS.map(async (end, index) => {
      const visitor = visitors[index] ?? assert.fail();
      await end(elsewhere, visitor);
      assert.equal(await visitor.stream.piece(), null);
      await visitor.closed;
    }),
  );
  bystander.socket.ping();
  await once(bystander.socket, "pong");
}

interface Visitor {
  readonly cookie: string;
  readonly id: SessionId;
  readonly userId: string;
  /** An event stream whose first event has come. */
  readonly stream: Exchange;
  /** A websocket that is open. */
  readonly socket: WebSocket;
  /** Until it is closed. */
  readonly closed: Promise<unknown>;
}

/** A server, and how to open a websocket to it. */
interface Machine extends Site {
  webSocket(cookie: string): WebSocket;
}

async function visitorOf(site: Machine): Promise<Visitor> {
  const userId = crypto.randomUUID();
  const cookie = await cookieFrom(site, `/in/${userId}`);
  const stream = site.start({ path: "/events", cookie });
  assert.equal(await stream.piece(), "data: begin\n\n");
  const socket = site.webSocket(cookie);
  const closed = once(socket, "close");
  await once(socket, "open");
  return { cookie, id: idOf(cookie), userId, stream, socket, closed };
}

const scenario: Scenario = (session, { path }) => {
  const [, act, user = ""] = path.split("/");
  if (act === "in") session.signIn(user);
  if (act === "out") session.signOut();
  if (act !== "events") return { status: 204 };
  return { headers: [["Content-Type", "text/event-stream"]], body: untilOver(session.signal) };
};

async function* untilOver(signal: AbortSignal): AsyncGenerator<string> {
  yield "data: begin\n\n";
  if (!signal.aborted) await once(signal, "abort");
}

/** A machine with sessions in this store; both are closed after the test. */
async function machineWith(t: TestContext, store: SessionStore): Promise<Machine> {
  const sessions = createSessions<TrialData>({ store, sweep: false });
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer(nodeListener(sessions, scenario));
  server.on(
    "upgrade",
    upgrade(sessions, (request, socket, head) => sockets.handleUpgrade(request, socket, head, () => {})),
  );
  const { port, close } = await listening(server);
  const site = new Site(sessions, port);
  t.after(async () => {
    for (const socket of sockets.clients) socket.terminate();
    site.close();
    close();
    await sessions.close();
  });
  const webSocket = (cookie: string) => new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { cookie } });
  return Object.assign(site, { webSocket });
}

function someFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
