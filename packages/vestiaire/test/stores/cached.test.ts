// The caching wrapper: the contract, what comes from memory and for how long, and what must never come from it: an answer
// that a change has overtaken, the absence of a session, or anything older than the declared bound.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigurationError, CorruptRecordError } from "../../src/core/errors.ts";
import type { Duration } from "../../src/core/expiry.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { cached } from "../../src/stores/cached.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { manualClock } from "../../src/testing/clock.ts";
import {
  assertSessionsOf,
  DAY,
  HOUR,
  NOW,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore as contract } from "../../src/testing/store-contract.ts";
import { gate, type TestStore, testStore } from "../core/stores.ts";
import { house } from "../core/visits.ts";
import { remote, testWrapped } from "./wrapped.ts";

/** Long enough for the machine's own clock never to matter. */
const BOUND = HOUR;
const LONG = { expiresAt: NOW + DAY } as const;

testWrapped("cached", (store) => cached(store, { staleness: BOUND }));
testWrapped("cached, one record in memory", (store) => cached(store, { staleness: BOUND, maxRecords: 1 }));
contract("a store that answers later, cached", () => ({
  store: cached(remote(memoryStore()), { staleness: BOUND }),
}));

// ---- what comes from memory

test("a record is read once, and then answered from memory until the bound", async () => {
  const { inner, store } = open("1h");
  const record = await stored(store, LONG);
  for (const now of [NOW, NOW + 1, NOW + BOUND - 1]) assert.equal(await store.find(record.id, now), record);
  assert.deepEqual(inner.calls, ["create", "find"]);
  assert.deepEqual(await store.find(record.id, NOW + BOUND), record);
  assert.deepEqual(inner.calls, ["create", "find", "find"]);
});

test("the age counts from when the store was asked, not from when it answered", async (t) => {
  let elapsed = 0;
  t.mock.method(performance, "now", () => elapsed);
  for (const later of [NOW, NOW + BOUND]) {
    const { inner, store } = open();
    const { id } = await stored(store, LONG);
    const reading = await readSlowly(inner, () => store.find(id, NOW));
    await inner.delete(id);
    elapsed += BOUND - 1;
    assert.ok(await reading.end());
    assert.ok(await store.find(id, NOW + BOUND - 1));
    elapsed += later === NOW ? 1 : 0;
    assert.equal(await store.find(id, later), null);
  }
});

test("the bound also holds by the process's own clock, and when the other is set back", async (t) => {
  const { inner, store } = open();
  const { id } = await stored(store, LONG);
  let elapsed = 0;
  t.mock.method(performance, "now", () => elapsed);
  const reads = async (now: number) => {
    const before = inner.calls.length;
    await store.find(id, now);
    return inner.calls.length - before;
  };
  assert.equal(await reads(NOW), 1);
  elapsed = BOUND - 1;
  assert.equal(await reads(NOW), 0);
  elapsed = BOUND;
  assert.equal(await reads(NOW), 1);
  assert.equal(await reads(NOW - 1), 1);
});

test("fresh goes to the store, and memory holds what it answered", async () => {
  const { inner, store } = open();
  const { id } = await stored(store, LONG);
  await store.find(id, NOW);
  await inner.patch(id, { set: values({ a: 1 }) }, NOW);
  assert.deepEqual((await store.find(id, NOW))?.data, {});
  assert.deepEqual((await store.find(id, NOW, { fresh: true }))?.data, values({ a: 1 }));
  assert.deepEqual((await store.find(id, NOW))?.data, values({ a: 1 }));
  await inner.delete(id);
  assert.equal(await store.find(id, NOW, { fresh: true }), null);
  assert.equal(await store.find(id, NOW), null);
});

test("absence is never kept", async () => {
  const { inner, store } = open();
  const record = someRecord();
  assert.equal(await store.find(record.id, NOW), null);
  await inner.create(record, NOW);
  assert.deepEqual(await store.find(record.id, NOW), record);
});

test("nor is a failure", async () => {
  const { inner, store } = open();
  const record = await stored(store);
  for (const error of [new CorruptRecordError("its id"), new Error("no route to host")]) {
    inner.before("find", () => {
      throw error;
    });
    await assert.rejects(async () => store.find(record.id, NOW), error);
    inner.calm();
    assert.deepEqual(await store.find(record.id, NOW), record);
    // It is in memory now.
    inner.calls.length = 0;
    assert.deepEqual(await store.find(record.id, NOW), record);
    assert.deepEqual(inner.calls, []);
    await store.patch(record.id, {}, NOW);
  }
});

