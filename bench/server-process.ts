// A contestant's server, as a process of its own. It tells its port when it listens and its CPU time when asked.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Contestant, titleOf } from "./contestants.ts";
import type { Place } from "./engines.ts";
import { onServerProcessor } from "./processors.ts";

const START_LIMIT = 30_000;

/** In microseconds. */
export interface CpuTime {
  readonly total: number;
  /** What of it was not the kernel's. */
  readonly user: number;
}

export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * Starts the server with an empty folder for its store, or with what it has to know of its engine. Throws when it does
   * not listen within 30 seconds.
   */
  static async start(
    contestant: Contestant,
    folder: string,
    engine: Place["env"] = {},
  ): Promise<ServerProcess> {
    mkdirSync(folder, { recursive: true });
    const file = fileURLToPath(new URL(`servers/${contestant.server}.ts`, import.meta.url));
    const [command = "", ...args] = onServerProcessor([process.execPath, file]);
    const child = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...engine, NODE_ENV: "production", BENCH_FOLDER: folder },
    });
    const message = await answerOf(child, `${titleOf(contestant)} did not start`);
    return new ServerProcess(child, Number((message as { port: number }).port));
  }

  /** The CPU time that the process has used so far, all its threads included, in microseconds. */
  async cpuTime(): Promise<CpuTime> {
    const answer = answerOf(this.#child, "The server does not answer");
    this.#child.send("cpu?");
    const { user, system } = (await answer) as NodeJS.CpuUsage;
    return { total: user + system, user };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

async function answerOf(child: ChildProcess, problem: string): Promise<unknown> {
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(START_LIMIT)]);
  const exit = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`${problem}: it exited with ${code}.`);
  });
  exit.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, "message", { signal }), exit]);
    return message;
  } catch (error) {
    throw new Error(`${problem}.`, { cause: error });
  } finally {
    settled.abort();
  }
}
