// Installs what is missing before `npm start`, `npm test` and `npm run check`, so that each of them works as the
// very first command after a clone. Plain JavaScript: it is the one file that runs on whatever Node the machine has.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = `${root}package-lock.json`;
const installed = `${root}node_modules/.package-lock.json`;

const current = existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
if (!current) {
  const { packages } = JSON.parse(readFileSync(wanted, "utf8"));
  console.error(
    `Installing ${Object.keys(packages).length} packages, the pinned Node.js included (once, about a minute) …`,
  );
  const { status } = spawnSync("npm", ["ci", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error("npm ci failed; its output above says why. Nothing was started.");
    process.exit(1);
  }
}
