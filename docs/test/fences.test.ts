// Every piece of TypeScript on a page is compiled. Most are files that the pages include; those that stand on the page
// itself are taken out here. A piece that needs something around it says so in a comment before it, which readers do not
// see: `<!-- before: declare const app: Hono; -->`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const FENCE = /(?:<!-- before:\s(.*?)-->\s*)?^ *```(?:ts|tsx|typescript)\b[^\n]*\n(.*?)^ *```$/gms;

const pages = [
  ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/node_modules", "docs/api"] }),
  ...globSync("{*.md,packages/vestiaire/README.md}", { cwd: root }),
];

test("every TypeScript on a page compiles", () => {
  const folder = mkdtempSync(join(tmpdir(), "fences-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    // Where the README's program finds its pages.
    symlinkSync(join(root, "examples/pages"), join(folder, "pages"));
    mkdirSync(join(folder, "fences"));
    const places = new Map<string, string>();
    for (const page of pages) {
      const text = readFileSync(join(root, page), "utf8");
      for (const { 0: all, 1: before = "", 2: code = "", index } of text.matchAll(FENCE)) {
        const line = text.slice(0, index + all.indexOf("```")).split("\n").length;
        const name = `fences/${places.size}.tsx`;
        places.set(name, `${page}:${line}`);
        writeFileSync(join(folder, name), `${before}\n${code}\nexport {};\n`);
      }
    }
    assert.ok(places.size > 0);
    const options = { noUnusedLocals: false, noUnusedParameters: false, jsx: "preserve" };
    const config = { extends: join(root, "tsconfig.json"), compilerOptions: options, include: ["fences"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["--project", folder, "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.ifError(tsc.error);
    const complaints = tsc.stdout.replaceAll(/^fences\/\d+\.tsx/gm, (name) => places.get(name) ?? name);
    assert.equal(complaints, "");
    assert.equal(tsc.status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
