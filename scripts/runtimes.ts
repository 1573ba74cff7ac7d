// The library's tests on Deno, Bun and workerd: `node scripts/runtimes.ts`, or with the names of some of them. What ran
// there is compared, name by name, with what the same files run on Node.js, so that a test which is not seen is missed.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { visit } from "../packages/vestiaire/test/runtimes/visit.ts";
import { EXCEPTIONS } from "./runtimes/exceptions.ts";
import { cache, PINS, programOf, type RuntimeName, root } from "./runtimes/programs.ts";
import { type Report, readJUnit } from "./runtimes/report.ts";
import { start, testOnWorkerd } from "./runtimes/workerd.ts";

const library = "packages/vestiaire/test";
const CORE_TESTS = globSync(`${library}/core/*.test.ts`, { cwd: root }).sort();
/** What runs everywhere. `workerd/runner.ts` names the last three too. */
const TESTS = [
  ...CORE_TESTS,
  `${library}/stores/memory.test.ts`,
  `${library}/adapters/fetch.test.ts`,
  `${library}/adapters/hono.test.ts`,
].map((file) => `./${file}`);
/** The adapters once more, on the server that is the runtime's own. */
const NATIVE = `./${library}/runtimes/native.ts`;
const EXAMPLES = ["fetch", "hono"].map((name) => join(root, library, "runtimes/examples", `${name}.ts`));
/** For a whole run, in milliseconds. */
const PATIENCE = 120_000;

const DENO = ["--no-check", "--conditions=source", "--no-lock", "--node-modules-dir=manual"];

interface Runtime {
  test(): Report | Promise<Report>;
  /** Starts an example on a free port. */
  serve(file: string): Promise<{ readonly origin: string; close(): unknown }>;
}

const RUNTIMES: Readonly<Record<RuntimeName, Runtime>> = {
  Deno: {
    test: () => {
      const reporting = (file: string) => [`--junit-path=${file}`];
      return runTests(programOf("Deno"), ["test", "--quiet", "--allow-all", ...DENO], reporting, [
        ...TESTS,
        NATIVE,
      ]);
    },
    serve: (file) => {
      const args = ["serve", "--allow-env=NODE_ENV", ...DENO, "--host=127.0.0.1", "--port=0", file];
      return serve(programOf("Deno"), args);
    },
  },
  Bun: {
    test: () => {
      const args = ["test", "--conditions=source", "--timeout=30000"];
      const reporting = (file: string) => ["--reporter=junit", `--reporter-outfile=${file}`];
      // All files share one process, in which `@hono/node-server` replaces the `Response` that Bun's server needs.
      const runs = [TESTS, [NATIVE]].map((files) => runTests(programOf("Bun"), args, reporting, files));
      return new Map(runs.flatMap((report) => [...report]));
    },
    serve: (file) => serve(programOf("Bun"), ["--conditions=source", "--port=0", file]),
  },
  workerd: {
    test: () => testOnWorkerd(CORE_TESTS.map((file) => basename(file, ".test.ts"))),
    serve: (file) => start(file),
  },
};

/** Deno keeps its files with the rest, and nobody's output is coloured. */
const env = { ...process.env, DENO_DIR: join(cache, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };

/** Runs test files by a runner that can report in JUnit's XML. */
function runTests(
  program: string,
  args: readonly string[],
  reporting: (file: string) => readonly string[],
  files: readonly string[],
): Report {
  mkdirSync(cache, { recursive: true });
  const output = join(cache, `report-${process.pid}.xml`);
  const { status, error, stderr } = spawnSync(program, [...args, ...reporting(output), ...files], {
    cwd: root,
    env,
    encoding: "utf8",
    // What the tests print is in the report; on the other stream are the runner's own troubles.
    stdio: ["ignore", "ignore", "pipe"],
    maxBuffer: 64 * 1_024 * 1_024,
    timeout: PATIENCE,
  });
  if (error) throw error;
  if (!existsSync(output)) throw new Error(`There is no report. ${stderr}`);
  const report = readJUnit(readFileSync(output, "utf8"));
  rmSync(output);
  // A failure outside all tests is in no report.
  const failed = [...report.values()].some(({ outcome }) => outcome === "failed");
  if (status !== 0 && !failed) throw new Error(`No test failed, but the run did. ${stderr}`);
  return report;
}

function serve(program: string, args: readonly string[]): ReturnType<Runtime["serve"]> {
  const server = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (text: string) => {
      said += text;
      const port = /http:\/\/\S+?:(\d+)/.exec(said)?.[1];
      if (port) resolve({ origin: `http://127.0.0.1:${port}`, close: () => server.kill() });
    };
    server.stdout.setEncoding("utf8").on("data", listen);
    server.stderr.setEncoding("utf8").on("data", listen);
    server.once("exit", () => reject(new Error(`The server ended: ${said}`)));
  });
}

