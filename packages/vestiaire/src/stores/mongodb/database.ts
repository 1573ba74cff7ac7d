// Where the documents are: a client of MongoDB, ours or the caller's, the two collections with their indexes, and how
// surely everything is read and written there.

import type { Collection, CollectionOptions, Db, Document, IndexDescription } from "mongodb";
import { ConfigurationError } from "../../core/errors.ts";
import type { MarkDocument, SessionDocument } from "./document.ts";

export interface Collections {
  readonly sessions: Collection<SessionDocument>;
  readonly marks: Collection<MarkDocument>;
}

/** A database, and the way to let go of it. */
export interface Connection {
  readonly db: Db;
  close(): Promise<void>;
}

// Of rubbish, in seconds. The clocks of the server and of the machines that use it may differ by less.
const EXPIRY: IndexDescription = { key: { expiryDate: 1 }, name: "expiry", expireAfterSeconds: 60 };
const INDEXES = {
  sessions: [{ key: { userId: 1 }, name: "user" }, EXPIRY],
  marks: [{ key: { user: 1, at: 1 }, name: "user" }, EXPIRY],
} satisfies Record<keyof Collections, IndexDescription[]>;

// What one majority has acknowledged, no other majority undoes. Values come back as numbers and strings, whatever the
// caller's client has been told to make of them.
const SURELY: CollectionOptions = {
  writeConcern: { w: "majority", journal: true },
  readConcern: { level: "majority" },
  readPreference: "primary",
  promoteLongs: true,
  promoteValues: true,
  useBigInt64: false,
  raw: false,
};

export class Database {
  readonly #name: string;
  readonly #connect: () => Promise<Connection>;
  #opened: Promise<Collections & Connection> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  /** `connect` is called when there is work to do; again only if that failed. `name` is that of the collection. */
  constructor(name: string, connect: () => Promise<Connection>) {
    this.#name = name;
    this.#connect = connect;
  }

  /** Works on the collections, which are there with their indexes. */
  async run<T>(work: (collections: Collections) => Promise<T>): Promise<T> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    const answer = this.#opened.then(work);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  /** Lets go of the connection, once what is under way has ended. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await (await this.#opened)?.close();
  }

  async #open(): Promise<Collections & Connection> {
    const { db, close } = await this.#connect();
    try {
      const sessions = db.collection<SessionDocument>(this.#name, SURELY);
      const marks = db.collection<MarkDocument>(marksOf(this.#name), SURELY);
      await Promise.all([sessions.createIndexes(INDEXES.sessions), marks.createIndexes(INDEXES.marks)]);
      return { sessions, marks, db, close };
    } catch (error) {
      await close();
      throw error;
    }
  }
}

/** What `Database` does to a new database, as commands for `mongosh`. */
export function indexCommands(name: string): string {
  const command = (collection: string, { key, ...options }: Document) =>
    `db.getCollection("${collection}").createIndex(${JSON.stringify(key)}, ${JSON.stringify(options)});\n`;
  return [
    ...INDEXES.sessions.map((index) => command(name, index)),
    ...INDEXES.marks.map((index) => command(marksOf(name), index)),
  ].join("");
}

function marksOf(name: string): string {
  return `${name}_marks`;
}

/** Milliseconds: before the core's deadline a late answer may still be of use, and after it to nobody. */
const PATIENCE = 2_000;

/**
 * A client of our own, which gives up after 2 seconds and sends nothing twice. Rejects with `ConfigurationError` when
 * the package is not installed, or cannot read the URL.
 */
export async function connectTo(url: string): Promise<Connection> {
  const { MongoClient } = await import("mongodb").catch((cause: unknown) => {
    throw new ConfigurationError("mongodbStore needs the package mongodb: npm install mongodb", { cause });
  });
  try {
    // These win over the same ones in the URL.
    const client = new MongoClient(url, {
      retryWrites: false,
      retryReads: false,
      serverSelectionTimeoutMS: PATIENCE,
      connectTimeoutMS: PATIENCE,
      socketTimeoutMS: PATIENCE,
      waitQueueTimeoutMS: PATIENCE,
    });
    return { db: client.db(), close: () => client.close() };
  } catch (cause) {
    // The URL may hold a password: it is not repeated.
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`The URL for mongodbStore cannot be used: ${problem}`, { cause });
  }
}
