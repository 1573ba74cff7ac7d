// Builds an application of this folder with Nitro's own command.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds the application in `folder`, below this package; answers the script that runs it, below the examples. */
export function build(folder: string): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const nitro = fileURLToPath(new URL("../node_modules/nitro/dist/cli/index.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [nitro, "build", "--dir", folder], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Nitro could not build ${folder}:\n${stdout}${stderr}`);
  return `nitro/${folder}/.output/server/index.mjs`;
}
