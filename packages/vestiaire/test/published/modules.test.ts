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

/** Entry points that say themselves what they need. */
const NEEDED: Readonly<Record<string, string>> = { "vestiaire/observed": "@opentelemetry/api" };
const ADAPTERS = ["fetch", "hono", "node", "express", "fastify", "koa"];

// Node has the hooks since 22.15.
describe("an import loads", { skip: !("registerHooks" in module) }, () => {
  for (const entry of entries) {
    test(`of ${entry} nothing but the library`, () => {
      const files = filesOf(entry);
      assert.notEqual(files.length, 0);
      const needed = `node_modules/${NEEDED[entry]}/`;
      assert.deepEqual(
        files.filter((file) => file.startsWith("..") && !file.includes(needed)),
        [],
      );
    });
  }

  for (const adapter of ADAPTERS) {
    test(`of vestiaire/${adapter} one adapter, and no store`, () => {
      const others = [...ADAPTERS.map((name) => `adapters/${name}`), "stores/"];
      const files = filesOf(`vestiaire/${adapter}`);
      assert.deepEqual(
        files.filter((file) =>
          others.some((other) => file === other || (other.endsWith("/") && file.startsWith(other))),
        ),
        [`adapters/${adapter}`],
      );
      assert.ok(files.length < 50, `${files.length} modules`);
    });
  }
});
