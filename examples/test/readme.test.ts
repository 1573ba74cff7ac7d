// The README's login app, taken out of the README and run, so that what newcomers copy is what works.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Running } from "./running.ts";

test("the README's twenty lines are the login app", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const listens = "serve({ fetch: app.fetch, port: 5000 });";
  assert.ok(code.includes(listens));
  const name = `readme-${process.pid}`;
  const app = fileURLToPath(new URL(`../hono/${name}.ts`, import.meta.url));
  const announced =
    'serve({ fetch: app.fetch, port: 0 }, ({ port }) => console.log("http://localhost:" + port));';
  writeFileSync(app, code.replace(listens, announced));
  try {
    const running = await Running.start(`hono/${name}.ts`);
    try {
      const cookie = await running.signIn("Alice");
      const { status, body } = await running.ask("GET", "/", { cookie });
      assert.deepEqual([status, body.includes("Alice")], [200, true]);
    } finally {
      await running.stop();
    }
  } finally {
    rmSync(app);
  }
});
