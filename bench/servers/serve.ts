// What every server of the benchmark shares: the two pages, and how a server talks with the harness. The harness asks
// over IPC; the server answers with its port once it listens, and with its own CPU time whenever it is asked.

import type { AddressInfo } from "node:net";

/** What each visitor's session holds. */
export interface Visitor {
  name: string;
  seen: number;
}

/** Where stores with files may put them. */
export const folder = process.env.BENCH_FOLDER ?? ".";

/** The URL of the engine that the contestant uses, and what its keys in Redis begin with. */
export const engine = process.env.BENCH_ENGINE ?? "";
export const prefix = process.env.BENCH_PREFIX ?? "";

export function page(name: string): string {
  return `<!doctype html><title>Bench</title><h1>Hello, ${name}!</h1><p>You are signed in.</p>`;
}

export const NOBODY = "Nobody is signed in.";

let writes = 0;

/** A value that was never written before. */
export function nextValue(): number {
  writes += 1;
  return writes;
}

/** Tells the harness where the server listens, and answers its questions from then on. */
export function report(address: AddressInfo | string | null): void {
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  process.on("message", () => process.send?.(process.cpuUsage()));
  process.on("disconnect", () => process.exit());
  process.send?.({ port: address.port });
}
