// Packages of their own below this one, with their own locks: too heavy to come with everybody's first `npm start`. They are
// installed when they are first used. Plain JavaScript: it runs on whatever Node the machine has.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
// `npm --prefix` leaves its prefix in the environment, where it would misdirect the installations.
const { npm_config_prefix, npm_config_local_prefix, ...env } = process.env;

/**
 * Installs what is missing in this folder and in the root; `what` says in one line what comes. Answers a function that runs
 * a command there, under the pinned Node.js, with the programs of both packages. Whatever fails ends the process.
 */
export function packageAt(folder, what) {
  const here = `${root}${folder}/`;
  const path = [`${here}node_modules/.bin`, `${root}node_modules/.bin`, env.PATH].join(delimiter);
  const run = (command, args) => {
    const { status } = spawnSync(command, args, {
      cwd: here,
      stdio: "inherit",
      shell: process.platform === "win32",
      env: { ...env, PATH: path },
    });
    if (status !== 0) process.exit(status ?? 1);
  };
  run(process.execPath, [`${root}scripts/install.js`]);
  const [wanted, installed] = [`${here}package-lock.json`, `${here}node_modules/.package-lock.json`];
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
    console.error(`Installing ${what} (once) …`);
    run("npm", ["ci", "--loglevel=error"]);
  }
  return run;
}
