// One process stops at a call to the file system, another does its work, the first goes on: for every such point of
// every operation, while the log is being compacted or not. Then the same with processes that are killed there.

import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { SessionRecord } from "../../src/core/record.ts";
import { judge } from "../../src/stores/file/fold.ts";
import type { FileStore } from "../../src/stores/file/store.ts";
import { atEachPoint, killedAt } from "./calls.ts";
import { DAY, NOW, newDirectory, pathOf, smallStore, someRecord } from "./support.ts";

interface Scene {
  readonly directory: string;
  readonly record: SessionRecord;
  readonly here: FileStore;
  readonly there: FileStore;
  readonly answers: unknown[];
}

const COMPACT_AT = 500;

function scenes(t: TestContext, judgeOwn?: typeof judge): () => Scene {
  const directory = newDirectory(t);
  return () => {
    const here = smallStore(directory, COMPACT_AT, judgeOwn);
    const there = smallStore(directory, COMPACT_AT, judgeOwn);
    const record = someRecord({ userId: "ada", data: { count: "0" } });
    assert.equal(here.create(record, NOW), "created");
    // The next change makes the log long enough to be compacted.
    const size = () => statSync(pathOf(directory, record.id)).size;
    for (const limit = Math.max(COMPACT_AT, 2 * size()); size() < limit - 130; ) {
      assert.equal(here.patch(record.id, { set: { filling: "x" } }, NOW), "done");
    }
    assert.ok(there.find(record.id, NOW));
    return { directory, record, here, there, answers: [] };
  };
}

function revisionOf({ there, record }: Scene): number {
  return (there.find(record.id, NOW) as SessionRecord).revision;
}

/** Adds one to the counter, however often others come first. */
function increment(store: FileStore, { record }: Scene): void {
  for (;;) {
    const { revision, data } = store.find(record.id, NOW) as SessionRecord;
    const set = { count: String(Number(data.count) + 1) };
    if (store.patch(record.id, { set }, NOW, { revision }) === "done") return;
  }
}

function countOf({ directory, record }: Scene): string | undefined {
  return (smallStore(directory, COMPACT_AT).find(record.id, NOW) as SessionRecord).data.count;
}

/** Nothing is left half-done: the record changes once more, and its temporary files are swept. */
function settles({ directory, record, there }: Scene): void {
  const { revision } = there.find(record.id, NOW) as SessionRecord;
  const fresh = smallStore(directory, COMPACT_AT);
  assert.equal(fresh.patch(record.id, { set: { last: "1" } }, NOW, { revision }), "done");
  fresh.sweep(NOW + 120_000, 1_000);
  assert.deepEqual(readdirSync(join(directory, "temporary")), []);
  assert.equal((there.find(record.id, NOW) as SessionRecord).revision, revision + 1);
}

function countersAreExact(prepare: () => Scene, meanwhile = 8): number {
  return atEachPoint(
    prepare,
    (scene) => increment(scene.here, scene),
    (scene) => {
      for (let i = 0; i < meanwhile; i += 1) increment(scene.there, scene);
    },
    (scene, point) => {
      assert.equal(countOf(scene), String(meanwhile + 1), `after point ${point}`);
      settles(scene);
    },
  );
}

