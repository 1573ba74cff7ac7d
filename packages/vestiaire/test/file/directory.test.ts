// The directory itself: whether it can serve, who may read it, and what the store says when the disk lets it down.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigurationError, StoreError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { remoteFileSystem } from "../../src/stores/file/layout.ts";
import { watchingCalls } from "./calls.ts";
import { DAY, NOW, newDirectory, pathOf, smallStore, someRecord } from "./support.ts";

test("a directory is made where there is none, also within others that are not there", async (t) => {
  const directory = join(newDirectory(t), "var", "sessions");
  const record = someRecord();
  await fileStore(directory).create(record, NOW);
  assert.deepEqual(await fileStore(directory).find(record.id, NOW), record);
});

test("only the user that runs the process can read what is stored", async (t) => {
  const directory = join(newDirectory(t), "store");
  const store = smallStore(directory, 500);
  const record = someRecord({ userId: "ada" });
  await store.create(record, NOW);
  for (let i = 0; i < 20; i += 1) await store.patch(record.id, { set: { i: "1" } }, NOW);
  await store.deleteByUser("eve", NOW);
  let files = 0;
  const visit = (path: string) => {
    const stats = statSync(path);
    assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, path);
    if (stats.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    else files += 1;
  };
  visit(directory);
  assert.ok(files >= 5);
});

test("a directory of something else is refused, and stays as it is", (t) => {
  const directory = newDirectory(t);
  writeFileSync(join(directory, "index.html"), "hello");
  assert.throws(() => fileStore(directory), refusal(/not empty.*index\.html/));
  assert.deepEqual(readdirSync(directory), ["index.html"]);
});

test("a directory of another version is refused", (t) => {
  const directory = newDirectory(t);
  fileStore(directory);
  writeFileSync(join(directory, "format"), "Version 2");
  assert.throws(() => fileStore(directory), refusal(/another version/));
});

test("a start that was cut short is finished by the next", (t) => {
  const directory = newDirectory(t);
  writeFileSync(join(directory, "format~dead-1"), "Vest");
  assert.equal(fileStore(directory).find(someRecord().id, NOW), null);
});

test("a path that leads through a file is refused", (t) => {
  const directory = newDirectory(t);
  writeFileSync(join(directory, "file"), "");
  for (const path of [join(directory, "file"), join(directory, "file", "sessions")]) {
    assert.throws(() => fileStore(path), refusal(/file/));
  }
});

test("file systems whose appends are not atomic are known by their number", () => {
  const names = [0x6969, 0x517b, 0xff534d42, 0xff534d42 - 2 ** 32, 0xfe534d42, 0x65735546].map(
    remoteFileSystem,
  );
  assert.deepEqual(names, ["NFS", "SMB", "CIFS", "CIFS", "SMB2", "FUSE"]);
  for (const local of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]) {
    assert.equal(remoteFileSystem(local), null);
  }
});

test("a durability that does not exist is refused", (t) => {
  const durability = "always" as "power";
  assert.throws(() => fileStore(newDirectory(t), { durability }), refusal(/"always"/));
});

test("when the whole directory is gone, every operation says so, and none makes it anew", async (t) => {
  const parent = newDirectory(t);
  for (const durability of ["process", "power"] as const) {
    const directory = join(parent, durability);
    const store = fileStore(directory, { durability });
    const record = someRecord({ userId: "ada" });
    await store.create(record, NOW);
    await store.find(record.id, NOW);
    rmSync(directory, { recursive: true });
    for (const [name, operation] of operations(store, record.id)) {
      await assert.rejects(async () => operation(), failure(/is gone/), name);
    }
    assert.equal(existsSync(directory), false);
  }
});

