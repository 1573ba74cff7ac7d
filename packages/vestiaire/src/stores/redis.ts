// Keeps sessions in Redis or Valkey, on one server or a cluster. A session is one hash on its own slot, and each change
// of it one script, so that a refresh or a rotation touches one key. A user's index is a sorted set elsewhere: a session
// is entered there before it exists, and what the index names counts only if the session says so too.

import { isLive, type Patch, type PatchCondition, type SessionRecord, soundRecord } from "../core/record.ts";
import { MARK_LIFE, type SessionPage, type SessionStore } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import { fieldsOf, patchArguments, recordIn, timeToLive, userKey } from "./redis/hash.ts";
import { type Link, linkOver, type RedisClient } from "./redis/link.ts";
import { listen } from "./redis/news.ts";
import { linkTo } from "./redis/own.ts";
import { placeIn, scanFrom, textsIn } from "./redis/scan.ts";
import { CREATE, DELETE, PATCH, REMEMBER, type Script } from "./redis/scripts.ts";

export type { IoRedis, IoRedisCluster, NodeRedis, NodeRedisCluster, RedisClient } from "./redis/link.ts";

/** Where the keys are. */
export interface RedisStoreOptions {
  /** What the names of all keys and channels begin with; `vestiaire:` by default. */
  readonly prefix?: string;
}

/**
 * A store in Redis 6.2 or later, or Valkey, on one server or a cluster.
 *
 * Takes a URL (`redis://`, `rediss://`, `valkey://`, `redis+cluster://host:port,host:port`), for which the package
 * `redis` must be installed, or a client of `redis`, `ioredis` or `iovalkey`, single or cluster, which stays open when
 * the store is closed. A client that is handed in should never queue or send again what it could not send: for `redis`
 * `disableOfflineQueue: true`; for the others `enableOfflineQueue: false`, `autoResendUnfulfilledCommands: false` and
 * `maxRetriesPerRequest: 0`. It must read from masters; `watch` and `invalidations` duplicate it for a connection of
 * their own. Throws `ConfigurationError` for anything else.
 *
 * What an acknowledged change survives is up to the server: with `appendfsync always` the death of the machine, with
 * `everysec` all but the last second, without persistence nothing. Replication is asynchronous: a failover can lose the
 * last changes, and so bring an ended session back; `min-replicas-to-write` narrows that. The server must not evict
 * (`maxmemory-policy noeviction`): then writes fail when its memory is full, and nobody is signed out. An ACL must allow
 * the keys and the channels that begin with the prefix.
 *
 * The server expires sessions by itself, a minute late, so there is no `sweep`. `list` walks all keys of the database;
 * while slots move between the nodes of a cluster it may miss some, and a page may hold a few more than `limit`. Every
 * change is published, whether anybody listens or not: that costs little, but on a cluster each node hears of it.
 */
export function redisStore(client: string | RedisClient, options: RedisStoreOptions = {}): SessionStore {
  const link = typeof client === "string" ? linkTo(client) : linkOver(client);
  return new RedisStore(link, options.prefix ?? "vestiaire:");
}

const PAGE = 100;

/** An entry of a user's index. */
interface Entry {
  readonly member: string;
  readonly id: SessionId;
  readonly createdAt: number;
}

class RedisStore implements SessionStore {
  readonly #link: Link;
  readonly #prefix: string;
  readonly #ended: string;
  readonly #changed: string;
  readonly #listeners = new Set<() => void>();

