// A process that the crash trial starts, stops and kills. It changes sessions that all writers share and sessions of its
// own, as fast as it can, and notes each answer in a file of its own as soon as it has it.
//
// Arguments: directory, file for the notes, seed, name of a mutant or "none".

import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SessionRecord } from "../../src/core/record.ts";
import { type Note, random, type Shared, TRIAL_COMPACT_AT, TRIAL_MUTANTS } from "./crash-trial.ts";
import { NOW, smallStore, someRecord } from "./support.ts";

const [directory = "", notes = "", seed = "", mutant = ""] = process.argv.slice(2);
const store = smallStore(join(directory, "store"), TRIAL_COMPACT_AT, TRIAL_MUTANTS[mutant]);
const shared: Shared = JSON.parse(readFileSync(join(directory, "shared.json"), "utf8"));
const file = openSync(notes, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
const next = random(Number(seed));
const parent = process.ppid;
const key = `w${process.pid}`;
const own: string[] = [];
let count = 0;

function note(what: Note): void {
  writeSync(file, `${JSON.stringify(what)}\n`);
}

function pick(ids: readonly string[]): string {
  return ids[Math.floor(next() * ids.length)] as string;
}

function increment(id: string): void {
  const record = store.find(id, NOW) as SessionRecord;
  const set = { count: String(Number(record.data.count) + 1) };
  if (store.patch(id, { set }, NOW, { revision: record.revision }) === "done") note({ incremented: id });
}

function write(id: string): void {
  count += 1;
  const answer = store.patch(id, { set: { [key]: String(count) } }, NOW);
  if (answer === "done") note({ wrote: id, key, count });
}

function create(): void {
  const record = someRecord({ userId: `user ${process.pid % 3}` });
  if (store.create(record, NOW) !== "created") throw new Error("a new session was not created");
  note({ created: record.id });
  own.push(record.id);
}

function end(id: string | undefined): void {
  if (id === undefined) return;
  note({ ending: id });
  if (store.delete(id) !== null) note({ ended: id });
  if (store.patch(id, { set: { back: "1" } }, NOW) !== "gone") note({ revived: id });
}

note({ started: process.pid });
process.stdout.write("started");
while (process.ppid === parent) {
  const chance = next();
  if (chance < 0.45) increment(pick(shared.counters));
  else if (chance < 0.8) write(pick(next() < 0.5 ? shared.counters : shared.victims));
  else if (chance < 0.88) create();
  else if (chance < 0.95) end(own.splice(Math.floor(next() * own.length), 1)[0]);
  else if (chance < 0.97) end(pick(shared.victims));
  // A clock two minutes ahead, so that what others are just making is swept as if they were dead.
  else store.sweep(NOW + 120_000, 20);
}
closeSync(file);
