// Opens the store that a URL names, for programs that take it from their settings. A store is imported when it is asked
// for, so that nobody needs the driver of an engine that they do not use.

import type { SessionStore } from "../core/store.ts";
import { type Engine, type Place, placeOf } from "./open/place.ts";

/**
 * The store at a URL:
 *
 * - `memory:` · `file:./sessions` · `sqlite:./sessions.db`. Paths are taken as they are written; absolute ones may also
 *   follow `//`, as in `file:///var/lib/sessions`.
 * - `redis://` `rediss://` `valkey://` `redis+cluster://` · `postgres://` `postgresql://` · `mysql://` `mariadb://` ·
 *   `memcached://` · `dynamodb://` · `mongodb://` `mongodb+srv://`, as the store of that name takes them. After a `#`
 *   comes what else the store may be told: the table (`postgres://localhost/shop#app.sessions`), the collection, or the
 *   prefix of its keys.
 *
 * A file or a folder is opened now, a server when the store is first used. Rejects with `ConfigurationError` for any
 * other scheme, and for what the store does not accept; no message repeats a URL, which may hold a password. Calls of the
 * store reject with one that names the package to install, where the engine's driver is missing.
 */
export async function openStore(url: string): Promise<SessionStore> {
  const place = placeOf(url);
  return OPENERS[place.engine](place);
}

const OPENERS: Readonly<Record<Engine, (place: Place) => Promise<SessionStore>>> = {
  memory: async () => (await import("./memory.ts")).memoryStore(),
  file: async ({ address }) => (await import("./file/index.ts")).fileStore(address),
  sqlite: async ({ address }) => (await import("./sqlite.ts")).sqliteStore(address),
  redis: async ({ address, name }) =>
    (await import("./redis.ts")).redisStore(address, name === null ? {} : { prefix: name }),
  postgres: async ({ address, name }) =>
    (await import("./postgres.ts")).postgresStore(address, name === null ? {} : { table: name }),
  mysql: async ({ address, name }) =>
    (await import("./mysql.ts")).mysqlStore(address, name === null ? {} : { table: name }),
  memcached: async ({ address, name }) =>
    (await import("./memcached.ts")).memcachedStore(address, name === null ? {} : { prefix: name }),
  dynamodb: async ({ address, name }) =>
    (await import("./dynamodb.ts")).dynamodbStore(address, name === null ? {} : { table: name }),
  mongodb: async ({ address, name }) =>
    (await import("./mongodb.ts")).mongodbStore(address, name === null ? {} : { collection: name }),
};