  constructor(link: Link, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
    this.#ended = `${prefix}ended`;
    this.#changed = `${prefix}changed`;
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const record = recordIn(id, await this.#read(id));
    return record !== null && isLive(record, now) ? record : null;
  }

  async create(record: SessionRecord, now: number): Promise<"created" | "taken" | "ended"> {
    const { id, userId, createdAt, expiresAt, endsAt } = record;
    if (userId !== null) await this.#remember(this.#index(userId), endsAt, memberOf(record), endsAt, now);
    const made = await this.#run(CREATE, this.#key(id), [timeToLive(expiresAt, now), ...fieldsOf(record)]);
    if (made !== "created") return "taken";
    if (userId === null) return "created";
    // Read last: whoever ended the user meanwhile either left the mark in time, or saw the session.
    const marks = this.#marks(userId);
    const excepted = await this.#link.send(marks, ["ZRANGEBYSCORE", marks, String(createdAt), "+inf"]);
    if (textsIn(excepted).every((except) => except === id)) return "created";
    await this.delete(id);
    return "ended";
  }

  async patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    const answer = await this.#run(
      PATCH,
      this.#key(id),
      patchArguments(patch, now, when, [this.#changed, id]),
    );
    return answer === "done" || answer === "conflict" ? answer : "gone";
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    const ended = await this.#run(DELETE, this.#key(id), [this.#ended, id, ""]);
    const record = soundRecord(() => recordIn(id, ended));
    if (record !== null && record.userId !== null) await this.#forget(record.userId, [memberOf(record)]);
    return record;
  }

  async findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    const records: SessionRecord[] = [];
    const stale: string[] = [];
    const look = async ({ member, id, createdAt }: Entry) => {
      const record = await this.#soundRecord(id);
      if (record?.userId === userId && memberOf(record) === member) {
        if (isLive(record, now)) records.push(record);
      } else if (createdAt < now - MARK_LIFE) {
        // No request takes that long: this is not a session that is about to be stored.
        stale.push(member);
      }
    };
    await Promise.all((await this.#entries(userId)).map(look));
    await this.#forget(userId, stale);
    return records;
  }

  async deleteByUser(
    userId: string,
    now: number,
    options: { except?: SessionId } = {},
  ): Promise<SessionId[]> {
    await this.#remember(this.#marks(userId), now, options.except ?? "", now + MARK_LIFE, now);
    const entries = (await this.#entries(userId)).filter(({ id }) => id !== options.except);
    const owner = userKey(userId);
    const removed = await Promise.all(
      entries.map(async ({ id, member }) => {
        const fields = await this.#run(DELETE, this.#key(id), [this.#ended, id, owner]);
        return textsIn(fields).length > 0 ? [{ id, member }] : [];
      }),
    );
    const gone = removed.flat();
    const members = gone.map(({ member }) => member);
    await this.#forget(userId, members);
    return gone.map(({ id }) => id);
  }

  async list(now: number, cursor = "", limit = PAGE): Promise<SessionPage> {
    const start = this.#key("");
    const place = placeIn(cursor);
    const page = await scanFrom(await this.#link.nodes(), place, start, limit, async (key) => {
      const id = key.slice(start.length);
      const record = isSessionId(id) ? await this.#soundRecord(id) : null;
      return record !== null && isLive(record, now) ? record : null;
    });
    return { records: page.found, cursor: page.cursor };
  }

  watch(watched: ReadonlySet<SessionId>, onEnded: (id: SessionId) => void, onGap: () => void): () => void {
    return this.#listen(
      [this.#ended],
      (id) => {
        if (watched.has(id)) onEnded(id);
      },
      onGap,
    );
  }

  invalidations(onChanged: (id: SessionId) => void, onGap: () => void): () => void {
    return this.#listen([this.#ended, this.#changed], onChanged, onGap);
  }

  async close(): Promise<void> {
    for (const stop of this.#listeners) stop();
    await this.#link.close();
  }

  #key(id: SessionId): string {
    return `${this.#prefix}session:${id}`;
  }

  /** Which sessions the user may have, by their absolute end. */
  #index(userId: string): string {
    return `${this.#prefix}user:${userKey(userId)}`;
  }

  /** When the user's sessions were ended, and which one was excepted. */
  #marks(userId: string): string {
    return `${this.#prefix}mark:${userKey(userId)}`;
  }

  async #soundRecord(id: SessionId): Promise<SessionRecord | null> {
    const fields = await this.#read(id);
    return soundRecord(() => recordIn(id, fields));
  }

  #read(id: SessionId): Promise<unknown> {
    const key = this.#key(id);
    return this.#link.send(key, ["HGETALL", key]);
  }

  async #run({ sha, text }: Script, key: string, values: readonly string[]): Promise<unknown> {
    try {
      return await this.#link.send(key, ["EVALSHA", sha, "1", key, ...values]);
    } catch (error) {
      // This alone says that nothing was run.
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return this.#link.send(key, ["EVAL", text, "1", key, ...values]);
    }
  }

  #remember(key: string, time: number, thing: string, until: number, now: number): Promise<unknown> {
    return this.#run(REMEMBER, key, [String(time), thing, String(now - MARK_LIFE), timeToLive(until, now)]);
  }

  /** What stays in the index does no harm, so that failing here is no failure of what was asked. */
  async #forget(userId: string, members: readonly string[]): Promise<void> {
    if (members.length === 0) return;
    const key = this.#index(userId);
    await this.#link.send(key, ["ZREM", key, ...members]).catch(() => {});
  }

  async #entries(userId: string): Promise<Entry[]> {
    const key = this.#index(userId);
    return textsIn(await this.#link.send(key, ["ZRANGE", key, "0", "-1"])).map((member) => {
      const [id = "", createdAt] = member.split(" ");
      return { member, id, createdAt: Number(createdAt) };
    });
  }

  #listen(channels: readonly string[], onMessage: (id: SessionId) => void, onGap: () => void): () => void {
    const stop = listen(this.#link, channels, onMessage, onGap);
    this.#listeners.add(stop);
    return () => {
      this.#listeners.delete(stop);
      stop();
    };
  }
}

/** How a user's index names the session. */
function memberOf({ id, createdAt }: SessionRecord): string {
  return `${id} ${createdAt}`;
}