test("the caller's time decides on a record in memory, and only the store says that it is over", async () => {
  const { inner, store } = open();
  const [over, refreshed] = [await stored(store), await stored(store)];
  const end = over.expiresAt;
  for (const { id } of [over, refreshed]) await store.find(id, end - 1);
  await inner.patch(refreshed.id, { expiresAt: end + HOUR }, NOW);
  assert.equal(await store.find(over.id, end), null);
  assert.equal((await store.find(refreshed.id, end))?.expiresAt, end + HOUR);
});

test("conditions, a user's sessions and lists are the store's to answer", async () => {
  const { inner, store } = open();
  const record = await stored(store, { userId: "ada" });
  await store.find(record.id, NOW);
  await inner.patch(record.id, { set: values({ a: 1 }) }, NOW);
  assert.equal(await store.patch(record.id, { clear: true }, NOW, { revision: 0 }), "conflict");
  await store.find(record.id, NOW);
  await inner.delete(record.id);
  await assertSessionsOf(store, "ada", []);
  assert.equal(await store.patch(record.id, { clear: true }, NOW), "gone");
});

test("memory holds at most so many records, and forgets those that lay idle", async () => {
  for (const maxRecords of [1, 2, 3, 10]) {
    const { inner, store } = open(BOUND, maxRecords);
    const reads = async (id: SessionId) => {
      const before = inner.calls.length;
      await store.find(id, NOW);
      return inner.calls.length - before;
    };
    const records: SessionId[] = [];
    for (let count = 0; count < 50; count += 1) records.push((await stored(store)).id);
    for (const [index, id] of records.entries()) {
      assert.equal(await reads(id), 1);
      assert.equal(await reads(id), 0);
      const idle = records[index - maxRecords];
      if (idle !== undefined && index % 7 === 0) assert.equal(await reads(idle), 1, `${maxRecords}`);
    }
  }
});

test("it answers without promises where the store does", () => {
  const store = cached(memoryStore(), { staleness: BOUND });
  const record = someRecord();
  assert.equal(store.create(record, NOW), "created");
  for (let round = 0; round < 2; round += 1) assert.equal(store.find(record.id, NOW), record);
  assert.equal(store.patch(record.id, {}, NOW), "done");
  assert.deepEqual(store.delete(record.id), record);
});

test("a bound that cannot be is refused", () => {
  for (const staleness of [0, -1, Number.POSITIVE_INFINITY, Number.NaN, "5" as Duration]) {
    assert.throws(() => cached(memoryStore(), { staleness }), ConfigurationError);
  }
  for (const maxRecords of [0, -1, 1.5, Number.POSITIVE_INFINITY]) {
    assert.throws(() => cached(memoryStore(), { staleness: "5s", maxRecords }), ConfigurationError);
  }
});

// ---- what this process does

test("what this process changes or ends shows at once", async () => {
  const { store } = open();
  const [patched, deleted, ended] = [
    await stored(store, { userId: "ada" }),
    await stored(store),
    await stored(store, { userId: "eve" }),
  ];
  for (const { id } of [patched, deleted, ended]) await store.find(id, NOW);
  await store.patch(patched.id, { set: values({ a: 1 }) }, NOW);
  await store.delete(deleted.id);
  await store.deleteByUser("eve", NOW);
  assert.deepEqual((await store.find(patched.id, NOW))?.data, values({ a: 1 }));
  for (const { id } of [deleted, ended]) assert.equal(await store.find(id, NOW), null);
});

test("also when it is unknown whether the store did it", async () => {
  const { inner, store } = open();
  const calls: ((id: SessionId) => unknown)[] = [
    (id) => store.delete(id),
    () => store.deleteByUser("ada", NOW),
  ];
  for (const call of calls) {
    const { id } = await stored(store, { userId: "ada", createdAt: NOW + 1 });
    await store.find(id, NOW);
    for (const method of ["delete", "deleteByUser"] as const) {
      inner.after(method, () => assert.fail("the connection was cut in mid-reply"));
    }
    await assert.rejects(async () => call(id));
    inner.calm();
    assert.equal(await store.find(id, NOW), null);
  }
});

