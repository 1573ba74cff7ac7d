// The crash trial: writers in processes of their own on one directory, killed and stopped at any instant, again and
// again. Afterwards everything that was acknowledged must be there, and nothing that was ended.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SessionRecord } from "../../src/core/record.ts";
import type { SessionId } from "../../src/core/token.ts";
import { fold, judge } from "../../src/stores/file/fold.ts";
import type { FileStore } from "../../src/stores/file/store.ts";
import { DAY, NOW, smallStore, someRecord } from "./support.ts";

export const TRIAL_COMPACT_AT = 500;
const WRITERS = 4;

/**
 * The sessions that all writers change, some for ever, some until one of them ends them; and the users for whom they make
 * sessions, until one of them ends the user's.
 */
export interface Shared {
  readonly counters: readonly string[];
  readonly victims: readonly string[];
  readonly users: readonly string[];
}

/** What a writer notes. Each note but `started` and those of what begins is an answer of the store. */
export type Note =
  | { readonly started: number }
  | { readonly incremented: string }
  | { readonly wrote: string; readonly key: string; readonly count: number }
  | { readonly created: string; readonly user: string }
  | { readonly refused: string }
  | { readonly ending: string }
  | { readonly ended: string }
  | { readonly revived: string }
  | { readonly endingUser: string }
  | { readonly endedUser: string };

/** Ways to be wrong that the trial must notice. */
export const TRIAL_MUTANTS: Readonly<Record<string, typeof judge>> = {
  unconditional: (state, line) =>
    "seal" in line && judge(state, line) === "conflict" ? "counts" : judge(state, line),
  forgetful: (state, line) =>
    "patch" in line ? judge({ ...state, next: null, ended: false }, line) : judge(state, line),
};

export interface Figures {
  kills: number;
  stops: number;
  acknowledged: number;
  deletes: number;
  usersEnded: number;
}

/** Random numbers from 0 to 1 that a seed decides. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs the trial for so many kills and stops. Rejects when a promise was broken. */
export async function crashTrial(
  directory: string,
  rounds: number,
  seed: number,
  mutant = "none",
): Promise<Figures> {
  const store = smallStore(join(directory, "store"), TRIAL_COMPACT_AT);
  const shared = share(store, 3, 20 + rounds);
  writeFileSync(join(directory, "shared.json"), JSON.stringify(shared));
  mkdirSync(join(directory, "notes"));
  const figures: Figures = { kills: 0, stops: 0, acknowledged: 0, deletes: 0, usersEnded: 0 };
  await disturb(directory, rounds, random(seed), mutant, figures);
  const notes = readNotes(join(directory, "notes"));
  figures.acknowledged = notes.filter(
    (note) => !("started" in note || "ending" in note || "endingUser" in note),
  ).length;
  figures.deletes = notes.filter((note) => "ended" in note).length;
  figures.usersEnded = notes.filter((note) => "endedUser" in note).length;
  const afterwards = smallStore(join(directory, "store"), TRIAL_COMPACT_AT);
  check(afterwards, shared, notes);
  checkUsers(afterwards, shared, notes);
  checkUpkeep(join(directory, "store"));
  return figures;
}

function share(store: FileStore, counters: number, victims: number): Shared {
  const create = () => {
    const record = someRecord({ userId: "shared", data: { count: "0" } });
    store.create(record, NOW);
    return record.id;
  };
  return {
    counters: Array.from({ length: counters }, create),
    victims: Array.from({ length: victims }, create),
    users: Array.from({ length: victims }, (_, index) => `user ${index}`),
  };
}

async function disturb(
  directory: string,
  rounds: number,
  next: () => number,
  mutant: string,
  figures: Figures,
): Promise<void> {
  let started = 0;
  const start = async (): Promise<ChildProcess> => {
    started += 1;
    const script = join(import.meta.dirname, "crash-writer.ts");
    const notes = join(directory, "notes", String(started));
    const args = [...process.execArgv, script, directory, notes, String(next() * 2 ** 32), mutant];
    const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, "compiled") };
    const writer = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    // One that could not start, or broke off by itself, is found by what it did not keep.
    await Promise.race([once(writer.stdout, "data"), once(writer, "exit")]);
    return writer;
  };
  // The next round does not wait for a writer to start, unless that is the one it takes.
  const writers = Array.from({ length: WRITERS }, start);
  try {
    for (let round = 0; round < rounds; round += 1) {
      await pause(next() * 30);
      const index = Math.floor(next() * WRITERS);
      const writer = (await writers[index]) as ChildProcess;
      assert.equal(writer.exitCode, null, "a writer failed");
      if (next() < 0.4) {
        writer.kill("SIGSTOP");
        figures.stops += 1;
        await pause(next() * 60);
        writer.kill("SIGCONT");
      } else {
        await killed(writer);
        figures.kills += 1;
        writers[index] = start();
      }
    }
  } finally {
    for (const writer of await Promise.all(writers)) await killed(writer);
  }
}

