// Which processor runs what: the server on one, the load on another, so that neither disturbs the other. Where
// `taskset` is missing, or there is only one processor, the operating system decides.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const allowed = canPin() ? allowedProcessors() : [];
const [first, second] = allowed;

export const pinned = first !== undefined && second !== undefined;

/** The command line that runs `command` where servers run. */
export function onServerProcessor(command: readonly string[]): string[] {
  return pinned ? ["taskset", "-c", String(first), ...command] : [...command];
}

/** The command line that runs `command` where the load comes from. */
export function onLoadProcessor(command: readonly string[]): string[] {
  return pinned ? ["taskset", "-c", String(second), ...command] : [...command];
}

function canPin(): boolean {
  return process.platform === "linux" && spawnSync("taskset", ["--version"]).status === 0;
}

function allowedProcessors(): number[] {
  const [, list = ""] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(",").flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