test("an answer that was overtaken by a change is not kept", async () => {
  const { inner, store } = open();
  const overtaking: readonly ((record: SessionRecord) => unknown)[] = [
    ({ id }) => store.patch(id, { set: values({ a: 1 }) }, NOW),
    ({ id }) => store.delete(id),
    () => store.deleteByUser("ada", NOW),
    async ({ id }) => {
      await inner.patch(id, { set: values({ a: 1 }) }, NOW);
      await store.find(id, NOW, { fresh: true });
    },
  ];
  for (const change of overtaking) {
    const record = await stored(store, { userId: "ada", createdAt: NOW + 1 });
    const reading = await readSlowly(inner, () => store.find(record.id, NOW));
    await change(record);
    assert.deepEqual(await reading.end(), record);
    const now = await inner.find(record.id, NOW);
    assert.notDeepEqual(now, record);
    assert.deepEqual(await store.find(record.id, NOW), now);
  }
});

test("a record that was read while a change was under way is not kept", async () => {
  const { inner, store } = open();
  const record = await stored(store, { userId: "ada", createdAt: NOW + 1 });
  const changes: readonly ["patch" | "delete", () => unknown][] = [
    ["patch", () => store.patch(record.id, { set: values({ a: 1 }) }, NOW)],
    ["delete", () => store.delete(record.id)],
  ];
  for (const [method, change] of changes) {
    const slow = gate();
    inner.before(method, () => slow.opened);
    const changing = change();
    const before = await store.find(record.id, NOW);
    slow.open();
    await changing;
    inner.calm();
    assert.notDeepEqual(await store.find(record.id, NOW), before);
  }
});

test("of overlapping reads each asks the store, and the first is kept", async () => {
  const { inner, store } = open();
  const record = await stored(store);
  const first = await readSlowly(inner, () => store.find(record.id, NOW));
  const second = await readSlowly(inner, () => store.find(record.id, NOW));
  assert.deepEqual(inner.calls, ["create", "find", "find"]);
  assert.equal(await first.end(), record);
  assert.equal(await store.find(record.id, NOW), record);
  assert.deepEqual(inner.calls, ["create", "find", "find"]);
  assert.equal(await second.end(), record);
});

// ---- what another process does

test("a session that another process ended is dead within the bound", async (t) => {
  const path = join(newFolder(t), "sessions.db");
  const here = cached(sqliteStore(path), { staleness: BOUND });
  t.after(() => here.close?.());
  const there = await otherProcess(t, path);
  const { id } = await stored(here, { userId: "ada", ...LONG });
  assert.equal(await there.finds(id, NOW), true);
  assert.deepEqual(await here.deleteByUser("ada", NOW), [id]);
  assert.equal(await there.finds(id, NOW + BOUND - 1), true);
  assert.equal(await there.finds(id, NOW + BOUND), false);
  assert.equal(await here.find(id, NOW), null);
});

test("and at once where the store tells of changes", async () => {
  const machines = new Machines();
  const [here, there] = [machines.open(), machines.open()];
  const [ended, changed] = [await stored(here), await stored(here)];
  for (const { id } of [ended, changed]) assert.ok(await there.find(id, NOW));
  await here.delete(ended.id);
  await here.patch(changed.id, { set: values({ a: 1 }) }, NOW);
  assert.equal(await there.find(ended.id, NOW), null);
  assert.deepEqual((await there.find(changed.id, NOW))?.data, values({ a: 1 }));
});

test("the bound holds even where the store should have told and did not", async () => {
  const machines = new Machines();
  const [here, there] = [machines.open(), machines.open()];
  const { id } = await stored(here, LONG);
  await there.find(id, NOW);
  machines.listeners.clear();
  await here.delete(id);
  assert.ok(await there.find(id, NOW + BOUND - 1));
  assert.equal(await there.find(id, NOW + BOUND), null);
});

test("a gap in what the store tells empties the memory, and drops what is on its way", async () => {
  const machines = new Machines();
  const store = machines.open();
  const [kept, coming] = [await stored(store), await stored(store)];
  await store.find(kept.id, NOW);
  const reading = await readSlowly(machines.inner, () => store.find(coming.id, NOW));
  for (const { id } of [kept, coming]) await machines.inner.delete(id);
  for (const { onGap } of machines.listeners) onGap();
  assert.deepEqual(await reading.end(), coming);
  for (const { id } of [kept, coming]) assert.equal(await store.find(id, NOW), null);
});

test("a change that is told drops the answer that is on its way", async () => {
  const machines = new Machines();
  const [here, there] = [machines.open(), machines.open()];
  const record = await stored(here);
  const reading = await readSlowly(machines.inner, () => there.find(record.id, NOW));
  await here.delete(record.id);
  assert.deepEqual(await reading.end(), record);
  assert.equal(await there.find(record.id, NOW), null);
});

