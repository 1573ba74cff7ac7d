// `npm test`, and every other run of the tests: at least two files at a time, where Node.js by itself leaves one
// processor idle, which is half of a small machine. Takes the files to run; none: all. Plain JavaScript, because the
// library's oldest Node.js runs it too.
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const ALL = [
  "packages/*/test/**/*.test.ts",
  "apps/*/test/**/*.test.ts",
  "examples/test/**/*.test.ts",
  "docs/{test,samples}/**/*.test.ts",
];

const files = process.argv.slice(2);
const concurrency = Math.max(2, availableParallelism() - 1);
const options = ["--conditions=source", "--test", `--test-concurrency=${concurrency}`];
const { status } = spawnSync(
  process.execPath,
  [...process.execArgv, ...options, ...(files.length > 0 ? files : ALL)],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
