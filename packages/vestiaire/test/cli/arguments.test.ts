// What the CLI makes of its arguments: what it does not understand it refuses before anything is done, with exit code 2.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ENGINES } from "../../src/stores/open/place.ts";
import { openStore } from "../../src/stores/open.ts";
import { runHere } from "./terminal.ts";
import { session, vestiaire } from "./vestiaire.ts";

const COMMANDS = ["list", "show", "end", "sweep", "stats", "schema", "doctor"];

describe("the CLI", () => {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-cli-"));
  const url = `sqlite:${join(folder, "sessions.db")}`;
  after(() => rmSync(folder, { recursive: true }));

  test("explains itself and each command", async () => {
    const { code, stdout } = await vestiaire(["--help"]);
    assert.equal(code, 0);
    for (const command of COMMANDS) {
      assert.match(stdout, new RegExp(`^  ${command} `, "m"));
      const help = await runHere([command, "--help"]);
      assert.equal(help.code, 0);
      assert.ok(help.stdout.startsWith(`vestiaire ${command} `));
    }
  });

  test("refuses what it does not understand", async () => {
    const mistakes = [
      [],
      ["lost"],
      ["list", "--lost"],
      ["list", "here"],
      ["list", "--limit", "-1"],
      ["list", "--limit=1e3"],
      ["list", "--user="],
      ["show"],
      ["show", "1234"],
      ["end"],
      ["end", "--all", "--user", "alice", "--yes"],
      ["schema"],
      ["schema", "oracle"],
      ["doctor", "--cookie", "colour=red"],
    ];
    for (const args of mistakes) {
      const { code, stdout, stderr } = await runHere(args.length === 0 ? [] : [...args, "--store", url]);
      assert.deepEqual([code, stdout], [2, ""], args.join(" "));
      assert.doesNotMatch(stderr, /^ +at /m);
    }
    assert.equal((await vestiaire(["list"])).code, 2);
    assert.ok(!existsSync(join(folder, "sessions.db")));
  });

  test("makes no new store where there is none", async () => {
    for (const missing of [`file:${join(folder, "lost")}`, `sqlite:${join(folder, "lost.db")}`]) {
      for (const command of ["list", "sweep", "doctor"]) {
        const { code, stdout, stderr } = await runHere([command, "--store", missing]);
        assert.equal(code, 1);
        assert.match(stdout + stderr, /There is no .*lost/);
      }
    }
    assert.ok(!existsSync(join(folder, "lost")) && !existsSync(join(folder, "lost.db")));
  });

  test("ends nobody's sessions unasked, and repeats no cookie that was taken for an id", async () => {
    const store = await openStore(url);
    const { record, secret } = session("alice");
    await store.create(record, record.createdAt);
    for (const which of [["--user", "alice"], ["--all"]]) {
      const { code, stderr } = await runHere(["end", ...which, "--store", url]);
      assert.equal(code, 2);
      assert.match(stderr, /--yes/);
    }
    for (const args of [["show"], ["end"], ["list"], ["schema"], ["show", record.id]]) {
      const { code, stdout, stderr } = await runHere([...args, `${record.id}.${secret}`, "--store", url]);
      assert.equal(code, 2);
      assert.ok(!`${stdout}${stderr}`.includes(secret), args.join(" "));
      if (args.length === 1 && args[0] !== "list" && args[0] !== "schema")
        assert.match(stderr, /keep it to yourself/);
    }
    assert.notEqual(await store.find(record.id, Date.now()), null);
    await store.close?.();
  });

  test("prints what creates an engine's tables, under any name", async () => {
    const expected = {
      postgres: /create table/,
      mysql: /create table/,
      dynamodb: /create-table/,
      mongodb: /createIndex/,
    };
    for (const engine of ENGINES) {
      const { code, stdout, stderr } = await runHere(["schema", engine]);
      assert.equal(code, 0);
      assert.match(stdout, expected[engine as keyof typeof expected] ?? /^$/);
      assert.equal(stderr === "", engine in expected);
    }
    assert.match((await runHere(["schema", "postgres", "--table", "app.visits"])).stdout, /"app"\."visits"/);
    assert.equal((await runHere(["schema", "postgres", "--table", "a b"])).code, 1);
  });
});
