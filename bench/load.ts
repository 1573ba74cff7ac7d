// The load: wrk where it is installed, autocannon otherwise. Both keep 32 connections busy with one thread.

import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { onLoadProcessor } from "./processors.ts";

const CONNECTIONS = 32;
const script = fileURLToPath(new URL("load.lua", import.meta.url));

export interface Work {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** `Cookie` headers that take turns; none: requests without cookies. */
  readonly cookies: readonly string[];
  /** A file that may be overwritten. */
  readonly scratch: string;
  readonly seconds: number;
}

export interface Answers {
  readonly requests: number;
  readonly perSecond: number;
}

/** Which of the two does the work. `BENCH_LOAD=autocannon` chooses the second. */
export const generator =
  process.env.BENCH_LOAD !== "autocannon" && spawnSync("wrk", ["--version"]).error === undefined
    ? "wrk"
    : "autocannon";

/** Asks for as long as was said, and counts the answers. Throws when any of them was not a success. */
export function load(work: Work): Promise<Answers> {
  return generator === "wrk" ? loadWithWrk(work) : loadWithAutocannon(work);
}

async function loadWithWrk({ url, method, path, cookies, scratch, seconds }: Work): Promise<Answers> {
  writeFileSync(scratch, cookies.map((cookie) => `${cookie}\n`).join(""));
  const options = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout", "10s", "-s", script, url];
  const output = await run(onLoadProcessor(["wrk", ...options, "--", method, path, scratch]));
  const [, requests] = /(\d+) requests in/.exec(output) ?? [];
  const [, perSecond] = /Requests\/sec:\s*([\d.]+)/.exec(output) ?? [];
  if (requests === undefined || /Non-2xx|Socket errors/.test(output)) {
    throw new Error(`wrk met failures:\n${output}`);
  }
  return { requests: Number(requests), perSecond: Number(perSecond) };
}

async function loadWithAutocannon({ url, method, path, cookies, seconds }: Work): Promise<Answers> {
  const headers = cookies.length === 0 ? [{}] : cookies.map((cookie) => ({ cookie }));
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: headers.map((each) => ({ method, path, headers: each })),
  });
  if (result.non2xx + result.errors + result.timeouts > 0) {
    throw new Error(`autocannon met failures: ${result.non2xx} answers, ${result.errors} connections.`);
  }
  return { requests: result.requests.total, perSecond: result.requests.total / result.duration };
}

function run([command = "", ...args]: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} exited with ${code}.\n${output}`)),
    );
  });
}
