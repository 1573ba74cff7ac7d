// Keeps sessions in MongoDB. A session is one document, and each patch one update whose filter says what must hold: the
// session lives, and is as the caller saw it. No update inserts. Ending a user writes a mark before it looks for the
// sessions, and a sign-in looks for a mark after it is written, so that one of the two sees the other.

import type { Db, Document, Filter, MongoClient } from "mongodb";
import { ConfigurationError, InvalidValueError } from "../core/errors.ts";
import {
  isLive,
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
  soundRecords,
} from "../core/record.ts";
import type { SessionPage, SessionStore, Sweep } from "../core/store.ts";
import { isSessionId, type SessionId } from "../core/token.ts";
import { connectTo, Database, indexCommands } from "./mongodb/database.ts";
import {
  documentOf,
  markOf,
  recordIn,
  type SessionDocument,
  updateFor,
  userKey,
} from "./mongodb/document.ts";

/** Which collection. */
export interface MongodbStoreOptions {
  /** The collection, `"vestiaire_sessions"` by default. Another is named after it, with `_marks` at the end. */
  readonly collection?: string;
}

const DEFAULT_COLLECTION = "vestiaire_sessions";

/**
 * A store in MongoDB 4.4 or later, through the package `mongodb`: a URL, `mongodb://…` or `mongodb+srv://…`, or a `Db`
 * or `MongoClient` of yours, which `close` leaves open. Sessions are in the database that the `Db` or the URL names; a
 * URL without one means MongoDB's own default, `test`. Collections and indexes are made on first use; {@link schema}
 * makes them beforehand. A client of yours should have `retryWrites: false`, `retryReads: false` and time-outs of about
 * 2 seconds (`serverSelectionTimeoutMS`, `socketTimeoutMS`): the driver's own defaults send again and wait 30.
 *
 * A change is acknowledged once a majority of the replica set has it in its journal: a fail-over loses none, and brings
 * no ended session back. Reads ask the primary for what a majority has. A primary that the network cut off may go on
 * answering reads until it notices, after about 10 seconds; it can acknowledge no change. A server that is no replica
 * set loses no acknowledged change to a crash, but answers nothing while it is down.
 *
 * MongoDB removes what expired over a minute ago by its own clock, which must agree with this machine's within that
 * minute; `sweep` removes it sooner. There is no watching: change streams need a replica set and a cursor held open by
 * each process, so the few watched sessions are looked up instead. A session may have 16 MB.
 *
 * Throws `ConfigurationError` for a URL or a collection's name that cannot be.
 */
export function mongodbStore(
  clientOrUrl: string | Db | MongoClient,
  options: MongodbStoreOptions = {},
): SessionStore {
  const name = checkedName(options.collection ?? DEFAULT_COLLECTION);
  if (typeof clientOrUrl === "string") {
    if (!/^mongodb(\+srv)?:\/\/./.test(clientOrUrl)) {
      throw new ConfigurationError("The URL for mongodbStore must begin with mongodb:// or mongodb+srv://.");
    }
    return new MongodbStore(new Database(name, () => connectTo(clientOrUrl)));
  }
  const db = "collection" in clientOrUrl ? clientOrUrl : clientOrUrl.db();
  return new MongodbStore(new Database(name, async () => ({ db, close: async () => {} })));
}

/** The commands for `mongosh` that make the collections and their indexes. */
export function schema(collection: string = DEFAULT_COLLECTION): string {
  return indexCommands(checkedName(collection));
}

function checkedName(collection: string): string {
  if (/^[A-Za-z_][\w-]{0,99}$/.test(collection)) return collection;
  throw new ConfigurationError(
    `"${collection}" cannot be the collection: letters, digits, _ and -, at most 100, beginning with a letter or _.`,
  );
}

const PAGE = 100;
const DUPLICATE_KEY = 11_000;

