// Servers for the tests. A test that only needs a server takes one that is running; a test that stops, pauses or kills it
// starts its own, from the machine's own binaries, on a free port, with its data in a folder that goes with it.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutageServer } from "../../src/testing/outage-contract.ts";

/** How to run one kind of server. */
export interface ServerKind {
  /** The binaries that will do, by name or path; the first that is there is taken. */
  readonly binaries: readonly string[];
  /** What to say where there is none: how to get it. */
  readonly howToGet: string;
  /** The arguments to listen on `port` of 127.0.0.1 with everything it stores in `folder`. */
  arguments(port: number, folder: string): readonly string[];
  /** What has to be done in the folder once before the first start. */
  prepare?(binary: string, folder: string): void;
  /** The user to run as, where the server refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What asks it to end and takes no time for its clients. `SIGTERM` by default. */
  readonly stopSignal?: NodeJS.Signals;
  /** Resolves once the server answers; rejects or throws while it does not. It is asked again. */
  ready(port: number): Promise<void>;
}

/** Whether something listens on a port of this machine. */
export async function listens(port: number, host = "127.0.0.1"): Promise<boolean> {
  const socket = createConnection({ port, host });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The first of these binaries that this machine has; `null` when it has none. */
export function findBinary(names: readonly string[]): string | null {
  return names.find((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0) ?? null;
}

/** A server that a test started, and does with as it likes. */
export class Service {
  readonly port: number;
  readonly folder: string;
  readonly #kind: ServerKind;
  readonly #binary: string;
  #process: ChildProcess | null = null;

  private constructor(kind: ServerKind, binary: string, port: number, folder: string) {
    this.#kind = kind;
    this.#binary = binary;
    this.port = port;
    this.folder = folder;
  }

  /** Starts one and waits until it answers. Throws, with how to get it, where its binary is missing. */
  static async start(kind: ServerKind): Promise<Service> {
    const binary = findBinary(kind.binaries);
    if (binary === null) throw new Error(kind.howToGet);
    const folder = mkdtempSync(join(tmpdir(), "vestiaire-service-"));
    kind.prepare?.(binary, folder);
    const service = new Service(kind, binary, await freePort(), folder);
    await service.restart();
    return service;
  }

  /** It, as the outage contract wants it. */
  get control(): OutageServer {
    return {
      stop: () => this.kill(this.#kind.stopSignal ?? "SIGTERM"),
      kill: () => this.kill(),
      start: () => this.restart(),
      pause: () => this.pause(),
      resume: () => this.resume(),
    };
  }

  /** Starts it again on the same port, with the data that it kept. */
  async restart(): Promise<void> {
    await this.kill(this.#kind.stopSignal ?? "SIGTERM");
    const child = spawn(this.#binary, this.#kind.arguments(this.port, this.folder), {
      stdio: ["ignore", "ignore", "pipe"],
      ...this.#kind.user,
    });
    this.#process = child;
    let complaints = "";
    child.stderr?.on("data", (chunk) => {
      complaints += chunk;
    });
    const deadline = performance.now() + 30_000;
    for (;;) {
      try {
        await this.#kind.ready(this.port);
        return;
      } catch (error) {
        if (child.exitCode === null && performance.now() < deadline)
          await new Promise((next) => setTimeout(next, 25));
        else throw new Error(`${this.#binary} did not start. ${complaints}`, { cause: error });
      }
    }
  }

  /** Stops every thread of it where it is: connections stay open, and nothing answers. */
  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  /** Ends the process, and waits until it has. Its data stays. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    this.resume();
    if (signal === "SIGKILL") this.#signal(signal);
    else child.kill(signal);
    await gone;
    this.#process = null;
  }

  /** To the process and then to those that it started. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined || !this.#process?.kill(signal)) return;
    for (const child of childrenOf(pid)) {
      try {
        process.kill(child, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  }

  /** Ends it, and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}
