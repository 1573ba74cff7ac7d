// The embedded stores inside a wrapper, for the contract: a wrapper is a store too, whatever it is put around.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Awaitable, SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { testStore } from "../../src/testing/store-contract.ts";

/** Puts the memory, the file and the SQLite store through the contract, each inside the wrapper. */
export function testWrapped(name: string, wrap: (store: SessionStore) => SessionStore): void {
  testStore(`memoryStore, ${name}`, () => ({ store: wrap(memoryStore()) }));
  testStore(`fileStore, ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
    return {
      store: wrap(fileStore(folder)),
      reopen: () => wrap(fileStore(folder)),
      damage: (id) => writeFileSync(join(folder, "sessions", id.slice(0, 2), id), "\nnot a session\n"),
      close: () => rmSync(folder, { recursive: true }),
    };
  });
  testStore(`sqliteStore, ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
    const path = join(folder, "sessions.db");
    return {
      store: wrap(sqliteStore(path)),
      reopen: () => wrap(sqliteStore(path)),
      damage(id) {
        const db = new DatabaseSync(path, { timeout: 1_000 });
        db.prepare("UPDATE sessions SET record = '{}' WHERE id = ?").run(id);
        db.close();
      },
      close: () => rmSync(folder, { recursive: true }),
    };
  });
}

/** The store, answering each call only later, as an engine across a network does. */
export function remote(store: SessionStore): SessionStore {
  const later = async <T>(call: () => Awaitable<T>): Promise<T> => {
    await new Promise(setImmediate);
    return call();
  };
  return {
    find: (id, now, options) => later(() => store.find(id, now, options)),
    create: (record, now) => later(() => store.create(record, now)),
    patch: (id, patch, now, when) => later(() => store.patch(id, patch, now, when)),
    delete: (id) => later(() => store.delete(id)),
    findByUser: (userId, now) => later(() => store.findByUser(userId, now)),
    deleteByUser: (userId, now, options) => later(() => store.deleteByUser(userId, now, options)),
  };
}