test("whoever is told that a session ended does not find it any more", async () => {
  const inner = memoryStore() as Required<SessionStore>;
  const store = cached(inner, { staleness: BOUND }) as Required<SessionStore>;
  const { id } = await stored(store);
  await store.find(id, NOW);
  const found: unknown[] = [];
  const stop = store.watch(new Set([id]), () => found.push(store.find(id, NOW)), assert.fail);
  inner.delete(id);
  assert.deepEqual(found, [null]);
  stop();
});

test("close stops what the store tells, and closes the store", async () => {
  const machines = new Machines();
  const store = machines.open();
  assert.equal(machines.listeners.size, 1);
  await store.close?.();
  assert.equal(machines.listeners.size, 0);
  assert.equal(machines.closed, 1);
});

test("a secret that was rotated on another machine opens the session on this one", async () => {
  const clock = manualClock();
  const inner = memoryStore();
  const machine = () => house({ store: cached(inner, { staleness: "1h" }), clock });
  const [here, there] = [machine(), machine()];
  const [user, thief] = [here.browser(), there.browser()];
  await user.visit((session) => session.signIn("ada").set("name", "Ada"));
  const atOther = there.browser();
  atOther.cookie = user.cookie;
  assert.equal((await atOther.read()).name, "Ada");
  await user.visit((session) => session.rotate());
  atOther.cookie = user.cookie;
  assert.equal((await atOther.read()).name, "Ada");
  assert.deepEqual(there.happened(), []);
  thief.cookie = `${user.cookie?.slice(0, -32)}${"x".repeat(32)}`;
  assert.equal((await thief.read()).name, undefined);
  assert.deepEqual(there.happened(), ["mismatch"]);
  for (const { sessions } of [here, there]) await sessions.close();
});

// ---- helpers

function open(staleness: Duration = BOUND, maxRecords = 100) {
  const inner = testStore();
  return { inner, store: cached(inner, { staleness, maxRecords }) };
}

/** Lets the store read at once, and answer when the reading is ended. */
async function readSlowly<T>(inner: TestStore, read: () => T): Promise<{ end(): T }> {
  const slow = gate();
  inner.after("find", () => slow.opened);
  const answer = read();
  await new Promise(setImmediate);
  inner.calm();
  return {
    end() {
      slow.open();
      return answer;
    },
  };
}

interface Listener {
  readonly onChanged: (id: SessionId) => void;
  readonly onGap: () => void;
}

/** Stores of several machines over the same data, whose engine tells of changes. */
class Machines {
  readonly inner = testStore();
  readonly listeners = new Set<Listener>();
  closed = 0;

  open(): SessionStore {
    const { inner } = this;
    const tell = <T>(id: SessionId, answer: T): T => {
      for (const { onChanged } of this.listeners) onChanged(id);
      return answer;
    };
    const engine: SessionStore = {
      ...inner,
      patch: async (id, patch, now, when) => tell(id, await inner.patch(id, patch, now, when)),
      delete: async (id) => tell(id, await inner.delete(id)),
      invalidations: (onChanged, onGap) => {
        const listener = { onChanged, onGap };
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      close: () => {
        this.closed += 1;
      },
    };
    return cached(engine, { staleness: BOUND });
  }
}

const READER = `
  const [modules, path, staleness] = process.argv.slice(1);
  const { sqliteStore } = await import(modules + "stores/sqlite.ts");
  const { cached } = await import(modules + "stores/cached.ts");
  const store = cached(sqliteStore(path), { staleness: Number(staleness) });
  process.on("message", async ({ id, now }) => process.send((await store.find(id, now)) !== null));
  process.send("ready");
`;

interface OtherProcess {
  /** Whether the other process, at that time, takes the session for a live one. */
  finds(id: SessionId, now: number): Promise<boolean>;
}

async function otherProcess(t: TestContext, path: string): Promise<OtherProcess> {
  const modules = new URL("../../src/", import.meta.url).href;
  const script = ["--input-type=module", "-e", READER, modules, path, String(BOUND)];
  const child = spawn(process.execPath, [...process.execArgv, ...script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  t.after(() => child.kill());
  assert.equal(await messageFrom(child), "ready");
  return {
    async finds(id, now) {
      const answer = messageFrom(child);
      child.send({ id, now });
      return (await answer) === true;
    },
  };
}

async function messageFrom(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const exit = once(child, "exit", over).then(() => assert.fail("the other process ended early"));
  const [message] = await Promise.race([once(child, "message", over), exit]);
  exit.catch(() => {});
  over.abort();
  return message;
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
