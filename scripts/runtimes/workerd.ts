// Workerd: a worker is made into one file first, and its sockets are named in a configuration. Which ports they got,
// workerd says on a file descriptor.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Outcome } from "../../packages/vestiaire/test/runtimes/workerd/node-test.ts";
import { cache, type EsbuildHooks, loadEsbuild, programOf, root } from "./programs.ts";
import { type Report, reportOf } from "./report.ts";

const standIns = join(root, "packages/vestiaire/test/runtimes/workerd");
const SERVERS = ["server0", "server1", "server2", "server3"];
/** Far more than any test takes, in milliseconds. */
const PATIENCE = 30_000;

/** The tests of the core, in these files of its folder, of the memory store and of the adapters, inside workerd. */
export async function testOnWorkerd(core: readonly string[]): Promise<Report> {
  const worker = await start(join(standIns, "runner.ts"), SERVERS, {
    name: "stand-ins",
    setup: replaceForTests,
  });
  try {
    const list = await fetch(worker.origin, { method: "PUT", body: JSON.stringify({ core }) });
    const names = (await list.json()) as string[];
    const results = [];
    for (const [place, name] of names.entries()) {
      results.push([name, await runTest(worker, place)] as const);
    }
    return reportOf(results);
  } finally {
    await worker.close();
  }
}

async function runTest({ origin, ports }: Worker, place: number): Promise<Outcome> {
  try {
    const body = JSON.stringify({ place, ports });
    const signal = AbortSignal.timeout(PATIENCE);
    const response = await fetch(origin, { method: "POST", body, signal });
    if (response.ok) return (await response.json()) as Outcome;
    return { outcome: "failed", reason: await response.text() };
  } catch (error) {
    return { outcome: "failed", reason: String(error) };
  }
}

/** What the tests import and workerd does not have. */
function replaceForTests(build: EsbuildHooks): void {
  const use = (file: string) => ({ path: join(standIns, file) });
  build.onResolve({ filter: /^node:test$/ }, ({ importer }) =>
    // The stand-in takes the mocks from workerd.
    importer.startsWith(standIns) ? undefined : use("node-test.ts"),
  );
  build.onResolve({ filter: /^node:http$/ }, () => use("node-http.ts"));
  build.onResolve({ filter: /^\.\/serve\.ts$/ }, ({ importer }) =>
    importer.includes("/test/adapters/") ? use("serve.ts") : undefined,
  );
  build.onResolve({ filter: /\/stores\/(?:file\/index|sqlite)\.ts$/ }, () => use("stores-on-disk.ts"));
}

interface Worker {
  readonly origin: string;
  /** Of the further sockets, in their order. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

/** Starts a worker, with a socket for its default export and one for each of the named ones. */
export async function start(
  entry: string,
  exports: readonly string[] = [],
  ...plugins: { name: string; setup(build: EsbuildHooks): void }[]
): Promise<Worker> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "worker-"));
  const { build } = await loadEsbuild();
  await build({
    entryPoints: [entry],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "esnext",
    platform: "neutral",
    external: ["node:*"],
    conditions: ["source", "workerd"],
    // Test files have effects, whatever the package says of its own.
    ignoreAnnotations: true,
    logLevel: "error",
    plugins,
  });
  writeFileSync(join(folder, "workerd.capnp"), configuration(exports));
  const program = spawn(programOf("workerd"), ["serve", join(folder, "workerd.capnp"), "--control-fd=3"], {
    // It tells of each error that a handler throws, and the tests' throw many.
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let complaints = "";
  program.stderr?.on("data", (text) => {
    complaints += text;
  });
  const exited = new Promise<void>((resolve) => program.once("exit", () => resolve()));
  const close = async () => {
    // Asked kindly, it waits for the connections that are open.
    program.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true });
  };
  const ports = await listening(program.stdio[3] as Readable, 1 + exports.length);
  if (ports.size <= exports.length) {
    await close();
    throw new Error(`workerd did not start: ${complaints}`);
  }
  return {
    origin: `http://127.0.0.1:${ports.get("default")}`,
    ports: exports.map((name) => ports.get(name) as number),
    close,
  };
}

function configuration(exports: readonly string[]): string {
  const socket = (name: string, service: string) =>
    `(name = "${name}", address = "127.0.0.1:0", http = (), service = ${service})`;
  const sockets = [
    socket("default", '"worker"'),
    ...exports.map((name) => socket(name, `(name = "worker", entrypoint = "${name}")`)),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["private", "local"])),
  ],
  sockets = [${sockets.join(", ")}],
);
`;
}

/** The ports, by the names of their sockets, when there are so many; fewer when workerd ended before. */
async function listening(control: Readable, count: number): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for await (const line of createInterface({ input: control })) {
    const { event, socket, port } = JSON.parse(line);
    if (event === "listen") ports.set(socket, port);
    if (ports.size === count) break;
  }
  return ports;
}
