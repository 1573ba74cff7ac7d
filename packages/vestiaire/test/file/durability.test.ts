// What "power" has on the disk before it answers: which files and folders were synced, and when. The calls are replaced
// before the store is loaded, so that each waits until the test lets it go.

import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import type { SessionStore } from "../../src/core/store.ts";

interface Sync {
  readonly inode: number;
  finish(error?: Error): void;
}

/** The syncs that were asked for and are not done. */
let waiting: Sync[] = [];

const sync = fs.fsync;
fs.fsync = Object.assign((file: number, callback: fs.NoParamCallback) => {
  const finish = (error?: Error) => (error === undefined ? sync(file, callback) : callback(error));
  waiting.push({ inode: fs.fstatSync(file).ino, finish });
}, sync);
syncBuiltinESMExports();

const { fileStore } = await import("../../src/stores/file/index.ts");
const { StoreError } = await import("../../src/core/errors.ts");
const { hashUser } = await import("../../src/stores/file/users.ts");
const { watchingCalls } = await import("./calls.ts");
const { DAY, NOW, newDirectory, pathOf, someRecord } = await import("./support.ts");

const PERIOD = Math.floor((NOW + 3_600_000) / 600_000);

function open(t: TestContext, durability?: "power") {
  const directory = newDirectory(t);
  return { directory, store: fileStore(directory, { ...(durability && { durability }) }) };
}

/** Some turns of the event loop and of the threads that open folders. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await fs.promises.stat(".");
    await new Promise(setImmediate);
  }
}

/** The paths that must be on the disk before the answer; and that there is none before all of them are. */
async function syncsOf(directory: string, answer: unknown): Promise<string[]> {
  assert.ok(answer instanceof Promise, "it does not wait");
  let answered = false;
  const done = answer.finally(() => {
    answered = true;
  });
  const syncs: Sync[] = [];
  while (!answered) {
    await turns();
    const next = waiting.shift();
    if (next === undefined) continue;
    syncs.push(next);
    next.finish();
  }
  await done;
  await turns();
  assert.deepEqual(waiting, [], "it answers before all is on the disk");
  return named(directory, syncs);
}

function named(directory: string, syncs: readonly { readonly inode: number }[]): string[] {
  const paths = new Map<number, string>();
  for (const path of ["", ...(fs.readdirSync(directory, { recursive: true }) as string[])]) {
    paths.set(fs.statSync(join(directory, path)).ino, path);
  }
  return syncs.map(({ inode }) => paths.get(inode) ?? "a file that is gone").sort();
}

test("power: nothing is acknowledged before all that it wrote is on the disk", async (t) => {
  const { directory, store } = open(t, "power");
  const [record, anonymous] = [someRecord({ userId: "ada" }), someRecord()];
  const log = relative(directory, pathOf(directory, record.id));
  const user = `users/${hashUser("ada")}`;
  assert.deepEqual(
    await syncsOf(directory, store.create(record, NOW)),
    [log, dirname(log), "sessions", "users", user, "due", `due/${PERIOD}`].sort(),
  );
  const another = relative(directory, pathOf(directory, anonymous.id));
  assert.deepEqual(
    (await syncsOf(directory, store.create(anonymous, NOW))).filter((path) => path !== "sessions"),
    [another, dirname(another), "due", `due/${PERIOD}`].sort(),
  );
  assert.deepEqual(await syncsOf(directory, store.patch(record.id, { set: { a: "1" } }, NOW)), [log]);
  assert.deepEqual(await syncsOf(directory, store.delete(anonymous.id)), [dirname(another)]);
  const mark = `marks/${Math.floor(NOW / 600_000)}`;
  assert.deepEqual(
    await syncsOf(directory, store.deleteByUser("ada", NOW)),
    [dirname(log), "marks", mark, `${mark}/${hashUser("ada")}`].sort(),
  );
});

test("power: what is only looked up is answered at once", async (t) => {
  const { directory, store } = open(t, "power");
  const record = someRecord({ userId: "ada" });
  await syncsOf(directory, store.create(record, NOW));
  assert.deepEqual(store.find(record.id, NOW), record);
  assert.deepEqual(store.findByUser("ada", NOW), [record]);
  assert.deepEqual(store.sweep?.(NOW, 100), { removed: 0, more: false });
});

