// What an import loads: of each entry point its own files and Node's, and nothing else. No framework, no driver, and none
// of the library's other adapters and stores; those come when they are imported or, for drivers, when they are needed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import module from "node:module";
import { dirname, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  exports: Record<string, object>;
};
const entries = Object.keys(manifest.exports).map((path) => path.replace(/^\./, "vestiaire"));
/** Where the library's own files are: `src` in the repository, `dist` in the built package. */
const library = dirname(fileURLToPath(import.meta.resolve("vestiaire")));

const COUNT = `
  import { registerHooks } from "node:module";
  const files = new Set();
  registerHooks({ load: (url, ...rest) => { files.add(url); return rest.at(-1)(url, rest[0]); } });
  await import(process.argv[1]);
  console.log(JSON.stringify([...files].filter((url) => !url.startsWith("node:"))));
`;

/** The files that a new process loads for this import, relative to the library, without their extension. */
function filesOf(entry: string): string[] {
  const args = [...process.execArgv, "--input-type=module", "-e", COUNT, entry];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  const urls = JSON.parse(stdout) as string[];
  return urls.map((url) => relative(library, fileURLToPath(url)).replace(/\.[jt]s$/, ""));
}

/** Entry points that call the package they are for, which loads what it loads. */
const CALLED: Readonly<Record<string, string>> = {
  "vestiaire/elysia": "elysia",
  "vestiaire/h3": "h3",
  "vestiaire/observed": "@opentelemetry/api",
};
const ADAPTERS = [
  ...["fetch", "hono", "node", "express", "fastify", "koa"],
  ...["h3", "elysia", "react-router", "next"],
];

// Node has the hooks since 22.15.
describe("an import loads", { skip: !("registerHooks" in module) }, () => {
  for (const entry of entries) {
    test(`of ${entry} nothing but the library`, () => {
      const files = filesOf(entry);
      assert.notEqual(files.length, 0);
      const called = CALLED[entry];
      const allowed = called === undefined ? [] : filesOf(called);
      assert.deepEqual(
        files.filter((file) => file.startsWith("..") && !allowed.includes(file)),
        [],
      );
    });
  }

  for (const adapter of ADAPTERS) {
    test(`of vestiaire/${adapter} one adapter, and no store`, () => {
      const files = filesOf(`vestiaire/${adapter}`).filter((file) => !file.startsWith(".."));
      const isAdapter = (file: string) => ADAPTERS.some((name) => file === `adapters/${name}`);
      assert.deepEqual(
        files.filter((file) => isAdapter(file) || file.startsWith("stores/")),
        [`adapters/${adapter}`],
      );
      assert.ok(files.length < 50, `${files.length} modules`);
    });
  }
});