describe("a process that stops at any point", () => {
  test("loses no other's change, and its own goes through: counters are exact", (t) => {
    for (const meanwhile of [1, 2, 8]) assert.ok(countersAreExact(scenes(t), meanwhile) > 8);
  });

  test("in mid-patch, answers what became of its change", (t) => {
    const points = atEachPoint(
      scenes(t),
      (scene) => scene.answers.push(scene.here.patch(scene.record.id, { set: { mine: "1" } }, NOW)),
      (scene) => scene.answers.push(scene.there.delete(scene.record.id)),
      ({ answers, there, record }, point) => {
        const ended = answers.find((answer) => answer instanceof Object) as SessionRecord;
        const wrote = answers.includes("done");
        assert.equal(ended.data.mine, wrote ? "1" : undefined, `after point ${point}`);
        assert.equal(there.find(record.id, NOW), null);
        assert.deepEqual(there.findByUser("ada", NOW), []);
      },
    );
    assert.ok(points > 5);
  });

  test("in mid-delete, ends the record with every change that was acknowledged", (t) => {
    atEachPoint(
      scenes(t),
      (scene) => scene.answers.push(scene.here.delete(scene.record.id)),
      (scene) => {
        for (let i = 0; i < 6; i += 1) {
          scene.answers.push(scene.there.patch(scene.record.id, { set: { [i]: "1" } }, NOW));
        }
      },
      ({ answers, there, record }, point) => {
        const ended = answers.find((answer) => answer instanceof Object) as SessionRecord;
        const wrote = answers.filter((answer) => answer === "done").length;
        const kept = Object.keys(ended.data).filter((key) => Number(key) >= 0);
        assert.equal(kept.length, wrote, `after point ${point}`);
        assert.equal(there.find(record.id, NOW), null);
        assert.equal(there.patch(record.id, { set: { back: "1" } }, NOW), "gone");
      },
    );
  });

  test("in mid-create, ends with its user's sessions", (t) => {
    const directory = newDirectory(t);
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    const points = atEachPoint(
      () => ({ record: someRecord({ userId: "ada" }), created: "", ended: [] as readonly string[] }),
      (state) => {
        state.created = here.create(state.record, NOW) as string;
      },
      (state) => {
        state.ended = there.deleteByUser("ada", NOW) as readonly string[];
        there.sweep(NOW, 1_000);
      },
      ({ record, created, ended }, point) => {
        assert.ok(created === "ended" || ended.includes(record.id), `after point ${point}`);
        assert.equal(there.find(record.id, NOW), null);
        assert.deepEqual(there.findByUser("ada", NOW), []);
      },
    );
    assert.ok(points > 10);
  });

  test("in mid-create, makes a session that is listed and swept, whatever a sweep removes meanwhile", (t) => {
    const directory = newDirectory(t);
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    atEachPoint(
      () => someRecord({ userId: "ada" }),
      (record) => assert.equal(here.create(record, NOW), "created"),
      // A clock that is a day ahead makes it look expired and left behind.
      () => there.sweep(NOW + DAY, 1_000),
      (record, point) => {
        const found = here.findByUser("ada", NOW) as SessionRecord[];
        if (there.find(record.id, NOW) !== null) {
          assert.deepEqual(found, [record], `after point ${point}`);
          assert.deepEqual(
            there.sweep(NOW + 2 * DAY, 1_000),
            { removed: 1, more: false },
            `after point ${point}`,
          );
        }
        assert.deepEqual(there.findByUser("ada", NOW), []);
      },
    );
  });

  test("in mid-sweep, leaves a session in its user's index that is being made", (t) => {
    const directory = newDirectory(t);
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    const points = atEachPoint(
      () => {
        const record = someRecord({ userId: "ada" });
        // As far as whoever makes it has come: it is listed, and not there.
        here.create(record, NOW);
        rmSync(pathOf(directory, record.id));
        return record;
      },
      () => here.sweep(NOW + DAY, 1_000),
      (record) => assert.equal(there.create({ ...record, expiresAt: NOW + 5 * DAY }, NOW), "created"),
      ({ id }, point) => {
        const found = there.findByUser("ada", NOW) as SessionRecord[];
        assert.deepEqual(
          found.map((record) => record.id),
          [id],
          `after point ${point}`,
        );
        there.delete(id);
      },
    );
    assert.ok(points > 5);
  });

  test("in mid-sweep, spares a session that is refreshed, and lists it anew", (t) => {
    const directory = newDirectory(t);
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    const now = NOW + DAY;
    atEachPoint(
      () => {
        const record = someRecord({ userId: "ada" });
        assert.equal(here.create(record, NOW), "created");
        return { record, refreshed: "" };
      },
      () => here.sweep(now, 1_000),
      (state) => {
        state.refreshed = there.patch(state.record.id, { expiresAt: now + DAY }, NOW) as string;
      },
      ({ record, refreshed }, point) => {
        const found = there.find(record.id, now);
        assert.equal(found !== null, refreshed === "done", `after point ${point}`);
        if (found === null) return;
        assert.equal((there.findByUser("ada", now) as SessionRecord[]).length, 1);
        assert.deepEqual(
          there.sweep(now + 2 * DAY, 1_000),
          { removed: 1, more: false },
          `after point ${point}`,
        );
      },
    );
  });

  test("in mid-compaction, cannot seal a log whose temporary file was swept away", (t) => {
    atEachPoint(
      scenes(t),
      (scene) => scene.answers.push(scene.here.patch(scene.record.id, { set: { mine: "1" } }, NOW)),
      ({ there }) => there.sweep(NOW + 120_000, 1_000),
      (scene, point) => {
        assert.deepEqual(scene.answers, ["done"], `after point ${point}`);
        assert.equal((scene.there.find(scene.record.id, NOW) as SessionRecord).data.mine, "1");
        settles(scene);
      },
    );
  });

  test("in mid-sweep of temporary files, does no harm to a compaction that wakes up", (t) => {
    const prepare = scenes(t);
    for (let point = 0, more = true; more; point += 1) {
      more = false;
      atEachPoint(
        () => {
          const scene = prepare();
          more =
            killedAt(point, () => scene.here.patch(scene.record.id, { set: { mine: "1" } }, NOW)) || more;
          return scene;
        },
        ({ there }) => there.sweep(NOW + 120_000, 1_000),
        (scene) => increment(scene.there, scene),
        (scene, sweepPoint) => {
          assert.equal(countOf(scene), "1", `after points ${point} and ${sweepPoint}`);
          settles(scene);
        },
      );
    }
  });
});