/** What these tests do on this Node.js. */
function onNode(): Report {
  const reporting = (file: string) => ["--test-reporter=junit", `--test-reporter-destination=${file}`];
  return runTests(process.execPath, ["--conditions=source", "--test"], reporting, TESTS);
}

/** What must run on this runtime: the tests of Node.js, and the contract of `native.ts` where that is run. */
function expectedOn(name: RuntimeName, node: Report): Report {
  if (name === "workerd") return node;
  // Neither adapter is told there who the connection's peer is, as the fetch adapter never is.
  const contract = [...node].filter(([test]) => test.startsWith("fetch > "));
  const native = ["fetch", "hono"].flatMap((adapter) =>
    contract.map(([test, result]) => {
      return [test.replace("fetch", `${adapter}, on the runtime's own server`), result] as const;
    }),
  );
  return new Map([...node, ...native]);
}

/** Says what is wrong with a run. */
function problemsOf(name: RuntimeName, ran: Report, expected: Report): string[] {
  const exceptions = EXCEPTIONS[name];
  const problems: string[] = [];
  for (const [test, { outcome: onNode }] of expected) {
    const here = ran.get(test);
    const excepted = exceptions.some(({ tests }) => tests.test(test));
    if (excepted) {
      if (here?.outcome === "passed") problems.push(`passes, but is listed as impossible: ${test}`);
    } else if (here === undefined) {
      problems.push(`was not run: ${test}`);
    } else if (here.outcome === "failed") {
      problems.push(`failed: ${test}\n${here.reason}`);
    } else if (here.outcome === "skipped" && onNode !== "skipped") {
      problems.push(`was skipped: ${test}`);
    }
  }
  for (const { tests } of exceptions) {
    if (![...expected.keys()].some((test) => tests.test(test)))
      problems.push(`no test has the name ${tests}`);
  }
  return problems;
}

function summary(name: RuntimeName, ran: Report, expected: Report): string {
  // Deno counts what was skipped as passed.
  const skipped = [...expected].filter(([, { outcome }]) => outcome === "skipped").length;
  const passed = [...expected].filter(
    ([test, { outcome }]) => outcome === "passed" && ran.get(test)?.outcome === "passed",
  ).length;
  const lines = EXCEPTIONS[name].map(({ tests, reason }) => {
    const count = [...expected.keys()].filter((test) => tests.test(test)).length;
    return `  ${count} cannot: ${reason}`;
  });
  const title = `${name} ${PINS[name].version}: ${passed} of ${expected.size} tests passed`;
  return [`${title}, ${skipped} are skipped on Node.js too`, ...lines].join("\n");
}

async function run(name: RuntimeName, node: Report): Promise<boolean> {
  const ran = await RUNTIMES[name].test();
  const expected = expectedOn(name, node);
  const problems = problemsOf(name, ran, expected);
  console.log(summary(name, ran, expected));
  for (const problem of problems) console.error(`  ${problem}`);
  for (const example of EXAMPLES) {
    const { origin, close } = await RUNTIMES[name].serve(example);
    try {
      await visit(origin);
    } finally {
      await close();
    }
  }
  return problems.length === 0;
}

const names = Object.keys(RUNTIMES) as RuntimeName[];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.some((known) => known === name));
if (unknown.length > 0)
  throw new Error(`There is no runtime ${unknown.join(", ")}, only ${names.join(", ")}.`);
const node = onNode();
if (node.size === 0) throw new Error("No tests ran on Node.js.");
let good = true;
for (const name of names)
  if (asked.length === 0 || asked.includes(name)) good = (await run(name, node)) && good;
if (!good) process.exitCode = 1;