async function killed(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  const exit = once(writer, "exit");
  writer.kill("SIGKILL");
  await exit;
}

function readNotes(folder: string): Note[] {
  return readdirSync(folder).flatMap((name) => {
    const lines = readFileSync(join(folder, name), "utf8").split("\n");
    // Behind the last newline there is nothing, or half a note of one that was killed.
    return lines.slice(0, -1).map((line): Note => JSON.parse(line));
  });
}

function check(store: FileStore, shared: Shared, notes: readonly Note[]): void {
  const find = (id: string) => store.find(id, NOW) as SessionRecord | null;
  const lives = notes.filter((note) => "started" in note).length;
  const ending = new Set(notes.flatMap((note) => ("ending" in note ? note.ending : [])));
  assert.deepEqual(
    notes.filter((note) => "revived" in note),
    [],
    "an ended session took a change",
  );
  for (const note of notes) {
    if ("ended" in note) assert.equal(find(note.ended), null, "an ended session came back");
    if (!("wrote" in note) || ending.has(note.wrote)) continue;
    const record = find(note.wrote);
    assert.ok(record, "a session is lost");
    assert.ok(Number(record.data[note.key]) >= note.count, "an acknowledged write is lost");
  }
  for (const id of shared.counters) {
    const acknowledged = notes.filter((note) => "incremented" in note && note.incremented === id).length;
    const count = Number(find(id)?.data.count);
    assert.ok(count >= acknowledged, `${acknowledged - count} of ${acknowledged} increments are lost`);
    // Whoever is killed may have done one more than it could note.
    assert.ok(count <= acknowledged + lives, `${count - acknowledged} increments were counted twice`);
    assert.equal(store.patch(id, { set: { last: "1" } }, NOW), "done", "a session is stuck");
  }
}

/** Each session that was made for a user is there and found by the user, until one of the two is ended. */
function checkUsers(store: FileStore, { users }: Shared, notes: readonly Note[]): void {
  const made = Map.groupBy(
    notes.filter((note) => "created" in note),
    ({ user }) => user,
  );
  const ending = new Set(notes.flatMap((note) => ("ending" in note ? note.ending : [])));
  const usersEnding = new Set(notes.flatMap((note) => ("endingUser" in note ? note.endingUser : [])));
  const usersEnded = new Set(notes.flatMap((note) => ("endedUser" in note ? note.endedUser : [])));
  const refused = new Set(notes.flatMap((note) => ("refused" in note ? note.refused : [])));
  for (const user of users) {
    const ids = made.get(user)?.map(({ created }) => created) ?? [];
    const found = (store.findByUser(user, NOW) as SessionRecord[]).map(({ id }) => id).sort();
    // Who was killed between making one and looking whether the user was ended leaves one whose token nobody has.
    if (usersEnded.has(user)) {
      for (const id of ids) assert.equal(store.find(id, NOW), null, "an ended session came back");
    }
    if (!usersEnding.has(user)) {
      const living = ids.filter((id) => !ending.has(id));
      for (const id of living) assert.ok(found.includes(id), "a session is lost");
      assert.ok(!refused.has(user), "a session was refused although nobody ended its user's");
    }
    assert.deepEqual([...(store.deleteByUser(user, NOW) as SessionId[])].sort(), found);
    for (const id of [...found, ...ids])
      assert.equal(store.find(id, NOW), null, "an ended session came back");
  }
}

function checkUpkeep(directory: string): void {
  const store = smallStore(directory, TRIAL_COMPACT_AT);
  sweepAll(store, NOW + 240_000);
  assert.deepEqual(readdirSync(join(directory, "temporary")), [], "temporary files are left");
  for (const shard of readdirSync(join(directory, "sessions"))) {
    for (const id of readdirSync(join(directory, "sessions", shard))) {
      const { state } = fold(readFileSync(join(directory, "sessions", shard, id)), id);
      if (state.ended) continue;
      assert.equal(store.patch(id, { lastSeenAt: NOW }, NOW), "done", "a session is stuck");
    }
  }
  sweepAll(store, NOW + DAY);
  for (const folder of ["due", "users", "temporary", "marks"]) {
    assert.deepEqual(readdirSync(join(directory, folder)), [], `${folder} has left-overs`);
  }
  const left = readdirSync(join(directory, "sessions")).flatMap((shard) =>
    readdirSync(join(directory, "sessions", shard)),
  );
  assert.deepEqual(left, [], "expired sessions are left");
}

function sweepAll(store: FileStore, now: number): void {
  while ((store.sweep(now, 1_000) as { more: boolean }).more);
  store.sweep(now, 100_000);
}
