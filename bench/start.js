// Runs the benchmark under the pinned Node.js, so that `npm run bench` works as the very first command after a clone. Plain
// JavaScript: it runs on whatever Node the machine has.
import { packageAt } from "../scripts/own-package.js";

const run = packageAt("bench", "the peers, about a minute");
run("node", ["--conditions=source", "run.ts", ...process.argv.slice(2)]);
