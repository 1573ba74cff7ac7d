// The load on the application: 200 people at once sign up, register, look, take back, sign out and in again. Afterwards
// what the server acknowledged to each of them is compared with the database. Once with sessions in files, once in SQLite.
//
//     node --conditions=source bench/registrations.ts        a minute each
//     node --conditions=source bench/registrations.ts 10     ten seconds each
//
// It needs the root's packages only, and the Node.js that is pinned there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { type Notes, type Operation, operations, Person } from "./registrations-person.ts";
import { markdown } from "./table.ts";

const PEOPLE = 200;
const [seconds = 60] = process.argv.slice(2).map(Number);
const application = fileURLToPath(new URL("../apps/registrations/src/main.ts", import.meta.url));

interface Outcome {
  readonly store: string;
  readonly notes: Notes;
}

async function measure(store: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "registrations-load-"));
  const database = join(folder, "registrations.db");
  try {
    const server = await start({
      PORT: "0",
      METRICS_PORT: "0",
      DATABASE_URL: `sqlite:${database}`,
      SESSION_STORE: `${store}:${join(folder, "sessions")}`,
      TRUSTED_PROXIES: "127.0.0.1",
      SIGN_UPS_PER_HOUR: "1000000",
      LOG_LEVEL: "warn",
      NODE_ENV: "production",
    });
    const notes = emptyNotes();
    const people = Array.from({ length: PEOPLE }, (_, number) => new Person(server.url, number, notes));
    const end = performance.now() + seconds * 1_000;
    await Promise.all(people.map((person) => person.live(() => performance.now() > end)));
    await server.stop();
    notes.lost.push(...differences(people, database));
    return { store, notes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emptyNotes(): Notes {
  const milliseconds = Object.fromEntries(
    operations.map((operation) => [operation, []]),
  ) as unknown as Record<Operation, number[]>;
  return { milliseconds, failures: [], lost: [], crossed: [], owners: new Map() };
}

async function start(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["--conditions=source", application], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { PATH: process.env.PATH ?? "", ...environment },
  });
  process.once("exit", () => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stderr)) {
    const [, url] = /open on (\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stderr.resume();
    return {
      url,
      stop: async () => {
        const exit = once(child, "exit");
        child.kill("SIGTERM");
        await exit;
      },
    };
  }
  throw new Error("The application did not start.");
}

/** What was acknowledged and is not in the database, or is there although its end was acknowledged. */
function differences(people: readonly Person[], path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const kept = database.prepare(`
    select people.name, registrations."sportId" as sport
    from registrations join people on people.id = registrations."personId"`);
  const inDatabase = new Set(kept.all().map(({ name, sport }) => `${name}: ${sport}`));
  database.close();
  const acknowledged = new Set(
    people.flatMap(({ name, sports }) => [...sports].map((sport) => `${name}: ${sport}`)),
  );
  return [...new Set([...inDatabase, ...acknowledged])].filter(
    (each) => !(inDatabase.has(each) && acknowledged.has(each)),
  );
}

function percentile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? "" : value.toFixed(0);
}

function report(outcomes: readonly Outcome[]): string {
  const columns = outcomes.flatMap(({ store }) => [`${store}: requests`, "p50 ms", "p99 ms"]);
  const rows = operations.map((operation) => [
    operation,
    ...outcomes.flatMap(({ notes }) => {
      const sorted = notes.milliseconds[operation].toSorted((a, b) => a - b);
      return [sorted.length.toLocaleString("en"), percentile(sorted, 0.5), percentile(sorted, 0.99)];
    }),
  ]);
  const counted = (what: string, kind: "failures" | "lost" | "crossed") => [
    what,
    ...outcomes.flatMap(({ notes }) => [String(notes[kind].length), "", ""]),
  ];
  return markdown(
    ["", ...columns],
    [
      ...rows,
      counted("failed requests", "failures"),
      counted("lost registrations", "lost"),
      counted("crossed sessions", "crossed"),
    ],
  );
}

const outcomes = [await measure("file"), await measure("sqlite")];
console.log(report(outcomes));
const problems = outcomes.flatMap(({ notes }) => [...notes.failures, ...notes.lost, ...notes.crossed]);
for (const problem of problems.slice(0, 20)) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
