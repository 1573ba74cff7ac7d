// The Redis store: the contract, on one server and on a cluster, through each client that it takes; on Valkey where
// there is one.

import { after, test } from "node:test";
import { Redis as IoRedis, Cluster as IoRedisCluster } from "ioredis";
import { Redis as IoValkey, Cluster as IoValkeyCluster } from "iovalkey";
import { createClient, createCluster } from "redis";
import { createClient as createClient5 } from "redis5";
import { type RedisClient, redisStore } from "../../src/stores/redis.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import {
  noRedis,
  noRedisServer,
  redisCluster,
  redisServer,
  someRedis,
  type TestServer,
} from "../services/redis.ts";
import { findBinary, Service } from "../services/service.ts";

const VALKEY = ["valkey-server"];

const skip = await noRedis();
if (skip) test("redisStore", { skip });
else await contractOnOne("Redis", await someRedis());

const skipCluster = noRedisServer();
if (skipCluster) test("redisStore on a cluster", { skip: skipCluster });
else await contractOnCluster();

const skipValkey = findBinary(VALKEY) === null && "Valkey is not installed: apt-get install valkey-server";
if (skipValkey) test("redisStore on Valkey", { skip: skipValkey });
else await contractOnValkey();

async function contractOnOne(name: string, server: TestServer): Promise<void> {
  after(() => server.stop());
  const admin = await createClient({ url: server.url }).connect();
  after(() => admin.close());
  const redis5 = await createClient5({ url: server.url }).connect();
  after(() => redis5.close());
  const ioRedis = new IoRedis(server.url);
  after(() => ioRedis.disconnect());
  const ioValkey = new IoValkey(server.url);
  after(() => ioValkey.disconnect());

  const clients = {
    "a URL": server.url,
    "a client of redis": admin,
    "a client of redis 5": redis5,
    ioredis: ioRedis,
    iovalkey: ioValkey,
  };
  for (const [kind, client] of Object.entries(clients)) {
    contract(`redisStore on ${name} with ${kind}`, client, {
      damage: (key) => admin.hSet(key, "expiresAt", "soon"),
      clean: async (prefix) => {
        for await (const keys of admin.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 })) {
          if (keys.length > 0) await admin.unlink(keys);
        }
      },
    });
  }
}

async function contractOnCluster(): Promise<void> {
  const cluster = await redisCluster();
  after(() => cluster.stop());
  const nodes = cluster.masters.map(({ port }) => ({ host: "127.0.0.1", port }));
  const admin = createCluster({ rootNodes: nodes.map((socket) => ({ socket })) });
  await admin.connect();
  after(() => admin.close());
  const ioRedis = new IoRedisCluster(nodes);
  after(() => ioRedis.disconnect());
  const ioValkey = new IoValkeyCluster(nodes);
  after(() => ioValkey.disconnect());

  const clients = { "a URL": cluster.url, "a client of redis": admin, ioredis: ioRedis, iovalkey: ioValkey };
  for (const [kind, client] of Object.entries(clients)) {
    contract(`redisStore on a cluster with ${kind}`, client, {
      damage: (key) => admin.hSet(key, "expiresAt", "soon"),
      // The cluster goes with its sessions.
      clean: async () => {},
    });
  }
}

async function contractOnValkey(): Promise<void> {
  const service = await Service.start(redisServer([], VALKEY));
  await contractOnOne("Valkey", {
    url: `valkey://127.0.0.1:${service.port}`,
    stop: () => service.stop(),
  });
}

interface Access {
  damage(key: string): Promise<unknown>;
  clean(prefix: string): Promise<void>;
}

function contract(name: string, client: string | RedisClient, { damage, clean }: Access): void {
  testStore(name, () => {
    const prefix = `test-${crypto.randomUUID()}:`;
    return {
      store: redisStore(client, { prefix }),
      reopen: () => redisStore(client, { prefix }),
      damage: async (id) => {
        await damage(`${prefix}session:${id}`);
      },
      close: () => clean(prefix),
    };
  });
}
