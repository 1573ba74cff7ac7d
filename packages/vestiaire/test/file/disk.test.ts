// A disk that lets the store down: what it says then, what still works, and that nothing is lost by it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StoreError } from "../../src/core/errors.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { watchingCalls } from "./calls.ts";
import { DAY, fail, failure, NOW, newDirectory, pathOf, refusal, smallStore, someRecord } from "./support.ts";

/** In CI a test that cannot mount fails. */
const skip = canMount() || process.env.CI === "true" ? false : "needs the right to mount a tmpfs";

test("a failing disk is a StoreError that names the path and what to do, and changes nothing", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  const cases = [
    ["ENOSPC", /disk is full/],
    ["EROFS", /read-only/],
    ["EACCES", /no right/],
    ["EMFILE", /ulimit/],
    ["EIO", /i\/o error/],
  ] as const;
  for (const [code, message] of cases) {
    const patch = () => store.patch(record.id, { set: { a: "1" } }, NOW);
    const create = () => store.create(someRecord(), NOW);
    const failing: Readonly<Record<string, readonly (() => unknown)[]>> = {
      openSync: [patch, create, () => store.delete(record.id)],
      writeSync: [patch, create],
    };
    for (const [call, operations] of Object.entries(failing)) {
      for (const operation of operations) {
        assert.throws(
          () => watchingCalls((name) => name === call && fail(code), operation),
          (error: StoreError) =>
            failure(message)(error) &&
            error.message.includes(directory) &&
            (error.cause as NodeJS.ErrnoException).code === code,
        );
      }
    }
  }
  assert.deepEqual(store.find(record.id, NOW), record);
});

test("a sign-in that fails at any point leaves no session behind", (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  store.deleteByUser("ada", NOW);
  for (let point = 0, calls = 1; calls > point; point += 1) {
    const record = someRecord({ userId: "ada", createdAt: NOW + 1 });
    calls = 0;
    let answer: unknown;
    try {
      answer = watchingCalls(
        (name) => {
          calls += 1;
          if (calls === point + 1 && name !== "closeSync") fail("EMFILE");
        },
        () => store.create(record, NOW),
      );
    } catch (error) {
      failure(/ulimit/)(error);
    }
    const found = answer === "created" ? record : null;
    assert.deepEqual(store.find(record.id, NOW), found, `after point ${point}`);
  }
});

test("a compaction that fails does not fail the change that asked for it", (t) => {
  const directory = newDirectory(t);
  const store = smallStore(directory, 500);
  const record = someRecord();
  store.create(record, NOW);
  let failures = 0;
  for (const call of ["openSync", "renameSync"]) {
    for (let i = 0; i < 30; i += 1) {
      const answer = watchingCalls(
        (name, [path]) => {
          if (name !== call || !String(path).includes("temporary")) return;
          failures += 1;
          fail("ENOSPC");
        },
        () => store.patch(record.id, { set: { i: String(i) } }, NOW),
      );
      assert.equal(answer, "done");
      if (call === "renameSync" && failures > 25) break;
    }
  }
  assert.ok(failures > 5);
  assert.equal(store.patch(record.id, { set: { last: "1" } }, NOW), "done");
  store.sweep(NOW + 120_000, 100);
  assert.deepEqual(readdirSync(join(directory, "temporary")), []);
  assert.ok(statSync(pathOf(directory, record.id)).size < 2_000);
});

test("on a disk that is full sessions can be read, and changed again when there is room", { skip }, (t) => {
  const { directory, store, fill, empty } = smallDisk(t);
  const record = someRecord();
  store.create(record, NOW);
  fill();
  let done = 0;
  assert.throws(
    () => {
      for (;;) {
        store.patch(record.id, { set: { done: "x".repeat(100) } }, NOW);
        done += 1;
      }
    },
    failure(/disk is full/),
  );
  assert.throws(() => store.create(someRecord(), NOW), failure(/disk is full/));
  assert.equal((store.find(record.id, NOW) as SessionRecord).revision, done);
  empty();
  assert.equal(store.patch(record.id, { set: { again: "1" } }, NOW), "done");
  assert.equal((fileStore(directory).find(record.id, NOW) as SessionRecord).revision, done + 1);
});

