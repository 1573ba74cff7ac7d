// The application as its operators meet it: a process of its own, with settings from the environment, what it says to
// people on the standard error output and its log on the standard output.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** A process that runs or has ended. */
interface Process {
  /** What it has said to people so far, by line. */
  readonly said: readonly string[];
  /** Its log so far, by line. */
  readonly logged: readonly string[];
  /** Its exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** A process that serves. */
export interface Serving extends Process {
  readonly url: string;
  readonly metricsUrl: string;
}

const undoings = new WeakMap<TestContext, AsyncDisposableStack>();

/** Undoes something when the test is over, the last thing first. `t.after` would begin with the first. */
export function undoAfter(t: TestContext, undo: () => unknown): void {
  let stack = undoings.get(t);
  if (stack === undefined) {
    const made = new AsyncDisposableStack();
    t.after(() => made.disposeAsync());
    undoings.set(t, made);
    stack = made;
  }
  stack.defer(async () => {
    await undo();
  });
}

/** A folder for what a test keeps; it goes with the test. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "registrations-"));
  undoAfter(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Settings that keep everything in this folder, listen where there is room, and take cheap passwords. */
export function settingsIn(folder: string): Environment {
  return {
    PORT: "0",
    METRICS_PORT: "0",
    DATABASE_URL: `sqlite:${join(folder, "registrations.db")}`,
    SESSION_STORE: `file:${join(folder, "sessions")}`,
    PASSWORD_MEMORY: "64",
    PASSWORD_PASSES: "1",
  };
}

/** Starts the process and waits until it serves. Throws what it said if it ends before. */
export async function serve(t: TestContext, environment: Environment): Promise<Serving> {
  const { child, ...process } = launch(t, [], environment);
  const ended = process.exited.then((code) => {
    throw new Error(`It ended with ${code}:\n${process.said.join("\n")}`);
  });
  ended.catch(() => {});
  const find = (start: RegExp) =>
    process.said.map((line) => start.exec(line)?.[1]).find((found) => found !== undefined);
  for (;;) {
    const [url, metricsUrl] = [find(/open on .*?(http:\S+)/), find(/metrics: (\S+)/)];
    if (url !== undefined && metricsUrl !== undefined) return { ...process, url, metricsUrl };
    await Promise.race([once(child, "said"), ended]);
  }
}

/** Runs the process to its end. */
export async function finish(t: TestContext, args: readonly string[], environment: Environment = {}) {
  const { exited, said, logged } = launch(t, args, environment);
  const code = await exited;
  return { code, said: said.join("\n"), printed: logged.join("\n") };
}

function launch(t: TestContext, args: readonly string[], environment: Environment) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["--conditions=source", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, ...environment },
  });
  const said: string[] = [];
  const logged: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    said.push(line);
    child.emit("said");
  });
  createInterface(child.stdout).on("line", (line) => logged.push(line));
  // "close" comes after "exit", when everything it said has been read.
  const exited = once(child, "close").then(([code]) => code as number | null);
  undoAfter(t, () => {
    child.kill("SIGKILL");
    return exited;
  });
  return { child, said, logged, exited, kill: (signal: NodeJS.Signals) => void child.kill(signal) };
}
