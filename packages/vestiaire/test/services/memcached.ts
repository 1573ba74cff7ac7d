// The memcached of the tests: `MEMCACHED_URL`, else what listens on the standard port of this machine, else one that is
// started for them. Those that stop or pause it always start their own.

import { connect } from "node:net";
import { findBinary, listens, type ServerKind, Service } from "./service.ts";

const STANDARD_PORT = 11_211;
const BINARIES = ["memcached"];
const HOW_TO_GET = "needs memcached: apt-get install memcached";

/** memcached, with these arguments beside the usual ones. */
export function memcachedServer(...extra: readonly string[]): ServerKind {
  return {
    binaries: BINARIES,
    howToGet: HOW_TO_GET,
    // It has nothing to keep, and takes a second over any other.
    stopSignal: "SIGKILL",
    arguments: (port) => [
      ...["-l", "127.0.0.1", "-p", String(port), "-U", "0"],
      // Root must say whose rights it is to run with.
      ...(process.getuid?.() === 0 ? ["-u", "nobody"] : []),
      ...extra,
    ],
    async ready(port) {
      await ask({ hostname: "127.0.0.1", port }, "version");
    },
  };
}

export interface RunningMemcached {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server for tests that only use it; `null` where there is none. With `CI=true` it throws instead. */
export async function someMemcached(): Promise<RunningMemcached | null> {
  const running = process.env.MEMCACHED_URL ?? `memcached://127.0.0.1:${STANDARD_PORT}`;
  if (process.env.MEMCACHED_URL !== undefined || (await listens(STANDARD_PORT))) {
    return { url: running, stop: async () => {} };
  }
  if (unlessInstalled() !== false) return null;
  const service = await Service.start(memcachedServer());
  return { url: `memcached://127.0.0.1:${service.port}`, stop: () => service.stop() };
}

/** Why tests that need memcached are skipped; `false` where it is installed. With `CI=true` it throws instead. */
export function unlessInstalled(): string | false {
  if (findBinary(BINARIES) !== null) return false;
  if (process.env.CI === "true") throw new Error(HOW_TO_GET);
  return HOW_TO_GET;
}

/** Sends memcached these lines, and answers the first piece of its reply. */
export function ask(
  { hostname, port }: { readonly hostname: string; readonly port: number | string },
  ...lines: readonly string[]
): Promise<string> {
  const socket = connect(Number(port), hostname);
  const reply = new Promise<string>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("memcached closed the connection")));
    socket.once("data", (bytes) => resolve(String(bytes)));
    socket.write(`${lines.join("\r\n")}\r\n`);
  });
  return reply.finally(() => socket.destroy());
}
