// The few things that the store asks of a Redis, in words that are nobody's, and how each kind of client says them. The
// clients are told apart by their shape, so that none of their packages is needed to use another.

import { ConfigurationError } from "../../core/errors.ts";

/** One server that holds keys. */
export interface Node {
  send(command: readonly string[]): Promise<unknown>;
}

/** A way to one server or to a cluster. */
export interface Link {
  /** Sends the command to the node that holds the key. */
  send(key: string, command: readonly string[]): Promise<unknown>;
  /** Every node that holds keys of its own. */
  nodes(): Promise<readonly Node[]>;
  /** A connection of its own, to be listened on: to any node, since each is told what any other publishes. */
  ear(): Promise<Ear>;
  close(): Promise<void>;
}

/** A connection that hears what is published. It does not come back by itself. */
export interface Ear {
  /** Resolves once everything published from now on will be heard. `onLost` is called when that has an end. */
  listen(
    channels: readonly string[],
    onMessage: (message: string, channel: string) => void,
    onLost: () => void,
  ): Promise<void>;
  close(): void;
}

/** A client of the package `redis`, for one server. */
export interface NodeRedis {
  readonly options: { readonly socket?: object | undefined };
  sendCommand(command: readonly string[]): Promise<unknown>;
  duplicate(overrides: { socket: { reconnectStrategy: false } }): NodeRedisEar;
}

export interface NodeRedisEar {
  on(event: "error" | "end", listener: () => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>;
  destroy(): void;
}

/** A client of the package `redis`, for a cluster. What it knows of a node is its own business. */
export interface NodeRedisCluster {
  readonly masters: readonly unknown[];
  nodeClient(node: unknown): Promise<NodeRedis>;
  sendCommand(firstKey: string, isReadonly: boolean, command: string[]): Promise<unknown>;
}

/** A client of `ioredis` or `iovalkey`, for one server. */
export interface IoRedis {
  readonly options: { readonly keyPrefix?: string | undefined };
  call(command: string, ...values: string[]): Promise<unknown>;
  duplicate(overrides: { lazyConnect: true; retryStrategy: () => null }): IoRedisEar;
}

export interface IoRedisEar {
  on(event: "error" | "end", listener: () => void): unknown;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  connect(): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  disconnect(): void;
}

/** A client of `ioredis` or `iovalkey`, for a cluster. */
export interface IoRedisCluster {
  readonly options: { readonly keyPrefix?: string | undefined };
  call(command: string, ...values: string[]): Promise<unknown>;
  nodes(role: "master"): IoRedis[];
}

/** A client that somebody else made. */
export type RedisClient = NodeRedis | NodeRedisCluster | IoRedis | IoRedisCluster;

/** The link over a client that somebody else made, and will close. Throws `ConfigurationError` for anything else. */
export function linkOver(client: RedisClient): Link {
  if ("call" in client) {
    if (client.options.keyPrefix) {
      throw new ConfigurationError(
        "A client with a keyPrefix cannot keep sessions: use redisStore's own prefix.",
      );
    }
    return "nodes" in client ? overIoRedisCluster(client) : overIoRedis(client);
  }
  if ("nodeClient" in client) return overNodeRedisCluster(client);
  // Pools and sentinels have sendCommand too, but mean something else by it.
  if ("sendCommand" in client && "duplicate" in client && !("acquire" in client))
    return overNodeRedis(client);
  throw new ConfigurationError(
    "redisStore needs a URL, or a client or a cluster of `redis`, `ioredis` or `iovalkey`. For sentinels, use ioredis.",
  );
}

async function close(): Promise<void> {}

function overNodeRedis(client: NodeRedis): Link {
  const send = (command: readonly string[]) => client.sendCommand(command);
  return {
    send: (_, command) => client.sendCommand(command),
    nodes: async () => [{ send }],
    ear: async () => nodeRedisEar(client),
    close,
  };
}

function overNodeRedisCluster(cluster: NodeRedisCluster): Link {
  return {
    // The masters only: replicas lag behind.
    send: (key, command) => cluster.sendCommand(key, false, [...command]),
    nodes: async () => {
      const clients = await Promise.all(cluster.masters.map((master) => cluster.nodeClient(master)));
      return clients.map((client) => ({ send: (command) => client.sendCommand(command) }));
    },
    ear: async () => nodeRedisEar(await cluster.nodeClient(anyOf(cluster.masters))),
    close,
  };
}

function overIoRedis(client: IoRedis): Link {
  const node = ioRedisNode(client);
  return {
    send: (_, command) => node.send(command),
    nodes: async () => [node],
    ear: async () => ioRedisEar(client),
    close,
  };
}

function overIoRedisCluster(cluster: IoRedisCluster): Link {
  return {
    send: (_, [name = "", ...values]) => cluster.call(name, ...values),
    nodes: async () => cluster.nodes("master").map(ioRedisNode),
    ear: async () => ioRedisEar(anyOf(cluster.nodes("master"))),
    close,
  };
}

function ioRedisNode(client: IoRedis): Node {
  return { send: ([name = "", ...values]) => client.call(name, ...values) };
}

function nodeRedisEar(client: NodeRedis): Ear {
  const ear = client.duplicate({ socket: { ...client.options.socket, reconnectStrategy: false } });
  return {
    async listen(channels, onMessage, onLost) {
      ear.on("error", onLost);
      ear.on("end", onLost);
      await ear.connect();
      await ear.subscribe([...channels], onMessage);
    },
    close: () => destroy(ear),
  };
}

/** Closes a client or a cluster of `redis` at once. Version 5 throws when it is closed already. */
export function destroy(client: { destroy(): void }): void {
  try {
    client.destroy();
  } catch {
    // Then there is nothing left to do.
  }
}

function ioRedisEar(client: IoRedis): Ear {
  const ear = client.duplicate({ lazyConnect: true, retryStrategy: () => null });
  return {
    async listen(channels, onMessage, onLost) {
      ear.on("error", onLost);
      ear.on("end", onLost);
      ear.on("message", (channel: string, message: string) => onMessage(message, channel));
      await ear.connect();
      await ear.subscribe(...channels);
    },
    close: () => ear.disconnect(),
  };
}

function anyOf<T>(nodes: readonly T[]): T {
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  if (node === undefined) throw new Error("The cluster has no node that can be reached.");
  return node;
}
