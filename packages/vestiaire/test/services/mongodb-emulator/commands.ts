// The commands that the emulator knows, each with the fields it may have. Each runs from its beginning to its end before
// the next: that is what MongoDB promises for one document, and all that is asked of it here.

import { type Document, Long } from "mongodb";
import type { Collection, Collections } from "./collections.ts";
import { CommandError, errorReply, refuse } from "./errors.ts";
import { compare, isObject, matches, valueAt } from "./query.ts";
import { checkValue, updated } from "./update.ts";

interface Command {
  readonly fields: readonly string[];
  readonly writes?: true;
  run(server: EmulatedServer, request: Document): Document;
}

/** What a fail point makes of the commands that it names, until it is turned off. As MongoDB's `failCommand`. */
interface Failure {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  readonly writeConcernError?: Document;
}

const COMMON = ["$db", "lsid"];
const FIRST_BATCH = 101;

/** A server on its own, no replica set. */
export class EmulatedServer {
  readonly collections: Collections;
  readonly cursors = new Map<number, { namespace: string; documents: Document[] }>();
  failure: Failure | null = null;
  #cursorCount = 0;

  constructor(collections: Collections) {
    this.collections = collections;
  }

  /** The reply, whatever happens. */
  answer(request: Document): Document {
    const [name = ""] = Object.keys(request);
    try {
      const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
      if (command === undefined) throw new CommandError(59, `no such command: '${name}'`);
      checkFields(name, command, request);
      const failure = this.failure?.failCommands.includes(name) ? this.failure : null;
      if (failure?.errorCode !== undefined) throw new CommandError(failure.errorCode, "a fail point is set");
      const reply = command.run(this, request);
      if (command.writes && reply.n !== 0) this.collections.save();
      const { writeConcernError } = failure ?? {};
      return { ...reply, ...(writeConcernError && { writeConcernError }), ok: 1 };
    } catch (error) {
      return errorReply(error);
    }
  }

