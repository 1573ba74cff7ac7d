// How soon `session.signal` fires: at once where the store tells of ends, and else within a second, by the number of
// looks that a clock allows. And that a store in trouble delays it without ending anything.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Clock } from "../../src/core/clock.ts";
import { CorruptRecordError } from "../../src/core/errors.ts";
import { Guard } from "../../src/core/guard.ts";
import type { SessionId } from "../../src/core/token.ts";
import { EndWatcher } from "../../src/core/watch.ts";
import { type ManualClock, manualClock } from "../../src/testing/clock.ts";
import { someId } from "../../src/testing/store-cases-fixtures.ts";
import { gate, type TestStore, testStore } from "./stores.ts";
import { house } from "./visits.ts";

const SECOND = 1_000;
const HALF = 500;
const DAY = 86_400 * SECOND;

describe("a store that has to be asked", () => {
  test("is asked twice a second, so that an end shows within one, whenever it comes", async () => {
    for (const moment of [0, 1, 250, 499, 500, 999]) {
      const store = testStore();
      const { clock, hang } = hangers(store);
      const { id, signal } = await hang();
      await pass(clock, moment);
      await store.delete(id);
      store.calls.length = 0;
      await pass(clock, SECOND);
      assert.equal(signal.aborted, true, `after ${moment} ms`);
      assert.deepEqual(store.calls, ["find"]);
    }
  });

  test("is asked no more often while all live, and about each once, however many they are", async () => {
    const store = testStore();
    const { clock, hang } = hangers(store);
    for (let count = 0; count < 250; count += 1) await hang();
    store.calls.length = 0;
    await pass(clock, HALF - 1);
    assert.deepEqual(store.calls, []);
    await pass(clock, 1);
    assert.equal(store.calls.length, 250);
    await pass(clock, 10 * SECOND);
    assert.equal(store.calls.length, 21 * 250);
  });

  test("that answers at once lets others have a turn in the middle of a long look", async () => {
    const store = testStore();
    const { clock, hang } = hangers(store);
    for (let count = 0; count < 1_000; count += 1) await hang();
    store.calls.length = 0;
    clock.advance(HALF);
    await new Promise(setImmediate);
    assert.ok(store.calls.length > 0 && store.calls.length < 500, `${store.calls.length} looks in one turn`);
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    assert.equal(store.calls.length, 1_000);
  });

  test("is not asked again before it has answered", async () => {
    const store = testStore();
    const { clock, hang } = hangers(store);
    await hang();
    const { opened, open } = gate();
    store.before("find", () => opened);
    store.calls.length = 0;
    await pass(clock, SECOND);
    assert.deepEqual(store.calls, ["find"]);
    open();
    store.calm();
    await pass(clock, HALF);
    assert.deepEqual(store.calls, ["find", "find"]);
  });

  test("that fails or hangs ends nothing, says so, and is asked again as soon as before", async () => {
    for (const trouble of [() => Promise.reject(new Error("down")), () => new Promise<void>(() => {})]) {
      const store = testStore();
      const { clock, hang, happened } = hangers(store);
      const [ended, living] = [await hang(), await hang()];
      await store.delete(ended.id);
      store.before("find", trouble);
      // An answer may take two seconds.
      await pass(clock, 3 * SECOND);
      assert.deepEqual([ended.signal.aborted, living.signal.aborted], [false, false]);
      assert.ok(happened().includes("storeFailed"));
      store.calm();
      await pass(clock, 3 * SECOND);
      assert.deepEqual([ended.signal.aborted, living.signal.aborted], [true, false]);
    }
  });

  test("that fails for one session answers for the others, however many they are", async () => {
    const store = testStore();
    const { clock, hang } = hangers(store);
    for (let count = 0; count < 100; count += 1) await hang();
    const { id, signal } = await hang();
    await store.delete(id);
    let calls = 0;
    store.before("find", () => {
      calls += 1;
      if (calls === 1) throw new Error("that node is down");
    });
    await pass(clock, HALF);
    assert.equal(signal.aborted, true);
  });

  test("is left alone once nobody hangs on a session, also when that comes in the middle of a look", async () => {
    const clock = manualClock();
    const planned = new Set<() => void>();
    const counted: Clock = {
      now: clock.now,
      after(milliseconds, task) {
        planned.add(task);
        const cancel = clock.after(milliseconds, () => {
          planned.delete(task);
          task();
        });
        return () => {
          planned.delete(task);
          cancel();
        };
      },
    };
    const store = testStore();
    const { opened, open } = gate();
    store.before("find", () => opened);
    const guard = new Guard({ clock: counted, deadline: 2 * SECOND, emit() {} });
    const watcher = new EndWatcher(store, guard, counted, { lifetime: 30 * DAY, idleTimeout: DAY });
    watcher.hold(someId()).release();
    assert.equal(planned.size, 0);
    const { release } = watcher.hold(someId());
    clock.advance(HALF);
    release();
    open();
    await turns();
    assert.deepEqual([store.calls, planned.size], [["find"], 0]);
  });
});

