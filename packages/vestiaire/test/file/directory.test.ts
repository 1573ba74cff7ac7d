// The directory itself: whether it can serve, who may read it, and what the store says when the disk lets it down.

import assert from "node:assert/strict";
import fs, {
  chmodSync,
  existsSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { remoteFileSystem } from "../../src/stores/file/layout.ts";
import { disown, openUnprivileged } from "../unprivileged.ts";
import { DAY, failure, NOW, newDirectory, pathOf, refusal, smallStore, someRecord } from "./support.ts";

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

test("a directory on a network file system is refused, with the reason, and nothing is made in it", {
  skip: process.platform !== "linux",
}, (t) => {
  t.after(syncBuiltinESMExports);
  for (const [type, name] of [
    [0x6969, "NFS"],
    [0x517b, "SMB"],
    [0x65735546, "FUSE"],
  ] as const) {
    const directory = newDirectory(t);
    const mock = t.mock.method(fs, "statfsSync", () => ({ type }));
    syncBuiltinESMExports();
    assert.throws(() => fileStore(directory), refusal(new RegExp(`is on ${name}, where .*local disk`)));
    mock.mock.restore();
    assert.deepEqual(readdirSync(directory), []);
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

test("a directory without the right to write is refused", { skip: process.platform === "win32" }, (t) => {
  const directory = newDirectory(t);
  const module = new URL("../../src/stores/file/index.ts", import.meta.url);
  disown(directory);
  assert.equal(openUnprivileged(module, "fileStore", directory), "opened");
  rmSync(join(directory, "format"));
  for (const name of readdirSync(directory)) rmdirSync(join(directory, name));
  chmodSync(directory, 0o500);
  assert.match(openUnprivileged(module, "fileStore", directory), /^ConfigurationError: .*no right/);
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
