// What grows with the number of sessions, and what must not: the file store's look-up by user and its sweep, its reads
// without a cache, and the memory that the memory store takes.

import "./fs-calls.ts";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryStore, type SessionRecord, type SessionStore } from "../packages/vestiaire/src/index.ts";
import { fileStore } from "../packages/vestiaire/src/stores/file/index.ts";
import { fsCalls } from "./fs-calls.ts";
import { median } from "./table.ts";

export interface ScaleRow {
  readonly store: "file" | "memory";
  readonly what: string;
  /** How many sessions live meanwhile. */
  readonly sessions: number;
  readonly value: number;
  readonly unit: "µs" | "ms" | "bytes";
  readonly calls: number | null;
}

const MINUTE = 60_000;
const DUE = 100;
const LOOKED_FOR = "the user looked for";
const READS = 5_000;
const REPEATS = 25;

/** Measures at each of the sizes, in a folder that may be filled. */
export async function measureScale(
  sizes: readonly number[],
  folder: string,
  say: (text: string) => void,
): Promise<ScaleRow[]> {
  const rows: ScaleRow[] = [];
  for (const size of sizes) {
    const directory = join(folder, `scale-${size}`);
    rows.push(...(await measureFiles(size, directory, say)));
    rmSync(directory, { recursive: true, force: true });
  }
  const largest = Math.max(...sizes);
  say(`memory: ${largest} sessions`);
  rows.push(await measureMemory(largest));
  return rows;
}

async function measureFiles(
  sessions: number,
  directory: string,
  say: (text: string) => void,
): Promise<ScaleRow[]> {
  const row = (what: string, value: number, unit: ScaleRow["unit"], calls: number | null): ScaleRow => ({
    store: "file",
    what,
    sessions,
    value,
    unit,
    calls,
  });
  const now = Date.now();
  const ids = await fill(fileStore(directory), sessions, now, (done) => {
    if (done % 10_000 === 0) say(`file: ${done} of ${sessions} sessions`);
  });
  // A store object of its own each time, so that nothing is cached.
  const stores = Array.from({ length: REPEATS }, () => fileStore(directory));
  const byUser = await measure(REPEATS, (index) => stores[index]?.findByUser(LOOKED_FOR, now));
  for (const store of stores) await store.close?.();
  const cold = await measureColdReads(directory, ids, now);
  const due = await measureSweep(directory, now);
  const idle = await measure(REPEATS, () => due.store.sweep?.(due.at, DUE));
  await due.store.close?.();
  return [
    row("find the 3 sessions of a user, cold", byUser.time, "µs", byUser.calls),
    row("read a session, cold", cold.time, "µs", cold.calls),
    row(`sweep ${DUE} that are due`, due.time / 1_000, "ms", due.calls),
    row("sweep when nothing is due", idle.time, "µs", idle.calls),
  ];
}

/** Three sessions belong to one user, the others to a user each. Answers all ids. */
async function fill(
  store: SessionStore,
  count: number,
  now: number,
  progress: (done: number) => void,
): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const record = recordOf(index < 3 ? LOOKED_FOR : `user ${index}`, now, 24 * 60 * MINUTE);
    const outcome = await store.create(record, now);
    if (outcome !== "created") throw new Error(`A session could not be made: ${outcome}.`);
    ids.push(record.id);
    progress(index + 1);
  }
  await store.close?.();
  return ids;
}

async function measureColdReads(
  directory: string,
  ids: readonly string[],
  now: number,
): Promise<Measurement> {
  const store = fileStore(directory);
  const step = Math.max(1, Math.floor(ids.length / READS));
  const asked = ids.filter((_, index) => index % step === 0);
  const calls = fsCalls();
  const start = performance.now();
  for (const id of asked) {
    if ((await store.find(id, now)) === null) throw new Error("A living session was not found.");
  }
  const time = ((performance.now() - start) * 1_000) / asked.length;
  await store.close?.();
  return { time, calls: (fsCalls() - calls) / asked.length };
}

async function measureSweep(
  directory: string,
  now: number,
): Promise<Measurement & { readonly store: SessionStore; readonly at: number }> {
  const store = fileStore(directory);
  for (let index = 0; index < DUE; index++) {
    await store.create(recordOf(`visitor ${index}`, now, MINUTE), now);
  }
  const at = now + 30 * MINUTE;
  const calls = fsCalls();
  const start = performance.now();
  let removed = 0;
  for (let more = true; more; ) {
    const swept = await store.sweep?.(at, DUE);
    removed += swept?.removed ?? 0;
    more = swept?.more ?? false;
  }
  const time = (performance.now() - start) * 1_000;
  if (removed !== DUE) throw new Error(`The sweep removed ${removed} of ${DUE} sessions.`);
  return { time, calls: fsCalls() - calls, store, at };
}

async function measureMemory(sessions: number): Promise<ScaleRow> {
  const store = memoryStore({ maxSessions: sessions });
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const now = Date.now();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < sessions; index++) {
    await store.create(recordOf(`user ${index}`, now, 24 * 60 * MINUTE), now);
  }
  collect();
  const value = (process.memoryUsage().heapUsed - before) / sessions;
  await store.close?.();
  return { store: "memory", what: "memory for each session", sessions, value, unit: "bytes", calls: null };
}

interface Measurement {
  /** Microseconds. */
  readonly time: number;
  readonly calls: number;
}

/** The medians of several runs. */
async function measure(repeats: number, work: (index: number) => unknown): Promise<Measurement> {
  const runs: Measurement[] = [];
  for (let index = 0; index < repeats; index++) {
    const calls = fsCalls();
    const start = performance.now();
    await work(index);
    runs.push({ time: (performance.now() - start) * 1_000, calls: fsCalls() - calls });
  }
  return { time: median(runs.map(({ time }) => time)), calls: median(runs.map(({ calls }) => calls)) };
}

function recordOf(userId: string, now: number, life: number): SessionRecord {
  return {
    id: randomBytes(16).toString("hex"),
    revision: 1,
    userId,
    secretHashes: { current: randomBytes(32).toString("base64url"), previous: null, retired: null },
    persistent: false,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + life,
    endsAt: now + 30 * 24 * 60 * MINUTE,
    data: { '"name"': JSON.stringify(userId), '"seen"': "1" },
  };
}
