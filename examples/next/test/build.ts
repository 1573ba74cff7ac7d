// Builds an application of this folder with Next.js's own command. The library must have been built before.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The script of the command `next`, and the folder of this package. */
export const next = fileURLToPath(new URL("../node_modules/next/dist/bin/next", import.meta.url));
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the application in `folder`, below this package. */
export function build(folder: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, "build", folder], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0) throw new Error(`Next.js could not build ${folder}:\n${stdout}${stderr}`);
}