test("on a disk that is full sessions can be ended, and what has expired is swept", { skip }, (t) => {
  const { directory, store, fill } = smallDisk(t);
  const signedOut = someRecord({ userId: "ada" });
  const shown = [someRecord({ userId: "eve" }), someRecord({ userId: "eve" })];
  const expired = someRecord({ userId: "joe" });
  for (const record of [signedOut, ...shown, expired]) {
    store.create(record, NOW);
    fillBlock(directory, record.id);
  }
  const last = store.find(signedOut.id, NOW);
  fill();
  assert.deepEqual(store.delete(signedOut.id), last);
  assert.equal(store.delete(signedOut.id), null);
  fill();
  assert.deepEqual(
    [...(store.deleteByUser("eve", NOW) as string[])].sort(),
    shown.map(({ id }) => id).sort(),
  );
  assert.equal(store.create(someRecord({ userId: "eve" }), NOW), "ended");
  fill();
  assert.deepEqual(store.sweep?.(NOW + DAY, 100), { removed: 1, more: false });
  const again = fileStore(directory);
  for (const { id } of [signedOut, ...shown, expired]) assert.equal(again.find(id, NOW), null);
  for (const userId of ["ada", "eve", "joe"]) assert.deepEqual(again.findByUser(userId, NOW), []);
  assert.equal(store.create(someRecord(), NOW), "created");
});

test("when not even the end of a user's sessions makes room to remember it, it is reported as failed", (t) => {
  const store = fileStore(newDirectory(t));
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  assert.throws(
    () =>
      watchingCalls(
        (name) => name === "writeSync" && fail("ENOSPC"),
        () => store.deleteByUser("ada", NOW),
      ),
    failure(/disk is full/),
  );
  assert.equal(store.find(record.id, NOW), null);
});

test("on a disk that became read-only sessions can be read, and changing one is an error", { skip }, (t) => {
  const directory = mounted(t, "size=1m,mode=0700");
  const store = fileStore(join(directory, "store"));
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  execFileSync("mount", ["-o", "remount,ro", directory]);
  assert.deepEqual(store.find(record.id, NOW), record);
  assert.deepEqual(store.findByUser("ada", NOW), [record]);
  assert.throws(() => store.patch(record.id, {}, NOW), failure(/read-only/));
  assert.throws(() => store.delete(record.id), failure(/read-only/));
  assert.throws(() => fileStore(join(directory, "store")), refusal(/read-only/));
});

/** A store on a disk of its own, and how to fill that up and to empty it again. */
function smallDisk(t: TestContext) {
  const disk = mounted(t, "size=256k,mode=0700");
  const directory = join(disk, "store");
  const store = fileStore(directory);
  let filled = 0;
  return {
    directory,
    store,
    fill() {
      assert.throws(() => {
        for (; ; filled += 1) writeFileSync(join(disk, `filling${filled}`), "x".repeat(4_096));
      }, /ENOSPC/);
    },
    empty() {
      for (; filled >= 0; filled -= 1) rmSync(join(disk, `filling${filled}`), { force: true });
    },
  };
}

/** Makes a log end where its block does, with a torn line, so that another needs room. */
function fillBlock(directory: string, id: string): void {
  const path = pathOf(directory, id);
  const torn = "\n0000ffff00000000 ";
  appendFileSync(path, torn.padEnd(4_096 - statSync(path).size, "x"));
}

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "vestiaire-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", directory], { stdio: "ignore" });
    execFileSync("umount", ["-l", directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

/** A small file system of its own. */
function mounted(t: TestContext, options: string): string {
  const directory = mkdtempSync(join(tmpdir(), "vestiaire-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory], { stdio: "ignore" });
  t.after(() => {
    execFileSync("umount", ["-l", directory]);
    rmdirSync(directory);
  });
  return directory;
}
