// Sessions that are ended on a full disk, where no line can say so, while another process stops at any call to the file
// system in a change that compacts the log. What was ended must not come back by that.

import assert from "node:assert/strict";
import { readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SessionRecord } from "../../src/core/record.ts";
import type { FileStore } from "../../src/stores/file/store.ts";
import { atEachPoint, watchingCalls } from "./calls.ts";
import { fail, NOW, newDirectory, pathOf, smallStore, someRecord } from "./support.ts";

const COMPACT_AT = 500;

interface Scene {
  readonly directory: string;
  readonly record: SessionRecord;
  readonly here: FileStore;
  readonly there: FileStore;
  readonly answers: unknown[];
}

/** A session whose next change makes its log long enough to be compacted. */
function scenes(t: TestContext): () => Scene {
  const directory = newDirectory(t);
  return () => {
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    const record = someRecord({ userId: "ada" });
    here.create(record, NOW);
    const size = () => statSync(pathOf(directory, record.id)).size;
    for (const limit = 2 * size(); size() < limit - 130; ) here.patch(record.id, { set: { a: "1" } }, NOW);
    return { directory, record, here, there, answers: [] };
  };
}

function change({ record, answers }: Scene, store: FileStore): void {
  for (let i = 0; i < 3; i += 1)
    answers.push(store.patch(record.id, { set: { [`${answers.length}`]: "1" } }, NOW));
}

/** Without room for a single byte. */
function deleteWhenFull({ record }: Scene, store: FileStore): SessionRecord | null {
  return watchingCalls(
    (name) => name === "writeSync" && fail("ENOSPC"),
    () => store.delete(record.id) as SessionRecord | null,
  );
}

function isOver({ directory, record, here, there }: Scene, point: number): void {
  for (const store of [here, there, smallStore(directory, COMPACT_AT)]) {
    assert.equal(store.find(record.id, NOW), null, `after point ${point}`);
    assert.equal(store.patch(record.id, { set: { back: "1" } }, NOW), "gone");
    assert.deepEqual(store.findByUser("ada", NOW), []);
  }
  here.sweep(NOW + 120_000, 100);
  assert.deepEqual(readdirSync(join(directory, "temporary")), []);
}

test("a change that stops at any point does not revive what is ended meanwhile", (t) => {
  const points = atEachPoint(
    scenes(t),
    (scene) => change(scene, scene.here),
    (scene) => assert.ok(deleteWhenFull(scene, scene.there)),
    isOver,
  );
  assert.ok(points > 10);
});

test("an end that stops at any point ends what is changed meanwhile, and answers it", (t) => {
  const points = atEachPoint(
    scenes(t),
    (scene) => {
      const ended = deleteWhenFull(scene, scene.here);
      assert.ok(ended);
      const kept = Object.keys(ended.data).filter((key) => key !== "a");
      const done = scene.answers.filter((answer) => answer === "done");
      assert.equal(kept.length, done.length);
    },
    (scene) => change(scene, scene.there),
    isOver,
  );
  assert.ok(points > 5);
});

test("two that end it at once are not both told that they did", (t) => {
  atEachPoint(
    scenes(t),
    (scene) => scene.answers.push(deleteWhenFull(scene, scene.here)),
    (scene) => scene.answers.push(deleteWhenFull(scene, scene.there)),
    (scene, point) => {
      assert.equal(scene.answers.filter((answer) => answer !== null).length, 1, `after point ${point}`);
      isOver(scene, point);
    },
  );
});

test("a compaction that slept behind its seal, and goes on at any point of an end, revives nothing", (t) => {
  const prepare = scenes(t);
  const asleep = (): Scene => {
    const scene = prepare();
    // Its maker reports no failure, and leaves the copy.
    watchingCalls(
      (name) => name === "renameSync" && fail("EIO"),
      () => scene.there.patch(scene.record.id, { set: { b: "1" } }, NOW),
    );
    assert.equal(copies(scene).length, 1);
    return scene;
  };
  const points = atEachPoint(
    asleep,
    (scene) => assert.ok(deleteWhenFull(scene, scene.here)),
    (scene) => {
      for (const name of copies(scene)) {
        const path = join(scene.directory, "temporary", name);
        renameSync(path, pathOf(scene.directory, scene.record.id));
      }
    },
    isOver,
  );
  assert.ok(points > 5);
});

/** What stands in the log's stead, but for a log that was taken away. */
function copies({ directory, record }: Scene): string[] {
  return readdirSync(join(directory, "temporary")).filter((name) => name.startsWith(`${record.id}~${NOW}~`));
}
