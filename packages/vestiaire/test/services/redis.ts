// The Redis of the tests: `REDIS_URL`, else what listens on the standard port of this machine, else one that is started
// for them. Those that stop, pause or fill it start their own, and clusters are always started.

import { createClient } from "redis";
import { findBinary, listens, type ServerKind, Service } from "./service.ts";

const STANDARD_PORT = 6_379;
const BINARIES = ["redis-server", "valkey-server"];
const HOW_TO_GET =
  "Redis is not installed: apt-get install redis-server (or valkey-server), or name a running one in REDIS_URL";
const SLOTS = 16_384;
const PATIENCE = 30_000;

/** A server that loses nothing that it acknowledged, with these arguments beside the usual ones. */
export function redisServer(
  extra: readonly string[] = [],
  binaries: readonly string[] = BINARIES,
): ServerKind {
  return {
    binaries,
    howToGet: HOW_TO_GET,
    arguments: (port, folder) => [
      ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
      ...["--save", "", "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0"],
      ...extra,
    ],
    ready: async (port) => {
      await command(port, "PING");
    },
  };
}

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why there can be no server here, for `skip`; `false` when there can. With `CI=true` there must. */
export async function noRedis(): Promise<string | false> {
  const running = process.env.REDIS_URL !== undefined || (await listens(STANDARD_PORT));
  return running ? false : noRedisServer();
}

/** The same for tests that start their own. */
export function noRedisServer(): string | false {
  return findBinary(BINARIES) !== null || process.env.CI === "true" ? false : HOW_TO_GET;
}

/** A server for tests that only use it. Throws, with how to get it, where there is none. */
export async function someRedis(): Promise<TestServer> {
  const url = process.env.REDIS_URL;
  if (url !== undefined) return { url, stop: async () => {} };
  if (await listens(STANDARD_PORT)) {
    return { url: `redis://127.0.0.1:${STANDARD_PORT}`, stop: async () => {} };
  }
  const service = await Service.start(redisServer());
  return { url: `redis://127.0.0.1:${service.port}`, stop: () => service.stop() };
}

/** Gives one command to the server on this port, over a connection of its own. */
export async function command(port: number, ...words: string[]): Promise<unknown> {
  const client = createClient({ RESP: 2, socket: { port, reconnectStrategy: false } }).on("error", () => {});
  try {
    await client.connect();
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}

/** Three masters, and a replica of the first. */
export interface TestCluster extends TestServer {
  readonly masters: readonly Service[];
  readonly replica: Service;
}

/** A cluster of its own. */
export async function redisCluster(): Promise<TestCluster> {
  const kind = redisServer(["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]);
  const withBus: ServerKind = {
    ...kind,
    // The default, 10,000 above the port, may be above all ports.
    arguments: (port, folder) => [...kind.arguments(port, folder), "--cluster-port", String(busOf(port))],
  };
  const nodes = await Promise.all(Array.from({ length: 4 }, () => Service.start(withBus)));
  const [first, second, third, replica] = nodes;
  if (!first || !second || !third || !replica) throw new Error("unreachable");
  const masters = [first, second, third];
  for (const [index, { port }] of masters.entries()) {
    const from = Math.floor((index * SLOTS) / masters.length);
    const to = Math.floor(((index + 1) * SLOTS) / masters.length) - 1;
    await command(port, "CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
    await command(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
  }
  for (const { port } of nodes) {
    await command(first.port, "CLUSTER", "MEET", "127.0.0.1", String(port), String(busOf(port)));
  }
  const everybody = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${nodes.length}`);
  for (const { port } of nodes) await said(port, ["CLUSTER", "INFO"], everybody);
  const id = String(await command(first.port, "CLUSTER", "MYID"));
  await command(replica.port, "CLUSTER", "REPLICATE", id);
  await said(replica.port, ["INFO", "replication"], /master_link_status:up/);
  const addresses = masters.map(({ port }) => `127.0.0.1:${port}`);
  return {
    masters,
    replica,
    url: `redis+cluster://${addresses.join(",")}`,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

/** Until the server on this port answers like this. */
export async function said(port: number, words: readonly string[], expected: RegExp): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const answer = String(await command(port, ...words));
    if (expected.test(answer)) return;
    if (performance.now() > deadline) throw new Error(`${words.join(" ")} still answers ${answer}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

function busOf(port: number): number {
  return port > 50_000 ? port - 10_000 : port + 10_000;
}
