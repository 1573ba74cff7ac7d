// The SQLite store: the contract, and what a file that several processes share must stand: kills, locks, damage, a full
// disk, and files of somebody else.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import { ConfigurationError, CorruptRecordError, StoreError } from "../../src/core/errors.ts";
import type { SessionEvent } from "../../src/core/events.ts";
import { createSessions } from "../../src/core/manager.ts";
import type { SessionId } from "../../src/core/token.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import {
  DAY,
  key,
  NOW,
  someHash,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { disown, openUnprivileged } from "../unprivileged.ts";

for (const durability of ["process", "power"] as const) {
  testStore(`sqliteStore, ${durability}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
    const path = join(folder, "sessions.db");
    return {
      store: sqliteStore(path, { durability }),
      reopen: () => sqliteStore(path, { durability }),
      damage: (id) => rawly(path, (db) => cutInHalf(db, id)),
      close: () => rmSync(folder, { recursive: true }),
    };
  });
}

test('durability: SQLite syncs its log at each change for "power", and not for "process"', (t) => {
  const spy = t.mock.method(DatabaseSync.prototype, "exec");
  for (const [durability, level] of [
    ["process", 1],
    ["power", 2],
    [undefined, 1],
  ] as const) {
    spy.mock.resetCalls();
    sqliteStore(newPath(t), durability && { durability });
    const db = spy.mock.calls[0]?.this as DatabaseSync;
    assert.equal(db.prepare("PRAGMA synchronous").get()?.synchronous, level);
  }
});

test("it answers without promises while nobody else holds the lock", (t) => {
  const store = sqliteStore(newPath(t));
  const record = someRecord({ userId: "ada" });
  assert.equal(store.create(record, NOW), "created");
  assert.deepEqual(store.find(record.id, NOW), record);
  assert.equal(store.patch(record.id, { set: values({ a: 1 }) }, NOW), "done");
  assert.deepEqual(store.deleteByUser("ada", NOW), [record.id]);
  assert.equal(store.delete(record.id), null);
});

test("four processes that count at once, one of them killed, lose no increment", async (t) => {
  const path = newPath(t);
  const { id } = someRecord();
  const children = Array.from({ length: 4 }, () => counter(t, path, id));
  const [victim, ...others] = children;
  assert.ok(victim);
  await victim.counted(50);
  victim.process.kill("SIGKILL");
  const counts = await Promise.all(others.map(({ total }) => total));
  assert.deepEqual(counts, [200, 200, 200]);
  const acknowledged = 600 + (await victim.total);
  const store = sqliteStore(path);
  const record = await store.find(id, NOW);
  const count = Number(record?.data[key("count")]);
  // The killed one may have written once more than it could tell.
  assert.ok(count === acknowledged || count === acknowledged + 1, `${count} of ${acknowledged}`);
  assert.equal(record?.revision, count);
});

test("whoever opens a new file at the same time, all of them find it theirs", async (t) => {
  const folder = newFolder(t);
  const turn = new SharedArrayBuffer(8);
  const openers = Array.from({ length: OPENERS }, () => {
    const opener = new Worker(OPENER, {
      eval: true,
      workerData: { modules: modules(), folder, turn, openers: OPENERS },
    });
    t.after(() => opener.terminate());
    return new Promise((resolve, reject) => opener.once("exit", resolve).once("error", reject));
  });
  assert.deepEqual(
    await Promise.all(openers),
    openers.map(() => 0),
  );
});

test("a call that is locked out waits without stopping the process, and then succeeds", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const { id } = await stored(store, { userId: "ada" });
  const calls: Promise<unknown>[] = [];
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  calls.push(promised(store.patch(id, { set: values({ a: 1 }) }, NOW)));
  calls.push(promised(store.create(someRecord(), NOW)));
  calls.push(promised(store.deleteByUser("eve", NOW)));
  for (let turns = 0; turns < 1_000; turns += 1) await new Promise(setImmediate);
  assert.deepEqual(await store.find(id, NOW), await store.find(id, NOW));
  assert.equal((await store.find(id, NOW))?.revision, 0);
  other.exec("COMMIT");
  assert.deepEqual(await Promise.all(calls), ["done", "created", []]);
  assert.equal((await store.find(id, NOW))?.revision, 1);
});

test("a patch that had to wait looks again: by then the session may be gone", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const { id } = await stored(store);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const patch = promised(store.patch(id, { set: values({ a: 1 }) }, NOW));
  other.exec("DELETE FROM sessions; COMMIT");
  assert.equal(await patch, "gone");
});

test("a call that is locked out for 1.5 seconds throws StoreError, with the path and SQLite's error", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const record = await stored(store);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const patch = promised(store.patch(record.id, { set: values({ a: 1 }) }, NOW));
  await assert.rejects(patch, (error) => {
    assert.ok(error instanceof StoreError);
    assert.deepEqual([error.code, error.operation], ["STORE_FAILED", "patch"]);
    assert.match(error.message, /locked/);
    assert.ok(error.message.includes(path));
    assert.ok(error.cause instanceof Error);
    return true;
  });
  other.exec("ROLLBACK");
  assert.deepEqual(await store.find(record.id, NOW), record);
});

test("a lock that lasts fails the changes, in time for the core, and no reader", async (t) => {
  const path = newPath(t);
  const events: SessionEvent[] = [];
  const sessions = createSessions<{ note: string }>({
    store: sqliteStore(path),
    sweep: false,
    onEvent: (event) => events.push(event),
  });
  const request = (cookie: string | null) =>
    sessions.open({ method: "GET", encrypted: false, header: (name) => (name === "cookie" ? cookie : null) });
  const first = await request(null);
  first.signIn("ada");
  const { cookie } = await sessions.commit(first, 200);
  const [pair = ""] = cookie?.split(";") ?? [];
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const writing = await request(pair);
  writing.set("note", "x");
  await assert.rejects(
    async () => sessions.commit(writing, 200),
    (error) => error instanceof StoreError && error.code === "STORE_FAILED" && /locked/.test(error.message),
  );
  assert.equal((await request(pair)).userId, "ada");
  assert.ok(!events.some(({ type }) => type === "circuit"));
});

test("close lets a waiting call finish, and the calls after it fail", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const { id } = await stored(store);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const patch = promised(store.patch(id, { set: values({ a: 1 }) }, NOW));
  const closed = store.close?.();
  other.exec("COMMIT");
  assert.equal(await patch, "done");
  await closed;
  await store.close?.();
  await assert.rejects(async () => store.find(id, NOW), StoreError);
});

test("the files can be read by their owner only", { skip: process.platform === "win32" }, async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  await stored(store);
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
});

test("sessions are there again after a restart", async (t) => {
  const path = newPath(t);
  const before = sqliteStore(path);
  const record = await stored(before, { userId: "ada", data: values({ name: "Ada" }) });
  await before.deleteByUser("eve", NOW);
  await before.close?.();
  const after = sqliteStore(path);
  assert.deepEqual(await after.find(record.id, NOW), record);
  assert.equal(await after.create(someRecord({ userId: "eve" }), NOW), "ended");
});

test("T11 whatever bit of a row flips, find answers the same record or CorruptRecordError", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const secretHashes = {
    current: someHash(),
    previous: { hash: someHash(), until: NOW + 1 },
    retired: someHash(),
  };
  const record = await stored(store, {
    userId: "ada",
    secretHashes,
    data: values({ name: "Ada", admin: false }),
  });
  const other = await stored(store, { userId: "ada" });
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  const rows = db.prepare("SELECT record, user_id, expires_at, checksum FROM sessions WHERE id = ?");
  const row = rows.get(record.id) ?? {};
  for (const [column, value] of Object.entries(row)) {
    const write = db.prepare(`UPDATE sessions SET ${column} = ? WHERE id = ?`);
    const asText = db.prepare(`UPDATE sessions SET ${column} = CAST(? AS TEXT) WHERE id = ?`);
    for (const flipped of allFlips(value)) {
      if (typeof flipped === "number") write.run(flipped, record.id);
      else asText.run(flipped, record.id);
      await assertSameOrCorrupt(() => store.find(record.id, NOW), record);
      assert.deepEqual(await store.find(other.id, NOW), other);
    }
    assert.ok((await store.findByUser("ada", NOW)).some(({ id }) => id === other.id));
    write.run(value as string | number, record.id);
    assert.deepEqual(await store.find(record.id, NOW), record);
  }
});

test("a row under another's id is damage", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  const [mine, theirs] = [await stored(store), await stored(store, { userId: "ada" })];
  await store.delete(mine.id);
  await rawly(path, (db) => db.prepare("UPDATE sessions SET id = ? WHERE id = ?").run(mine.id, theirs.id));
  await assert.rejects(async () => store.find(mine.id, NOW), CorruptRecordError);
});

test("a sweep also forgets the marks of users ended over 10 minutes ago", async (t) => {
  const path = newPath(t);
  const store = sqliteStore(path);
  for (let count = 0; count < 5; count += 1) await store.deleteByUser(`user${count}`, NOW);
  const marks = () => rawly(path, (db) => db.prepare("SELECT count(*) AS count FROM marks").get()?.count);
  await store.sweep?.(NOW + 600_000, 10);
  assert.equal(marks(), 5);
  await store.sweep?.(NOW + 600_001, 10);
  assert.equal(marks(), 0);
});

test("a sweep and the sessions of a user are found by an index", (t) => {
  const path = newPath(t);
  sqliteStore(path);
  const plan = (sql: string) =>
    rawly(path, (db) => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()));
  assert.match(plan("SELECT id FROM sessions WHERE expires_at <= 1 LIMIT 1"), /sessions_by_expiry/);
  assert.match(plan("SELECT * FROM sessions WHERE user_id = 'x' AND expires_at > 1"), /sessions_of_user/);
});

test("a path that cannot be opened is a ConfigurationError that names it", (t) => {
  const path = newPath(t);
  mkdirSync(`${path}.folder`);
  writeFileSync(
    `${path}.text`,
    "no database at all, but long enough to be read as the head of one".repeat(100),
  );
  for (const bad of [`${path}.folder`, `${path}.text`, join(path, "missing", "sessions.db")]) {
    assert.throws(
      () => sqliteStore(bad),
      (error) =>
        error instanceof ConfigurationError && error.message.includes(bad) && error.cause !== undefined,
    );
  }
  for (const bad of ["", ":memory:"]) assert.throws(() => sqliteStore(bad), ConfigurationError);
  assert.ok(!existsSync(":memory:"));
});

for (const fate of ["removed", "replaced"]) {
  test(`once its file was ${fate}, nothing is acknowledged, and soon nothing is read`, async (t) => {
    const path = newPath(t);
    const store = sqliteStore(path);
    const record = await stored(store, { userId: "ada" });
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file);
    if (fate === "replaced") sqliteStore(path);
    const failure = (error: unknown) =>
      error instanceof StoreError &&
      error.code === "STORE_FAILED" &&
      /removed or replaced/.test(error.message);
    for (const change of [
      () => store.create(someRecord(), NOW),
      () => store.patch(record.id, { set: values({ a: 1 }) }, NOW),
      () => store.delete(record.id),
      () => store.deleteByUser("ada", NOW),
      () => store.sweep?.(NOW, 10),
    ]) {
      await assert.rejects(async () => change(), failure);
    }
    const soon = performance.now() + 250;
    t.mock.method(performance, "now", () => soon);
    await assert.rejects(async () => store.find(record.id, NOW), failure);
    await assert.rejects(async () => store.findByUser("ada", NOW), failure);
  });
}

test("somebody else's database is refused and left as it is", (t) => {
  for (const sql of [
    "CREATE TABLE recipes (name)",
    "PRAGMA application_id = 42",
    "PRAGMA user_version = 7",
  ]) {
    const path = newPath(t);
    rawly(path, (db) => db.exec(sql));
    assert.throws(() => sqliteStore(path), ConfigurationError);
    const mode = rawly(path, (db) => db.prepare("PRAGMA journal_mode").get()?.journal_mode);
    assert.equal(mode, "delete");
  }
});

test("a database of another version of the schema is refused", (t) => {
  const path = newPath(t);
  sqliteStore(path);
  rawly(path, (db) => db.exec("PRAGMA user_version = 2"));
  assert.throws(() => sqliteStore(path), /version 2/);
});

test("a database of ours whose schema is damaged is refused", (t) => {
  const path = newPath(t);
  sqliteStore(path);
  rawly(path, (db) => db.exec("ALTER TABLE sessions RENAME COLUMN record TO recorb"));
  assert.throws(() => sqliteStore(path), ConfigurationError);
});

test("a file that may not be written is a ConfigurationError", {
  skip: process.platform === "win32",
}, (t) => {
  const path = newPath(t);
  const module = new URL("stores/sqlite.ts", modules());
  disown(dirname(path));
  assert.equal(openUnprivileged(module, "sqliteStore", path), "opened");
  chmodSync(path, 0o400);
  assert.match(openUnprivileged(module, "sqliteStore", path), /^ConfigurationError: .*cannot keep sessions/);
});

test("a full disk is a StoreError, and what was acknowledged stays", {
  skip: process.platform === "win32",
}, async (t) => {
  const path = newPath(t);
  // The limit on the size of a file stands in for the disk.
  const limited = ["-c", 'ulimit -f 512; exec "$0" "$@"', process.execPath];
  const child = spawn(
    "sh",
    [...limited, ...process.execArgv, "--input-type=module", "-e", FILLER, modules(), path],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const report = JSON.parse(await text(child.stdout));
  assert.match(report.message, /^The session store could not create: /);
  assert.ok(report.message.includes(path));
  assert.equal(report.code, "STORE_FAILED");
  const store = sqliteStore(path);
  for (const id of report.created) assert.ok(await store.find(id, NOW), id);
  assert.ok(report.created.length > 0);
  assert.equal(await store.find(report.refused, NOW), null);
});

// ---- helpers

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function newPath(t: TestContext): string {
  return join(newFolder(t), "sessions.db");
}

function rawly<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { timeout: 1_000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function cutInHalf(db: DatabaseSync, id: SessionId): void {
  db.prepare("UPDATE sessions SET record = substr(record, 1, length(record) / 2) WHERE id = ?").run(id);
}

function promised<T>(answer: T | Promise<T>): Promise<T> {
  assert.ok(answer instanceof Promise);
  return answer;
}

/** Text with one bit flipped, as bytes; numbers that differ by one bit. */
function* allFlips(value: unknown): Generator<Uint8Array | number> {
  const isNumber = typeof value === "number";
  const bytes = isNumber ? new Uint8Array(Float64Array.of(value).buffer) : Buffer.from(String(value));
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const [number = Number.NaN] = isNumber ? new Float64Array(flipped.buffer) : [];
    if (!isNumber) yield flipped;
    else if (!Number.isNaN(number)) yield number;
  }
}

async function assertSameOrCorrupt(find: () => unknown, expected: unknown): Promise<void> {
  try {
    assert.deepEqual(await find(), expected);
  } catch (error) {
    if (!(error instanceof CorruptRecordError)) throw error;
  }
}

/** Where the children find what they import. */
function modules(): string {
  return new URL("../../src/", import.meta.url).href;
}

const COUNTER = `
  const [modules, path, id, record, now] = process.argv.slice(1);
  const { sqliteStore } = await import(modules + "stores/sqlite.ts");
  const store = sqliteStore(path);
  await store.create(JSON.parse(record), Number(now));
  for (let done = 0; done < 200; ) {
    const { data, revision } = await store.find(id, Number(now));
    const set = { '"count"': String(Number(data['"count"']) + 1) };
    if (await store.patch(id, { set }, Number(now), { revision }) !== "done") continue;
    done += 1;
    process.stdout.write("+");
    // A turn for the others, also for the signal.
    await new Promise(setImmediate);
  }
`;

// More than the processors of most machines: one that is put aside between two statements is what this is about.
const OPENERS = 8;

/** Opens 100 new files, each at the same moment as all the other openers. */
const OPENER = `
  const { workerData } = require("node:worker_threads");
  const { modules, folder, turn, openers } = workerData;
  const [ARRIVED, ROUND] = [0, 1];
  const turns = new Int32Array(turn);
  import(modules + "stores/sqlite.ts").then(async ({ sqliteStore }) => {
    for (let round = 0; round < 100; round += 1) {
      if (Atomics.add(turns, ARRIVED, 1) === openers - 1) {
        Atomics.store(turns, ARRIVED, 0);
        Atomics.add(turns, ROUND, 1);
        Atomics.notify(turns, ROUND);
      } else {
        Atomics.wait(turns, ROUND, round);
      }
      await sqliteStore(folder + "/" + round + ".db").close();
    }
  });
`;

const FILLER = `
  const [modules, path] = process.argv.slice(1);
  const { sqliteStore } = await import(modules + "stores/sqlite.ts");
  const { someRecord, values } = await import(modules + "testing/store-cases-fixtures.ts");
  const store = sqliteStore(path);
  const created = [];
  for (;;) {
    const record = someRecord({ data: values({ filler: "x".repeat(10_000) }) });
    try {
      await store.create(record, Date.now());
      created.push(record.id);
    } catch ({ message, code }) {
      console.log(JSON.stringify({ message, code, created, refused: record.id }));
      break;
    }
  }
`;

interface Counter {
  readonly process: ChildProcess;
  /** How many increments were acknowledged, once the process is over. */
  readonly total: Promise<number>;
  counted(atLeast: number): Promise<void>;
}

/** A process that adds 200 to the count of this session, one by one. */
function counter(t: TestContext, path: string, id: SessionId): Counter {
  const record = JSON.stringify(someRecord({ id, expiresAt: NOW + DAY, data: values({ count: 0 }) }));
  const args = [
    ...process.execArgv,
    "--input-type=module",
    "-e",
    COUNTER,
    modules(),
    path,
    id,
    record,
    String(NOW),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  let count = 0;
  let wake = () => {};
  child.stdout.on("data", (chunk: Buffer) => {
    count += chunk.length;
    wake();
  });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  return {
    process: child,
    total: closed.then(() => count),
    async counted(atLeast) {
      while (count < atLeast) {
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          closed.then(() => assert.fail("the process ended early")),
        ]);
      }
    },
  };
}
