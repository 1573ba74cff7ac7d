// Work that root's rights would let through. As root, it is done in a process that gives them up once it has loaded what
// it needs: where the project lies, others may not be allowed to read.

import { spawnSync } from "node:child_process";
import { chownSync } from "node:fs";

const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;

const SCRIPT = `
  const [module, name, path, user] = process.argv.slice(1);
  const { [name]: open } = await import(module);
  if (user !== "") {
    process.setgroups([]);
    process.setgid(Number(user));
    process.setuid(Number(user));
  }
  try {
    open(path);
    console.log("opened");
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
`;

/** Gives these files away, if this process is root's. */
export function disown(...paths: string[]): void {
  if (IS_ROOT) for (const path of paths) chownSync(path, NOBODY, NOBODY);
}

/** What becomes of opening the store `name` of a module: its error's name and message, or "opened". */
export function openUnprivileged(module: URL, name: string, path: string): string {
  const user = IS_ROOT ? String(NOBODY) : "";
  const args = [...process.execArgv, "--input-type=module", "-e", SCRIPT, module.href, name, path, user];
  return spawnSync(process.execPath, args, { encoding: "utf8" }).stdout.trim();
}