describe("a store that tells of ends", () => {
  test("fires the signal without being asked", async () => {
    const store = telling();
    const { hang } = hangers(store);
    const { id, signal } = await hang();
    store.calls.length = 0;
    await store.delete(id);
    store.onEnded(id);
    assert.equal(signal.aborted, true);
    assert.deepEqual(store.calls, ["delete"]);
  });

  test("is asked once when somebody begins to hang on a session: the end may have been told before", async () => {
    const store = telling();
    const { hang } = hangers(store);
    await hang();
    const { signal } = await hang((id) => store.delete(id));
    await turns();
    assert.equal(signal.aborted, true);
  });

  test("is asked about everybody when it may have missed something, also in the middle of another look", async () => {
    const store = telling();
    const { hang } = hangers(store);
    const { id, signal } = await hang();
    await turns();
    const { opened, open } = gate();
    store.after("find", () => opened);
    store.onGap();
    await turns();
    // The look has read the session alive.
    await store.delete(id);
    store.onGap();
    store.calm();
    open();
    await turns();
    assert.equal(signal.aborted, true);
  });

  test("is asked again half a second after it failed to answer", async () => {
    const store = telling();
    const { clock, hang } = hangers(store);
    const down = () => store.before("find", () => Promise.reject(new Error("down")));
    const { signal } = await hang(down);
    await turns();
    store.calm();
    store.calls.length = 0;
    await pass(clock, HALF);
    assert.deepEqual(store.calls, ["find"]);
    down();
    store.onGap();
    await turns();
    store.calm();
    await pass(clock, HALF);
    assert.deepEqual(store.calls, ["find", "find", "find"]);
    assert.equal(signal.aborted, false);
  });

  test("is not asked again because a record is damaged", async () => {
    const store = telling();
    const { clock, hang } = hangers(store);
    const { signal } = await hang(() => {
      store.before("find", () => Promise.reject(new CorruptRecordError("all of it")));
    });
    await turns();
    store.calls.length = 0;
    await pass(clock, SECOND);
    assert.deepEqual([store.calls, signal.aborted], [[], false]);
  });

  test("is asked twice a minute otherwise: nobody tells of expiry", async () => {
    const store = telling();
    const { clock, hang } = hangers(store);
    await hang();
    await turns();
    store.calls.length = 0;
    await pass(clock, 60 * SECOND);
    assert.equal(store.calls.length, 2);
  });
});

test("each request has a signal of its own, so that what hangs on one goes with it", async () => {
  const { sessions, browser } = house();
  const alice = browser();
  await alice.visit((session) => session.signIn("alice"));
  const signals = await Promise.all(
    [1, 2].map(async () => {
      const { session } = await alice.start();
      return session.signal;
    }),
  );
  assert.notEqual(signals[0], signals[1]);
  await sessions.endAllOf("alice");
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true],
  );
});

test("a request that has seen its session's end has a signal that has fired", async () => {
  const { sessions, browser } = house();
  const alice = browser();
  await alice.visit((session) => session.signIn("alice"));
  const { session } = await alice.start();
  await sessions.endAllOf("alice");
  await session.set("count", 1).save();
  assert.equal(session.signal.aborted, true);
});

// ---- helpers

/** Visitors of a store, each in a request that hangs on the session's signal. */
function hangers(store: TestStore) {
  const { browser, ...rest } = house({ store });
  const hang = async (before: (id: SessionId) => unknown = () => {}) => {
    const visitor = browser();
    await visitor.visit((session) => session.signIn(crypto.randomUUID()));
    const { session } = await visitor.start();
    const id = session.id ?? assert.fail();
    await before(id);
    return { id, signal: session.signal };
  };
  return { ...rest, hang };
}

interface TellingStore extends TestStore {
  onEnded(id: SessionId): void;
  onGap(): void;
}

/** A store that tells what the test wants it to. */
function telling(): TellingStore {
  const store: TellingStore = {
    ...testStore(),
    onEnded: assert.fail,
    onGap: assert.fail,
    watch(_watched, onEnded, onGap) {
      Object.assign(store, { onEnded, onGap });
      return () => {};
    },
  };
  return store;
}

/** Lets the time go by, in steps short enough for whatever is planned when an answer comes. */
async function pass(clock: ManualClock, milliseconds: number): Promise<void> {
  await turns();
  for (let left = milliseconds; left > 0; left -= 50) {
    clock.advance(Math.min(left, 50));
    await turns();
  }
}

/** Until whatever can happen without the outside has happened. */
async function turns(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await new Promise((resolve) => setImmediate(resolve));
}
