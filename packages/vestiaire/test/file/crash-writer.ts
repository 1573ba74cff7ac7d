// A process that the crash trial starts, stops and kills. It changes sessions that all writers share and sessions of its
// own, as fast as it can, and notes each answer in a file of its own as soon as it has it.
//
// Arguments: directory, file for the notes, seed, name of a mutant or "none".

import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { PowerDurability, processDurability } from "../../src/stores/file/durability.ts";
import { type Note, random, type Shared, TRIAL_COMPACT_AT, TRIAL_MUTANTS } from "./crash-trial.ts";
import { NOW, smallStore, someRecord } from "./support.ts";

const [directory = "", notes = "", seed = "", mutant = ""] = process.argv.slice(2);
const shared: Shared = JSON.parse(readFileSync(join(directory, "shared.json"), "utf8"));
const file = openSync(notes, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
const next = random(Number(seed));
// One in four waits for the disk, and can be killed while it does.
const durability = next() < 0.25 ? new PowerDurability() : processDurability;
const store = smallStore(join(directory, "store"), TRIAL_COMPACT_AT, TRIAL_MUTANTS[mutant], durability);
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

async function increment(id: string): Promise<void> {
  const record = await store.find(id, NOW);
  if (record === null) throw new Error("a shared session is gone");
  const set = { count: String(Number(record.data.count) + 1) };
  const answer = await store.patch(id, { set }, NOW, { revision: record.revision });
  if (answer === "done") note({ incremented: id });
}

async function write(id: string): Promise<void> {
  count += 1;
  const answer = await store.patch(id, { set: { [key]: String(count) } }, NOW);
  if (answer === "done") note({ wrote: id, key, count });
}

async function create(): Promise<void> {
  const user = pick(shared.users);
  const record = someRecord({ userId: user });
  const answer = await store.create(record, NOW);
  if (answer === "taken") throw new Error("a new session was not created");
  if (answer === "ended") return note({ refused: user });
  note({ created: record.id, user });
  own.push(record.id);
}

async function end(id: string | undefined): Promise<void> {
  if (id === undefined) return;
  note({ ending: id });
  if ((await store.delete(id)) !== null) note({ ended: id });
  if ((await store.patch(id, { set: { back: "1" } }, NOW)) !== "gone") note({ revived: id });
}

async function endUser(user: string): Promise<void> {
  note({ endingUser: user });
  await store.deleteByUser(user, NOW);
  note({ endedUser: user });
}

note({ started: process.pid });
process.stdout.write("started");
// The next ones start faster by it.
flushCompileCache();
while (process.ppid === parent) {
  const chance = next();
  if (chance < 0.45) await increment(pick(shared.counters));
  else if (chance < 0.8) await write(pick(next() < 0.5 ? shared.counters : shared.victims));
  else if (chance < 0.88) await create();
  else if (chance < 0.94) await end(own.splice(Math.floor(next() * own.length), 1)[0]);
  else if (chance < 0.96) await end(pick(shared.victims));
  else if (chance < 0.962) await endUser(pick(shared.users));
  // A clock two minutes ahead, so that what others are just making is swept as if they were dead.
  else await store.sweep(NOW + 120_000, 20);
}
closeSync(file);
