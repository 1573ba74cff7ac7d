// The client that the store makes for itself from a URL, with the package `redis`. It connects when it is first needed,
// comes back by itself when the connection is lost, and never sends anything twice: what it cannot send now fails now.

import type { createClient, createCluster } from "redis";
import { ConfigurationError } from "../../core/errors.ts";
import { destroy, type Link, linkOver, type RedisClient } from "./link.ts";

const SHAPE = /^(?:redis|valkey)(s?)(\+cluster)?:\/\/(.+)$/s;
const CLOSE_PATIENCE = 2_000;
const LONGEST_PAUSE = 500;
const REDISCOVER_AFTER = 500;

/** What `redis` has that is needed here. */
interface Driver {
  readonly createClient: typeof createClient;
  readonly createCluster: typeof createCluster;
}

interface OwnClient {
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
}

/**
 * A link to the Redis at this URL. Nothing is connected before the first command. Throws `ConfigurationError` when the
 * URL is none; commands reject with one when the package is missing.
 */
export function linkTo(url: string): Link {
  return new OwnLink(targetIn(url));
}

interface Target {
  readonly urls: readonly string[];
  readonly cluster: boolean;
}

/** The password may be in it, so the URL itself is in no message. */
function targetIn(url: string): Target {
  const [, secure, cluster, rest = ""] = SHAPE.exec(url) ?? [];
  const at = rest.lastIndexOf("@") + 1;
  const hosts = cluster === undefined ? [rest.slice(at)] : rest.slice(at).split(",");
  const urls = hosts.map((host) => `redis${secure}://${rest.slice(0, at)}${host}`);
  if (!urls.every(isRedisUrl)) {
    throw new ConfigurationError(
      "That is no URL of a Redis. Examples: redis://user:password@host:6379/0, rediss://host, valkey://host, redis+cluster://host1:6379,host2:6379.",
    );
  }
  return { urls, cluster: cluster !== undefined };
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).hostname !== "" && /^(?:\/\d*)?$/.test(new URL(text).pathname);
}

class OwnLink implements Link {
  readonly #target: Target;
  #client: OwnClient | null = null;
  #link: Link | null = null;
  #opening: Promise<Link> | null = null;
  #closed = false;

  constructor(target: Target) {
    this.#target = target;
  }

  send(key: string, command: readonly string[]): Promise<unknown> {
    if (this.#link !== null) return this.#link.send(key, command);
    return this.#open().then((link) => link.send(key, command));
  }

  async nodes() {
    return (await this.#open()).nodes();
  }

  async ear() {
    return (await this.#open()).ear();
  }

  /** What was sent may still be answered, but not for ever. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_PATIENCE);
    });
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
    if (this.#client !== null) destroy(this.#client);
  }

  async #finish(): Promise<void> {
    try {
      await this.#opening;
      await this.#client?.close();
    } catch {
      // It never was connected.
    }
  }

  #open(): Promise<Link> {
    this.#opening ??= this.#connect().catch((error: unknown) => {
      // The next command tries again.
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<Link> {
    if (this.#closed) throw new Error("The store is closed.");
    const driver = await loadDriver();
    let connected = false;
    const make = this.#target.cluster ? clusterAt : clientAt;
    const client = make(driver, this.#target.urls, (attempts) =>
      connected ? Math.min(25 * 2 ** attempts, LONGEST_PAUSE) : false,
    );
    this.#client = client;
    await client.connect();
    connected = true;
    this.#link = linkOver(client);
    return this.#link;
  }
}

async function loadDriver(): Promise<Driver> {
  let driver: typeof import("redis");
  try {
    driver = await import("redis");
  } catch (cause) {
    throw new ConfigurationError("Sessions in Redis need the package `redis`: npm install redis", { cause });
  }
  // Only since version 5 clients can be destroyed.
  if (!("destroy" in driver.createClient())) {
    throw new ConfigurationError("Sessions in Redis need `redis` 5.12 or later: npm install redis@latest");
  }
  return driver;
}

/** Milliseconds until the next attempt to connect; `false` for no more. */
type Pauses = (attempts: number) => number | false;

function clientAt(driver: Driver, [url = ""]: readonly string[], pauses: Pauses): OwnClient & RedisClient {
  return (
    driver
      .createClient({ url, ...options(pauses) })
      // Whoever asked for something is told by its answer.
      .on("error", () => {})
  );
}

function clusterAt(driver: Driver, urls: readonly string[], pauses: Pauses): OwnClient & RedisClient {
  const { username, password, protocol } = new URL(urls[0] ?? "");
  const defaults = options(pauses);
  return driver
    .createCluster({
      rootNodes: urls.map((url) => ({ url })),
      defaults: {
        ...defaults,
        ...(username === "" ? {} : { username: decodeURIComponent(username) }),
        ...(password === "" ? {} : { password: decodeURIComponent(password) }),
        socket: { ...defaults.socket, ...(protocol === "rediss:" ? { tls: true } : {}) },
      },
      RESP: 2,
      topologyRefreshOnReconnectionAttemptStrategy: REDISCOVER_AFTER,
    })
    .on("error", () => {});
}

function options(pauses: Pauses) {
  return {
    // Answers flat lists, which are cheaper than maps.
    RESP: 2,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    // The client's own limit holds only until a command is on its way, and costs a timer for each. The sessions have one
    // for the whole call.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: 2_000, reconnectStrategy: pauses },
  } as const;
}