  /** The first batch of these, and a cursor for the rest. */
  cursorOver(namespace: string, documents: Document[], batchSize = FIRST_BATCH): Document {
    const [firstBatch, rest] = [documents.slice(0, batchSize), documents.slice(batchSize)];
    if (rest.length === 0) return { cursor: { id: Long.ZERO, ns: namespace, firstBatch } };
    this.#cursorCount += 1;
    this.cursors.set(this.#cursorCount, { namespace, documents: rest });
    return { cursor: { id: Long.fromNumber(this.#cursorCount), ns: namespace, firstBatch } };
  }
}

const GREETING: Command = {
  fields: ["helloOk", "client", "compression", "backpressure"],
  run: () => ({
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    // That of MongoDB 7.0.
    maxWireVersion: 21,
    readOnly: false,
  }),
};

const COMMANDS: Readonly<Record<string, Command>> = {
  hello: GREETING,
  ismaster: GREETING,
  ping: { fields: [], run: () => ({}) },
  // The only one whose answer the driver does not want: a write concern of 0.
  endSessions: { fields: ["writeConcern"], run: () => ({}) },

  insert: {
    fields: ["documents", "ordered"],
    writes: true,
    run(server, request) {
      const { documents } = server.collections.open(namespaceIn(request));
      const [document, ...more] = request.documents;
      if (more.length > 0) throw refuse("an insert of several documents");
      checkValue(document);
      if (documents.some((other) => matches(other, { _id: document._id }))) {
        return { n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: "E11000 duplicate key error" }] };
      }
      documents.push(document);
      return { n: 1 };
    },
  },

  find: {
    fields: ["filter", "projection", "sort", "limit", "batchSize", "singleBatch", "readConcern"],
    run(server, request) {
      const namespace = namespaceIn(request);
      const { filter = {}, projection, sort = {}, limit = 0, batchSize, singleBatch = false } = request;
      const found = server.collections.get(namespace).documents.filter((each) => matches(each, filter));
      const inOrder = sorted(found, sort);
      const wanted = limit === 0 ? inOrder : inOrder.slice(0, limit);
      const shown = wanted.map((document) => projected(document, projection));
      return server.cursorOver(namespace, shown, singleBatch ? shown.length : batchSize);
    },
  },

  getMore: {
    fields: ["collection", "batchSize"],
    run(server, { getMore, batchSize = Number.POSITIVE_INFINITY }) {
      const id = Number(getMore);
      const cursor = server.cursors.get(id);
      if (cursor === undefined) throw new CommandError(43, `cursor id ${id} not found`);
      const nextBatch = cursor.documents.splice(0, batchSize);
      const isOver = cursor.documents.length === 0;
      if (isOver) server.cursors.delete(id);
      return { cursor: { id: isOver ? Long.ZERO : Long.fromNumber(id), ns: cursor.namespace, nextBatch } };
    },
  },

  killCursors: {
    fields: ["cursors"],
    run(server, { cursors }) {
      for (const id of cursors) server.cursors.delete(Number(id));
      return { cursorsKilled: cursors };
    },
  },

  update: {
    fields: ["updates", "ordered"],
    writes: true,
    run(server, request) {
      const { q, u, ...options } = onlyOne(request.updates);
      checkOptions(options, { multi: false, upsert: false });
      const collection = server.collections.open(namespaceIn(request));
      const place = collection.documents.findIndex((document) => matches(document, q));
      const document = collection.documents[place];
      if (document === undefined) return { n: 0, nModified: 0 };
      try {
        collection.documents[place] = updated(document, u);
        return { n: 1, nModified: 1 };
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return { n: 0, nModified: 0, writeErrors: [{ index: 0, code: error.code, errmsg: error.message }] };
      }
    },
  },

  delete: {
    fields: ["deletes", "ordered"],
    writes: true,
    run(server, request) {
      const { q, limit, ...options } = onlyOne(request.deletes);
      checkOptions(options, {});
      const collection = server.collections.open(namespaceIn(request));
      return { n: remove(collection, q, limit === 1 ? 1 : Number.POSITIVE_INFINITY).length };
    },
  },

  findAndModify: {
    fields: ["query", "remove", "new", "upsert"],
    writes: true,
    run(server, request) {
      checkOptions({ remove: request.remove, new: request.new, upsert: request.upsert }, REMOVAL);
      const [value] = remove(server.collections.open(namespaceIn(request)), request.query, 1);
      return { value: value ?? null, lastErrorObject: { n: value === undefined ? 0 : 1 } };
    },
  },

  createIndexes: {
    fields: ["indexes"],
    writes: true,
    run(server, request) {
      const { indexes } = server.collections.open(namespaceIn(request));
      for (const index of request.indexes) {
        checkOptions(index, {
          key: index.key,
          name: index.name,
          expireAfterSeconds: index.expireAfterSeconds,
        });
        const same = indexes.find(({ name }) => name === index.name);
        if (same === undefined) indexes.push(index);
        else if (JSON.stringify(same) !== JSON.stringify(index)) {
          throw new CommandError(
            86,
            `An existing index has the same name as the requested one: ${index.name}`,
          );
        }
      }
      return {};
    },
  },

  listIndexes: {
    fields: ["cursor"],
    run(server, request) {
      const namespace = namespaceIn(request);
      return server.cursorOver(namespace, server.collections.get(namespace).indexes);
    },
  },

  drop: {
    fields: [],
    writes: true,
    run(server, request) {
      server.collections.drop(namespaceIn(request));
      return {};
    },
  },

  configureFailPoint: {
    fields: ["mode", "data"],
    run(server, { configureFailPoint, mode, data }) {
      if (configureFailPoint !== "failCommand") throw refuse(`the fail point ${configureFailPoint}`);
      if (mode !== "alwaysOn" && mode !== "off") throw refuse(`the mode ${JSON.stringify(mode)}`);
      server.failure = mode === "off" ? null : data;
      return {};
    },
  },
};

const REMOVAL = { remove: true, new: false, upsert: false };

/** The collection that the command is about, with its database. */
function namespaceIn(request: Document): string {
  const [name = ""] = Object.keys(request);
  return `${request.$db}.${request[name]}`;
}

function checkFields(name: string, { fields, writes }: Command, request: Document): void {
  const known = [name, ...COMMON, ...fields, ...(writes ? ["writeConcern"] : [])];
  const unknown = Object.keys(request).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new CommandError(40_415, `BSON field '${name}.${unknown}' is an unknown field.`);
  const { level = "local" } = request.readConcern ?? {};
  if (level === "linearizable") {
    throw new CommandError(123, "node needs to be a replica set member to use read concern");
  }
  if (level !== "local" && level !== "majority") throw refuse(`the read concern ${level}`);
  if (writes) checkOptions(request.writeConcern ?? {}, { w: "majority", j: true });
}

/** Refuses options that are not there, or have other values. */
function checkOptions(options: Document, known: Document): void {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, option) || known[option] !== value) {
      throw refuse(`the option ${option}: ${JSON.stringify(value)}`);
    }
  }
}

function onlyOne(statements: Document[]): Document {
  const [statement, ...more] = statements;
  if (statement === undefined || more.length > 0) throw refuse("several statements in one command");
  return statement;
}

function sorted(documents: Document[], sort: Document): Document[] {
  const [by, ...more] = Object.entries(sort);
  if (by === undefined) return documents;
  const [field, direction] = by;
  if (more.length > 0 || direction !== 1) throw refuse("such an order");
  return documents.toSorted((a, b) => {
    const order = compare(valueAt(a, field), valueAt(b, field));
    if (order === undefined) throw refuse("an order of such values");
    return order;
  });
}

function projected(document: Document, projection: unknown): Document {
  if (projection === undefined) return document;
  if (!isObject(projection) || JSON.stringify(projection) !== '{"_id":1}') throw refuse("such a projection");
  return { _id: document._id };
}

function remove(collection: Collection, filter: Document, limit: number): Document[] {
  const removed = collection.documents.filter((document) => matches(document, filter)).slice(0, limit);
  collection.documents = collection.documents.filter((document) => !removed.includes(document));
  return removed;
}
