// Installs what is missing, then runs the benchmark under the pinned Node.js, so that `npm run bench` works as the very
// first command after a clone. Plain JavaScript: it runs on whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
// `npm --prefix bench` leaves its prefix in the environment, where it would misdirect the installations.
const { npm_config_prefix, npm_config_local_prefix, ...env } = process.env;
const options = {
  cwd: here,
  stdio: "inherit",
  shell: process.platform === "win32",
  // The pinned Node.js comes with the root's packages.
  env: { ...env, PATH: `${root}node_modules/.bin${delimiter}${env.PATH}` },
};

run(process.execPath, [`${root}scripts/install.js`]);
const wanted = `${here}package-lock.json`;
const installed = `${here}node_modules/.package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  console.error("Installing the peers (once, about a minute) …");
  run("npm", ["ci"]);
}
run("node", ["--conditions=source", "run.ts", ...process.argv.slice(2)]);

function run(command, args) {
  const { status } = spawnSync(command, args, options);
  if (status !== 0) process.exit(status ?? 1);
}
