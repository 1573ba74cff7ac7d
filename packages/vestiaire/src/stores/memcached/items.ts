// What the store says to memcached: read an item, add one, swap it for another, remove it. Every change names the
// version that was read, so that memcached itself refuses a change of what has changed since.

import { setImmediate } from "node:timers/promises";
import { ConfigurationError } from "../../core/errors.ts";

/** The version of an item, as memcached counts them. */
type Version = string | number;

/**
 * The commands that the store uses, as `MemcacheClient` of `memcache-client` has them. A refusal by memcached is a
 * rejection whose message is the answer: `NOT_STORED`, `EXISTS` or `NOT_FOUND`. A client must send every command of one
 * key to one server, never repeat a command by itself, and fail when it cannot reach the server.
 */
export interface MemcachedClient {
  /** The value as text and its version; `undefined` when there is none. */
  gets(key: string): Promise<{ readonly value: unknown; readonly casUniq: Version } | undefined>;
  /** `lifetime` is memcached's `exptime`. */
  add(key: string, value: string, options: { lifetime: number }): Promise<unknown>;
  cas(key: string, value: string, options: { lifetime: number; casUniq: Version }): Promise<unknown>;
}

/** A client, and the way to let go of it. */
export interface Connection {
  readonly client: MemcachedClient;
  close(): void;
}

/** An item as it was read. */
export interface Item {
  readonly text: string;
  readonly version: Version;
}

/** Milliseconds: longer than the manager's deadline, which learns more from a call that does not answer. */
const PATIENCE = 3_000;
// Of rubbish. The clocks of the server and of the machines that use it may differ by less.
const SPARE_SECONDS = 60;
// Negative: the item is over at once. So a `cas` removes exactly the version that it names, which `delete` cannot.
const AT_ONCE = -1;

export class Items {
  readonly #connect: () => Promise<Connection>;
  #connection: Promise<Connection> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  /** `connect` is called once, when a command needs it; again only if it failed. */
  constructor(connect: () => Promise<Connection>) {
    this.#connect = connect;
  }

  /** The item under the key; `null` when there is none. */
  async read(key: string): Promise<Item | null> {
    const found = await this.#run((client) => client.gets(key));
    return found === undefined ? null : { text: String(found.value), version: found.casUniq };
  }

  /** Whether there was none before. `neededUntil` is in milliseconds since 1970: memcached may forget it afterwards. */
  add(key: string, text: string, neededUntil: number): Promise<boolean> {
    return this.#attempt((client) => client.add(key, text, { lifetime: lifetimeUntil(neededUntil) }));
  }

  /** Whether the item still was as it was read. */
  replace(key: string, { version }: Item, text: string, neededUntil: number): Promise<boolean> {
    const options = { lifetime: lifetimeUntil(neededUntil), casUniq: version };
    return this.#attempt((client) => client.cas(key, text, options));
  }

  /** Whether the item still was as it was read. */
  remove(key: string, { version }: Item): Promise<boolean> {
    return this.#attempt((client) => client.cas(key, "", { lifetime: AT_ONCE, casUniq: version }));
  }

  async close(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.allSettled(this.#underWay);
      // A call may go on with another.
      await setImmediate();
    }
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  async #attempt(command: (client: MemcachedClient) => Promise<unknown>): Promise<boolean> {
    try {
      await this.#run(command);
      return true;
    } catch (error) {
      if (error instanceof Error && REFUSALS.has(error.message)) return false;
      throw error;
    }
  }

  async #run<T>(command: (client: MemcachedClient) => Promise<T>): Promise<T> {
    const answer = this.#client().then(command);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  async #client(): Promise<MemcachedClient> {
    this.#connection ??= this.#connect();
    try {
      return (await this.#connection).client;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}

const REFUSALS: ReadonlySet<string> = new Set(["NOT_STORED", "EXISTS", "NOT_FOUND"]);

/** Always a date. A duration of over 30 days would be taken for one, in 1970. */
function lifetimeUntil(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000) + SPARE_SECONDS;
}

/**
 * The server that a URL names, as `host:port`. Throws `ConfigurationError` when it is not one server: of several, the
 * client would take any for any key.
 */
export function serverIn(url: string): string {
  const { protocol, hostname, port, pathname, search, username } = URL.parse(url) ?? {};
  const extra = search || username || (pathname && pathname !== "/");
  if (protocol !== "memcached:" || !/^[\w.-]+$/.test(hostname ?? "") || extra) {
    throw new ConfigurationError(
      "The URL is not memcached://HOST or memcached://HOST:PORT, with one host by name or IPv4 address.",
    );
  }
  return `${hostname}:${port || "11211"}`;
}

/**
 * One connection to the server: made when it is needed, made anew after it broke, and given up when an answer takes
 * longer than 3 seconds. What was under way on it fails, and nothing is sent twice. Throws `ConfigurationError` when the
 * client is not installed.
 */
export async function connectTo(server: string): Promise<Connection> {
  const { MemcacheClient } = await import("memcache-client").catch((cause: unknown) => {
    const problem = "memcachedStore needs the package memcache-client: npm install memcache-client";
    throw new ConfigurationError(problem, { cause });
  });
  const client = new MemcacheClient({
    server,
    noDelay: true,
    connectTimeout: PATIENCE,
    cmdTimeout: PATIENCE,
  });
  return { client, close: () => client.shutdown() };
}