class MongodbStore implements SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const document = await this.#database.run(({ sessions }) => sessions.findOne({ _id: id }));
    if (document === null) return null;
    const record = recordIn(document);
    return isLive(record, now) ? record : null;
  }

  create(record: SessionRecord): Promise<"created" | "taken" | "ended"> {
    const { id, userId, createdAt } = record;
    return this.#database.run(async ({ sessions, marks }) => {
      try {
        await sessions.insertOne(documentOf(record));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === DUPLICATE_KEY) return "taken";
        throw error;
      }
      if (userId === null) return "created";
      const ends = { user: userKey(userId), at: { $gte: createdAt }, except: { $ne: id } };
      if ((await marks.findOne(ends)) === null) return "created";
      await sessions.deleteOne({ _id: id });
      return "ended";
    });
  }

  patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    const { revision, secretHash } = when;
    // A document that no update could be applied to is damaged, and counts as gone.
    const live: Filter<SessionDocument> = {
      _id: id,
      expiresAt: { $gt: now },
      revision: { $gte: 0 },
      data: { $type: "object" },
    };
    const asSeen: Filter<SessionDocument> = {
      ...live,
      ...(revision !== undefined && { revision }),
      ...(secretHash !== undefined && { "secretHashes.current": secretHash }),
    };
    return this.#database.run(async ({ sessions }) => {
      const { matchedCount } = await sessions.updateOne(asSeen, updateFor(patch));
      if (matchedCount === 1) return "done";
      if (revision === undefined && secretHash === undefined) return "gone";
      // What is not there now is gone, whatever it was a moment ago. What is, was there: ids are never used again.
      const there = await sessions.findOne(live, ONLY_ID);
      return there === null ? "gone" : "conflict";
    });
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    const document = await this.#database.run(({ sessions }) => sessions.findOneAndDelete({ _id: id }));
    return document === null ? null : soundRecord(() => recordIn(document));
  }

  findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    const theirs = { userId: userKey(userId), expiresAt: { $gt: now } };
    return this.#database.run(async ({ sessions }) => sound(await sessions.find(theirs).toArray()));
  }

  deleteByUser(userId: string, now: number, options: { except?: SessionId } = {}): Promise<SessionId[]> {
    const mark = markOf(userId, now, options.except);
    const theirs = { userId: mark.user, _id: { $ne: mark.except } };
    return this.#database.run(async ({ sessions, marks }) => {
      await marks.insertOne(mark);
      const found = await sessions.find(theirs, ONLY_ID).toArray();
      const answers = await Promise.all(found.map(({ _id }) => sessions.deleteOne({ _id })));
      return found.map(({ _id }) => _id).filter((_, place) => answers[place]?.deletedCount === 1);
    });
  }

  async list(now: number, cursor = "", limit = PAGE): Promise<SessionPage> {
    if (cursor !== "" && !isSessionId(cursor)) {
      throw new InvalidValueError("cursor", "did not come from `list`");
    }
    return this.#database.run(async ({ sessions }) => {
      const after = { _id: { $gt: cursor }, expiresAt: { $gt: now } };
      const documents = await sessions.find(after, { sort: { _id: 1 }, limit }).toArray();
      const last = documents.length < limit ? undefined : documents.at(-1);
      return { records: sound(documents), cursor: last?._id ?? null };
    });
  }

  sweep(now: number, limit: number): Promise<Sweep> {
    return this.#database.run(async ({ sessions }) => {
      const expired = { expiryDate: { $lte: new Date(now) } };
      const found = await sessions.find(expired, { ...ONLY_ID, limit: limit + 1 }).toArray();
      const ids = found.slice(0, limit).map(({ _id }) => _id);
      // Another visit may have refreshed one meanwhile.
      const { deletedCount } = await sessions.deleteMany({ _id: { $in: ids }, ...expired });
      return { removed: deletedCount, more: found.length > limit };
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

const ONLY_ID = { projection: { _id: 1 } } as const;

function sound(documents: readonly Document[]): SessionRecord[] {
  return soundRecords(documents, recordIn);
}
