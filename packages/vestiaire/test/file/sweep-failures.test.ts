// What a sweep does when something that it looks at cannot be seen to: the rest goes on, and nothing is forgotten.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { StoreError } from "../../src/core/errors.ts";
import type { Sweep } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { encodeLine } from "../../src/stores/file/line.ts";
import type { FileStore } from "../../src/stores/file/store.ts";
import { watchingCalls } from "./calls.ts";
import { DAY, fail, NOW, newDirectory, pathOf, smallStore, someRecord } from "./support.ts";

const LATER = NOW + DAY;
const GRACE = 60_000;

/** As long as it says that there is more. How many were removed. */
function sweepAll(store: FileStore, now: number): number {
  let removed = 0;
  for (let more = true; more; ) {
    const sweep = store.sweep(now, 500) as Sweep;
    removed += sweep.removed;
    more = sweep.more;
  }
  return removed;
}

/** Fails work that would go round in circles. */
function ending<Answer>(work: () => Answer): Answer {
  let calls = 0;
  return watchingCalls(() => {
    calls += 1;
    if (calls > 5_000) fail("ELOOP");
  }, work);
}

function filesIn(directory: string): string[] {
  return readdirSync(join(directory, "sessions")).flatMap((shard) =>
    readdirSync(join(directory, "sessions", shard)),
  );
}

test("an error in mid-sweep leaves nothing behind: the rest is swept, and what failed is swept later", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 4096);
  for (let i = 0; i < 100; i += 1) store.create(someRecord({ userId: "ada" }), NOW);
  const living = someRecord({ userId: "eve" });
  store.create(living, NOW);
  store.patch(living.id, { expiresAt: NOW + 5 * DAY }, NOW);
  let opened = 0;
  assert.throws(
    () =>
      watchingCalls(
        (name, [path]) => {
          if (name !== "openSync" || !String(path).includes("/sessions/")) return;
          opened += 1;
          if (opened === 2) fail("EMFILE");
        },
        () => store.sweep(LATER, 500),
      ),
    (error) => error instanceof StoreError && error.operation === "sweep" && /ulimit/.test(error.message),
  );
  assert.equal(filesIn(directory).length, 2);
  assert.equal(sweepAll(store, LATER), 0);
  assert.equal(sweepAll(store, LATER + GRACE), 1);
  assert.deepEqual(filesIn(directory), [living.id]);
  assert.equal(sweepAll(store, NOW + 6 * DAY), 1);
  assert.deepEqual(readdirSync(join(directory, "due")), []);
});

test("a session that can never be seen to holds up no other, whichever sweep it is met in", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 4096);
  const records = Array.from({ length: 12 }, () => someRecord());
  for (const record of records) store.create(record, NOW);
  const blocked = records.slice(0, 6);
  const isBlocked = (path: unknown) => blocked.some(({ id }) => String(path).endsWith(id));
  const sweep = (now: number) =>
    watchingCalls(
      (name, [path]) => {
        if (name === "openSync" && isBlocked(path)) fail("EACCES");
      },
      () => store.sweep(now, 5),
    );
  assert.throws(() => sweep(LATER), StoreError);
  assert.throws(() => sweep(LATER), StoreError);
  assert.deepEqual(sweep(LATER), { removed: 2, more: false });
  assert.deepEqual(filesIn(directory).sort(), blocked.map(({ id }) => id).sort());
  assert.equal(sweepAll(store, LATER + GRACE), 6);
});

test("a log that is sealed to a file that is gone is removed, with its entry in the user's index", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 4096);
  const sealed = someRecord({ userId: "ada" });
  store.create(sealed, NOW);
  for (let i = 0; i < 50; i += 1) store.create(someRecord(), NOW);
  appendFileSync(pathOf(directory, sealed.id), encodeLine(JSON.stringify({ seal: 0, nonce: "1~gone-1" })));
  assert.deepEqual(store.find(sealed.id, NOW), sealed);
  assert.equal(
    ending(() => sweepAll(store, LATER)),
    50,
  );
  assert.deepEqual(filesIn(directory), []);
  assert.deepEqual(readdirSync(join(directory, "users")), []);
});

test("a change to a log that is sealed to a file that is gone says that the session is, and ends", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord();
  store.create(record, NOW);
  appendFileSync(pathOf(directory, record.id), encodeLine(JSON.stringify({ seal: 0, nonce: "1~gone-1" })));
  assert.equal(
    ending(() => store.patch(record.id, { set: { a: "1" } }, NOW)),
    "gone",
  );
});

test("a temporary file that cannot be removed holds up no other", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 4096);
  const temporary = join(directory, "temporary");
  const [stuck, other] = [someRecord(), someRecord()];
  for (const { id } of [stuck, other]) writeFileSync(join(temporary, `${id}~${NOW}~dead-1`), "");
  store.create(someRecord(), NOW);
  assert.throws(
    () =>
      watchingCalls(
        (name, [path]) => {
          if (name === "unlinkSync" && String(path).includes(stuck.id)) fail("EIO");
        },
        () => store.sweep(LATER, 10),
      ),
    StoreError,
  );
  assert.deepEqual(readdirSync(temporary), [`${stuck.id}~${NOW}~dead-1`]);
  store.sweep(LATER, 10);
  assert.ok(!existsSync(join(temporary, `${stuck.id}~${NOW}~dead-1`)));
});