test("a folder of sessions that is no folder any more is an error, and not the end of its sessions", async (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord();
  await store.create(record, NOW);
  const shard = dirname(pathOf(directory, record.id));
  renameSync(shard, `${shard}.away`);
  writeFileSync(shard, "");
  for (const operation of [
    () => store.find(record.id, NOW),
    () => store.patch(record.id, {}, NOW),
    () => store.delete(record.id),
    () => store.create(someRecord({ id: `${record.id.slice(0, 2)}${someRecord().id.slice(2)}` }), NOW),
  ]) {
    await assert.rejects(async () => operation(), failure(/folder/));
  }
  rmSync(shard);
  renameSync(`${shard}.away`, shard);
  assert.deepEqual(await store.find(record.id, NOW), record);
});

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
  assert.deepEqual(store.find(record.id, NOW, { fresh: true }), record);
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

test("on a disk that is full sessions can be read and ended, and changed again when there is room", (t) => {
  const directory = mounted(t, "size=256k,mode=0700");
  if (directory === null) return t.skip("needs the right to mount a tmpfs");
  const store = fileStore(join(directory, "store"));
  const record = someRecord();
  store.create(record, NOW);
  writeFileSync(join(directory, "room"), "x".repeat(8_192));
  assert.throws(() => {
    for (let i = 0; ; i += 1) writeFileSync(join(directory, `filling${i}`), "x".repeat(4_096));
  }, /ENOSPC/);
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
  assert.equal((store.find(record.id, NOW, { fresh: true }) as typeof record).revision, done);
  rmSync(join(directory, "room"));
  assert.equal(store.patch(record.id, { set: { again: "1" } }, NOW), "done");
  assert.equal(
    (fileStore(join(directory, "store")).find(record.id, NOW) as typeof record).revision,
    done + 1,
  );
});

test("on a disk that became read-only sessions can be read, and changing one is an error", (t) => {
  const directory = mounted(t, "size=1m,mode=0700");
  if (directory === null) return t.skip("needs the right to mount a tmpfs");
  const store = fileStore(join(directory, "store"));
  const record = someRecord({ userId: "ada" });
  store.create(record, NOW);
  execFileSync("mount", ["-o", "remount,ro", directory]);
  assert.deepEqual(store.find(record.id, NOW, { fresh: true }), record);
  assert.deepEqual(store.findByUser("ada", NOW), [record]);
  assert.throws(() => store.patch(record.id, {}, NOW), failure(/read-only/));
  assert.throws(() => store.delete(record.id), failure(/read-only/));
  assert.throws(() => fileStore(join(directory, "store")), refusal(/read-only/));
});

test("a directory without the right to write is refused", (t) => {
  if (process.getuid?.() === 0) return t.skip("root has every right");
  const directory = newDirectory(t);
  chmodSync(directory, 0o500);
  assert.throws(() => fileStore(directory), refusal(/no right/));
});

function operations(store: SessionStore, id: string): [string, () => unknown][] {
  return [
    ["find", () => store.find(id, NOW)],
    ["find unknown", () => store.find(someRecord().id, NOW)],
    ["create", () => store.create(someRecord({ userId: "ada" }), NOW)],
    ["patch", () => store.patch(id, {}, NOW)],
    ["findByUser", () => store.findByUser("ada", NOW)],
    ["findByUser of nobody", () => store.findByUser("nobody", NOW)],
    ["deleteByUser", () => store.deleteByUser("ada", NOW)],
    ["delete", () => store.delete(id)],
    ["list", () => store.list?.(NOW)],
    ["sweep", () => store.sweep?.(NOW + DAY, 10)],
  ];
}

function fail(code: string): never {
  throw Object.assign(new Error(`${code}: i/o error`), { code });
}

function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, message);
    return true;
  };
}

function failure(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, "STORE_FAILED");
    assert.match(error.message, message);
    return true;
  };
}

/** A small file system of its own; `null` where this process may not mount one. */
function mounted(t: TestContext, options: string): string | null {
  const directory = mkdtempSync(join(tmpdir(), "vestiaire-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory], { stdio: "ignore" });
  } catch {
    rmdirSync(directory);
    return null;
  }
  t.after(() => {
    execFileSync("umount", ["-l", directory]);
    rmdirSync(directory);
  });
  return directory;
}
