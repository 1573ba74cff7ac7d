// Counts the calls that this process makes to `node:fs`, synchronous and asynchronous, by wrapping its functions. It
// must be loaded before whatever is to be counted.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let count = 0;

/** How many calls there were so far. */
export function fsCalls(): number {
  return count;
}

wrap(fs as unknown as Record<string, unknown>, /^(?!_|Stats|Dirent|exists$|unwatch)[a-z]/);
wrap(fs.promises as unknown as Record<string, unknown>, /^[a-z]/);
syncBuiltinESMExports();

function wrap(module: Record<string, unknown>, names: RegExp): void {
  for (const [name, original] of Object.entries(module)) {
    if (typeof original !== "function" || !names.test(name)) continue;
    module[name] = Object.assign(function (this: unknown, ...args: unknown[]) {
      count += 1;
      return Reflect.apply(original, this, args);
    }, original);
  }
}
