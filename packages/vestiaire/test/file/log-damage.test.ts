// What bytes in a session's file mean: damage is never taken for a record, a torn line never for damage.

import assert from "node:assert/strict";
import { appendFileSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CorruptRecordError } from "../../src/core/errors.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import { fold } from "../../src/stores/file/fold.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { isSame } from "../../src/stores/file/known.ts";
import { decodeLines, encodeLine } from "../../src/stores/file/line.ts";
import { hashUser } from "../../src/stores/file/users.ts";
import { failure, NOW, newDirectory, pathOf, someRecord } from "./support.ts";

const set = (value: string) => ({ set: { '"key"': JSON.stringify(value) } });

test("T11 a flipped byte anywhere in a log makes it damaged, and never another record", async (t) => {
  const directory = newDirectory(t);
  const record = someRecord({ userId: "ada", data: { '"name"': '"Ada\\n é 0000ffff00000000 {"' } });
  const store = fileStore(directory);
  await store.create(record, NOW);
  await store.patch(record.id, set("one"), NOW, { revision: 0 });
  await store.patch(record.id, set("not counted"), NOW, { revision: 7 });
  await store.patch(record.id, { unset: ['"name"'], expiresAt: NOW + 7_200_000 }, NOW);
  await store.patch(record.id, set("J0000ffff00000000 zzz"), NOW);
  const expected = await store.find(record.id, NOW);
  const path = pathOf(directory, record.id);
  const sound = readFileSync(path);
  const patterns = [1, 2, 4, 8, 16, 32, 64, 128, 0xff];
  let flips = 0;
  for (let at = 0; at < sound.length; at += 1) {
    const byte = sound[at] as number;
    for (const value of new Set([...patterns.map((pattern) => byte ^ pattern), 10, 0, 48, 102])) {
      if (value === byte) continue;
      const damaged = Buffer.from(sound);
      damaged[at] = value;
      assert.throws(
        () => fold(damaged, record.id),
        CorruptRecordError,
        `byte ${at} from ${byte} to ${value}`,
      );
      flips += 1;
    }
  }
  assert.ok(flips > 9 * sound.length);
  writeFileSync(path, sound);
  assert.deepEqual(await fileStore(directory).find(record.id, NOW), expected);
});

test("the store says so for a damaged log, and goes on with the others", async (t) => {
  const directory = newDirectory(t);
  const [damaged, sound] = [someRecord({ userId: "ada" }), someRecord({ userId: "ada" })];
  const store = fileStore(directory);
  for (const record of [damaged, sound]) await store.create(record, NOW);
  const bytes = readFileSync(pathOf(directory, damaged.id));
  for (const at of [0, 5, 12, 17, 40, bytes.length - 1]) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ 1;
    writeFileSync(pathOf(directory, damaged.id), flipped);
    const reader = fileStore(directory);
    assert.throws(() => reader.find(damaged.id, NOW), CorruptRecordError);
    assert.equal(await reader.patch(damaged.id, set("x"), NOW), "gone");
    assert.deepEqual(await reader.findByUser("ada", NOW), [sound]);
  }
  assert.equal(await store.delete(damaged.id), null);
  assert.equal(await store.find(damaged.id, NOW), null);
});

test("a log of another session, an empty one and one that begins with a change are damaged", async (t) => {
  const directory = newDirectory(t);
  const [one, other] = [someRecord(), someRecord()];
  const store = fileStore(directory);
  await store.create(one, NOW);
  await store.create(other, NOW);
  const contents = [
    readFileSync(pathOf(directory, other.id)),
    Buffer.alloc(0),
    Buffer.from(encodeLine('{"fence":true,"nonce":"a-1"}')),
    Buffer.from(encodeLine("[]") + encodeLine("null")),
    Buffer.from(
      `${readFileSync(pathOf(directory, one.id))}${encodeLine('{"patch":{"unset":5},"now":0,"nonce":"a-1"}')}`,
    ),
    Buffer.from(`${readFileSync(pathOf(directory, one.id))}${encodeLine('{"revive":true,"nonce":"a-1"}')}`),
    Buffer.from(
      `${readFileSync(pathOf(directory, one.id))}${encodeLine(`{"patch":{"set":{"a":1}},"now":${NOW},"nonce":"a-1"}`)}`,
    ),
  ];
  for (const content of contents) {
    writeFileSync(pathOf(directory, one.id), content);
    assert.throws(() => fileStore(directory).find(one.id, NOW), CorruptRecordError, content.toString());
  }
});