test("power: a copy is on the disk before the log is sealed to it", async (t) => {
  const { directory, store } = open(t, "power");
  const record = someRecord({ data: { filling: "x".repeat(4_000) } });
  await syncsOf(directory, store.create(record, NOW));
  const calls: string[] = [];
  const answer = watchingCalls(
    (name, [file]) => {
      if (name === "fsyncSync") calls.push(fs.fstatSync(file as number).isDirectory() ? "folder" : "copy");
      else if (name === "writeSync") calls.push("line");
      else if (name === "renameSync") calls.push("in place");
    },
    () => store.patch(record.id, { set: { filling: "y".repeat(8_000) } }, NOW),
  );
  assert.deepEqual(calls, ["line", "line", "copy", "folder", "line", "in place"]);
  const shard = dirname(relative(directory, pathOf(directory, record.id)));
  assert.ok((await syncsOf(directory, answer)).includes(shard));
});

test("power: a disk that fails to keep a change fails it", async (t) => {
  const { directory, store } = open(t, "power");
  const record = someRecord();
  await syncsOf(directory, store.create(record, NOW));
  const answer = store.patch(record.id, { set: { a: "1" } }, NOW) as Promise<unknown>;
  await turns();
  for (const { finish } of waiting) finish(Object.assign(new Error("EIO: i/o error"), { code: "EIO" }));
  waiting = [];
  await assert.rejects(answer, StoreError);
});

test("power: a new store's folders are on the disk before it opens, and those in which they stand", (t) => {
  const parent = newDirectory(t);
  const directory = join(parent, "var", "sessions");
  const inodes: number[] = [];
  const opening = (work: () => unknown) =>
    watchingCalls((name, [file]) => {
      if (name === "fsyncSync") inodes.push(fs.fstatSync(file as number).ino);
    }, work);
  opening(() => fileStore(directory, { durability: "power" }));
  const expected = [parent, dirname(directory), directory, join(directory, "format")];
  assert.deepEqual(inodes.sort(), expected.map((path) => fs.statSync(path).ino).sort());
  inodes.length = 0;
  opening(() => fileStore(join(parent, "other")));
  assert.deepEqual(inodes, []);
});

test("power: a sweep keeps few files open, and syncs none that it removed", async (t) => {
  const { directory, store } = open(t);
  const kept = open(t, "power");
  for (let i = 0; i < 250; i += 1) {
    const record = someRecord();
    store.create(record, NOW);
    if (i % 5 !== 0) store.patch(record.id, { expiresAt: NOW + 20 * DAY }, NOW);
  }
  fs.cpSync(directory, kept.directory, { recursive: true });
  const removed = await sweepAll(kept.directory, kept.store, 110);
  assert.equal(removed, 50);
});

/** How many it removes in all, if it never has more files open than that. */
async function sweepAll(directory: string, store: SessionStore, most: number): Promise<number> {
  let removed = 0;
  for (let more = true; more; ) {
    let [open, highest] = [0, 0];
    const answer = watchingCalls(
      (name) => {
        if (name === "openSync") open += 1;
        else if (name === "closeSync") open -= 1;
        highest = Math.max(highest, open);
      },
      () => store.sweep?.(NOW + DAY, 500),
    );
    assert.ok(highest <= most, `${highest} files were open at once`);
    const synced = await syncsOf(directory, answer);
    assert.ok(!synced.includes("a file that is gone"));
    const sweep = (await answer) as { removed: number; more: boolean };
    removed += sweep.removed;
    more = sweep.more;
  }
  return removed;
}

test("process: nothing waits for the disk", async (t) => {
  const { store } = open(t);
  const record = someRecord({ userId: "ada" });
  const synced: string[] = [];
  const answers = watchingCalls(
    (name) => name.startsWith("fsync") && synced.push(name),
    () => [
      store.create(record, NOW),
      store.patch(record.id, { set: { a: "1" } }, NOW),
      store.deleteByUser("ada", NOW),
    ],
  );
  assert.deepEqual(answers, ["created", "done", [record.id]]);
  await turns();
  assert.deepEqual([synced, waiting], [[], []]);
});