describe("a process that is killed at any point", () => {
  test("of a patch leaves a record that has the change or does not, and that can be changed", (t) => {
    const prepare = scenes(t);
    for (let point = 0; ; point += 1) {
      const scene = prepare();
      const before = revisionOf(scene);
      const killed = killedAt(point, () => scene.here.patch(scene.record.id, { set: { mine: "1" } }, NOW));
      assert.ok([before, before + 1].includes(revisionOf(scene)), `after point ${point}`);
      settles(scene);
      if (!killed) return;
    }
  });

  test("of a delete leaves a record or none, and the sweep removes the rest", (t) => {
    const prepare = scenes(t);
    for (let point = 0; ; point += 1) {
      const scene = prepare();
      const killed = killedAt(point, () => scene.here.delete(scene.record.id));
      const found = scene.there.find(scene.record.id, NOW);
      assert.equal(scene.there.patch(scene.record.id, { lastSeenAt: NOW }, NOW), found ? "done" : "gone");
      scene.there.sweep(NOW + DAY, 1_000);
      assertEmpty(scene.directory);
      if (!killed) return;
    }
  });

  test("of a create leaves a session or none, and the sweep removes the rest", (t) => {
    const directory = newDirectory(t);
    const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
    for (let point = 0; ; point += 1) {
      const record = someRecord({ userId: "ada" });
      const killed = killedAt(point, () => here.create(record, NOW));
      const found = there.find(record.id, NOW);
      assert.deepEqual(there.findByUser("ada", NOW), found === null ? [] : [record], `after point ${point}`);
      there.sweep(NOW + DAY, 1_000);
      assertEmpty(directory);
      if (!killed) return;
    }
  });

  test("of a sweep leaves what the next sweep finishes", (t) => {
    const directory = newDirectory(t);
    const later = NOW + DAY;
    for (let point = 0; ; point += 1) {
      const [here, there] = [smallStore(directory, COMPACT_AT), smallStore(directory, COMPACT_AT)];
      const living = someRecord({ userId: "ada", createdAt: later });
      for (const record of [someRecord({ userId: "ada" }), someRecord(), living]) {
        assert.equal(here.create(record, record.createdAt), "created");
      }
      here.patch(living.id, { expiresAt: later + DAY }, NOW);
      const killed = killedAt(point, () => here.sweep(later, 1_000));
      there.sweep(later + 120_000, 1_000);
      assert.equal((there.findByUser("ada", later) as SessionRecord[]).length, 1, `after point ${point}`);
      assert.equal(
        (there.sweep(later + 2 * DAY, 1_000) as { removed: number }).removed,
        1,
        `after point ${point}`,
      );
      assertEmpty(directory);
      if (!killed) return;
    }
  });

  function assertEmpty(directory: string): void {
    for (const folder of ["temporary", "users", "due"]) {
      assert.deepEqual(readdirSync(join(directory, folder)), [], folder);
    }
    const shards = readdirSync(join(directory, "sessions"));
    assert.deepEqual(
      shards.flatMap((shard) => readdirSync(join(directory, "sessions", shard))),
      [],
    );
  }
});

describe("these tests notice", () => {
  test("a compaction that does not ask whether its seal counted", (t) => {
    const unconditional: typeof judge = (state, line) =>
      "seal" in line && judge(state, line) === "conflict" ? "counts" : judge(state, line);
    assert.throws(() => countersAreExact(scenes(t, unconditional)), /after point/);
  });

  test("a writer that takes its line for counted without regard to a seal", (t) => {
    const forgetful: typeof judge = (state, line) =>
      "patch" in line ? judge({ ...state, next: null, ended: false }, line) : judge(state, line);
    assert.throws(() => countersAreExact(scenes(t, forgetful)), /after point/);
  });
});