test("a line torn at any byte changes nothing, whether lines follow it or not", async (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  const record = someRecord();
  await store.create(record, NOW);
  await store.patch(record.id, set("before"), NOW);
  const path = pathOf(directory, record.id);
  const whole = readFileSync(path);
  const expected = await store.find(record.id, NOW);
  const line = encodeLine(JSON.stringify({ patch: set("torn"), now: NOW, nonce: "dead-1" }));
  // Without only its last newline the line is whole.
  for (let length = 1; length < line.length - 1; length += 1) {
    writeFileSync(path, whole);
    appendFileSync(path, line.slice(0, length));
    const reader = fileStore(directory);
    assert.deepEqual(await reader.find(record.id, NOW), expected, `torn after ${length}`);
    assert.equal(await reader.patch(record.id, set("after"), NOW), "done");
    for (const each of [reader, store, fileStore(directory)]) {
      const found = (await each.find(record.id, NOW)) as SessionRecord;
      assert.deepEqual([found.revision, found.data], [2, set("after").set], `torn after ${length}`);
    }
  }
});

test("a line that lacks only its last newline counts, for those before and after it alike", () => {
  const lines = ["{}", '{"a":1}', '{"b":2}'].map((body) => encodeLine(body));
  assert.deepEqual(decodeLines(Buffer.from(lines.join(""))), {
    bodies: ["{}", '{"a":1}', '{"b":2}'],
    clean: true,
  });
  const torn = [lines[0], lines[1]?.slice(0, -1), lines[2]].join("");
  assert.deepEqual(decodeLines(Buffer.from(torn)).bodies, ["{}", '{"a":1}', '{"b":2}']);
  assert.deepEqual(decodeLines(Buffer.from(lines.join("").slice(0, -1))).clean, false);
});

test("a file that took the inode and the size of the one that was read is not mistaken for it", async (t) => {
  const directory = newDirectory(t);
  const here = fileStore(directory);
  const record = someRecord();
  await here.create(record, NOW);
  const path = pathOf(directory, record.id);
  const created = readFileSync(path);
  assert.equal(await here.patch(record.id, set("x".repeat(100)), NOW), "done");
  const size = readFileSync(path).length;
  // As after two compactions: the inode's number is given again.
  writeFileSync(path, fitted(created, size));
  assert.equal(readFileSync(path).length, size);
  assert.equal(await here.patch(record.id, set("lost"), NOW, { revision: 1 }), "conflict");
  assert.equal((await here.find(record.id, NOW))?.revision, 2);
});

test("a damaged mark of a user's end fails the sign-in, says where it is, and leaves no session", async (t) => {
  const directory = newDirectory(t);
  const store = fileStore(directory);
  await store.deleteByUser("ada", NOW);
  const [path = ""] = globSync(join(directory, "marks", "*", hashUser("ada")));
  const sound = readFileSync(path, "utf8");
  const record = someRecord({ userId: "ada", createdAt: NOW + 1 });
  writeFileSync(path, sound.replace("at", "et"));
  assert.throws(
    () => store.create(record, NOW),
    (error) => failure(/is damaged.*remove it/)(error) && String(error).includes(path),
  );
  assert.equal(await store.find(record.id, NOW), null);
  assert.deepEqual(readdirSync(join(directory, "users")), []);
  rmSync(path);
  assert.equal(await store.create(someRecord({ userId: "ada", createdAt: NOW + 1 }), NOW), "created");
});

test("an old file is known again by its inode, its size and its birth, and not without one of them", () => {
  const bornAt = NOW - 60_000;
  const known = { size: 100, inode: 7, bornAt, heldAt: NOW };
  const same = { size: 100, ino: 7, birthtimeMs: bornAt };
  assert.ok(isSame(known, same));
  assert.ok(isSame(known, { ...same, size: 130 }, 30));
  // The number of an inode is given again.
  assert.ok(!isSame(known, { ...same, birthtimeMs: NOW + 1 }));
  assert.ok(!isSame(known, { ...same, ino: 8 }));
  assert.ok(!isSame(known, { ...same, size: 101 }));
  // One that was looked at within the kernel's tick may have a successor of the same birth.
  assert.ok(!isSame({ ...known, heldAt: bornAt + 50 }, same));
  assert.ok(!isSame({ ...known, bornAt: 0 }, { ...same, birthtimeMs: 0 }));
});

/** The log `created` with two changes, so many bytes long. */
function fitted(created: Buffer, size: number): string {
  for (let length = 0; ; length += 1) {
    const change = (nonce: string) => encodeLine(JSON.stringify({ patch: { unset: [] }, now: NOW, nonce }));
    const log = `${created}${change("0-1")}${change(`${"0".repeat(length)}-2`)}`;
    if (log.length === size) return log;
    assert.ok(log.length < size);
  }
}
