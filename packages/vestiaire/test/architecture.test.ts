// The layers: apps lean on adapters and stores, those on the core, and the core on nobody. Read from the imports
// themselves, so that a shortcut taken today fails today.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const files = globSync("src/**/*.ts", { cwd: root });

interface Import {
  readonly file: string;
  readonly from: string;
  /** Only types are taken, which are gone at run time. */
  readonly typeOnly: boolean;
  /** It is imported when that line is reached. */
  readonly dynamic: boolean;
}

/** Every import and re-export of the file; relative ones as paths below the package. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)";|^import\s+"([^"]+)";|import\("([^"]+)"\)/gm,
  );
  return [...found].map(([, typeOnly, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? "";
    const path = target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
    return { file, from: path, typeOnly: typeOnly !== undefined, dynamic: dynamic !== undefined };
  });
}

const imports = files.flatMap(importsOf);
const from = (layer: string) => imports.filter(({ file }) => file.startsWith(layer));
const strays = (layer: string, allowed: (from: string) => boolean) =>
  from(layer)
    .filter(({ from }) => !allowed(from))
    .map(({ file, from }) => `${file} imports ${from}`);

const inside =
  (...folders: string[]) =>
  (path: string) =>
    folders.some((folder) => path.startsWith(folder));
const isNode = inside("node:");

describe("the layers", () => {
  test("are seen by this test", () => {
    assert.ok(files.length > 40 && imports.length > 100);
    assert.ok(from("src/core/").some(({ typeOnly }) => typeOnly));
  });

  test("the core imports the core and Node, no framework and no database", () => {
    const databases = new Set(["node:sqlite", "node:fs", "node:http"]);
    const allowed = (path: string) => inside("src/core/")(path) || (isNode(path) && !databases.has(path));
    assert.deepEqual(strays("src/core/", allowed), []);
  });

  test("stores import the core, Node and what is theirs, no adapter and no other store", () => {
    const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const allowed = (path: string) =>
      inside("src/core/", "src/stores/")(path) || isNode(path) || path in peerDependencies;
    assert.deepEqual(strays("src/stores/", allowed), []);
    const storeOf = (path: string) => path.split("/")[2]?.replace(/\.ts$/, "");
    const crossed = from("src/stores/").filter(
      ({ file, from }) => from.startsWith("src/stores/") && storeOf(file) !== storeOf(from),
    );
    // This one opens any of them, and imports each when it is asked for.
    assert.deepEqual(
      crossed.filter(({ file, dynamic }) => !(file === "src/stores/open.ts" && dynamic)),
      [],
    );
  });

  test("the CLI imports the core, stores and Node, no driver; nothing imports the CLI", () => {
    const allowed = (path: string) => inside("src/cli/", "src/core/", "src/stores/")(path) || isNode(path);
    assert.deepEqual(strays("src/cli/", allowed), []);
    assert.deepEqual(
      imports.filter(({ file, from }) => !file.startsWith("src/cli/") && from.startsWith("src/cli/")),
      [],
    );
  });

  test("adapters import the core, Node and their framework, no store", () => {
    for (const { file, from: path } of from("src/adapters/")) {
      const own = path === basename(file, ".ts");
      assert.ok(own || isNode(path) || inside("src/core/", "src/adapters/")(path), `${file} imports ${path}`);
    }
  });

  test("frameworks are imported for their types alone, where types are all that is needed", () => {
    const needsTypes = new Set(["fastify", "hono", "koa", "react-router"]);
    assert.deepEqual(
      imports.filter(({ from, typeOnly }) => needsTypes.has(from) && !typeOnly),
      [],
    );
  });

  test("the suites import the core and the memory store, no other store and no adapter", () => {
    const ours = inside("src/core/", "src/testing/", "src/stores/memory.ts");
    const allowed = (path: string) => ours(path) || isNode(path);
    assert.deepEqual(strays("src/testing/", allowed), []);
  });

  test("every entry point is one source file", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const [entry, { source, types, default: built }] of Object.entries<Record<string, string>>(
      exports,
    )) {
      assert.ok(source && files.includes(normalize(source)), entry);
      const name = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
      assert.deepEqual([types, built], [`${name}.d.ts`, `${name}.js`]);
    }
  });
});
