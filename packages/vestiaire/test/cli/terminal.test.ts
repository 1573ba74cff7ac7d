// What people see at a terminal: questions before much is ended, a bar that moves, and nothing that moves the cursor.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { removeExpired } from "../../src/cli/commands/sweep.ts";
import { run } from "../../src/cli/run.ts";
import { OpenedStore } from "../../src/cli/store.ts";
import { moment, printable, quoted } from "../../src/cli/terminal.ts";
import type { Sweep } from "../../src/core/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { terminal } from "./terminal.ts";

describe("at a terminal", () => {
  test("a question comes before the sessions of a user or of everybody are ended", async () => {
    for (const which of [["--user", "al\u001bice"], ["--all"]]) {
      const no = terminal(true);
      assert.equal(await run(["end", ...which, "--store", "memory:"], no.terminal), 1);
      assert.deepEqual([no.questions.length, no.printed, no.noted], [1, [], ["Nothing was ended."]]);
      const yes = terminal(true, true);
      assert.equal(await run(["end", ...which, "--store", "memory:"], yes.terminal), 0);
      assert.deepEqual([yes.questions.length, yes.printed], [1, ["Ended 0 sessions."]]);
      const unasked = terminal(true);
      assert.equal(await run(["end", ...which, "--yes", "--store", "memory:"], unasked.terminal), 0);
      assert.deepEqual(unasked.questions, []);
    }
  });

  test("what moves the cursor or does not show is escaped, and nothing else", () => {
    assert.equal(
      printable("a\u001b[2J\u009b1m\u202e\u2028\ud800\u007f\r\t"),
      "a\\u001b[2J\\u009b1m\\u202e\\u2028\\ud800\\u007f\\u000d\\u0009",
    );
    assert.equal(printable("é 日本 😀 “x”\n"), "é 日本 😀 “x”\n");
    assert.equal(JSON.parse(printable(JSON.stringify("\u009b\u{e0001}\u0000"))), "\u009b\u{e0001}\u0000");
  });

  test("a name that could be something else is quoted", () => {
    for (const name of ["alice", "alice@example.org", "Zoë_2"]) assert.equal(quoted(name), name);
    for (const name of ["-", "", "--all", "a b", "a\n", '"', "x\u202e"]) assert.notEqual(quoted(name), name);
  });

  test("a time that no calendar has is a number", () => {
    assert.equal(moment(0), "1970-01-01T00:00:00Z");
    assert.equal(moment(1e300), "1e+300");
  });
});

describe("sweeping", () => {
  const BATCHES: readonly Sweep[] = [
    { removed: 500, more: true },
    { removed: 0, more: true },
    { removed: 7, more: false },
  ];

  test("goes on in bounded batches until nothing is left", async () => {
    const limits: number[] = [];
    const store = memoryStore();
    store.sweep = (_, limit) => BATCHES[limits.push(limit) - 1] ?? { removed: 0, more: false };
    assert.equal(await removeExpired(new OpenedStore(store), terminal(false).terminal), 507);
    assert.deepEqual(limits, [500, 500, 500]);
  });

  for (const isInteractive of [true, false]) {
    test(`shows ${isInteractive ? "a bar that goes away" : "lines"} while it takes long`, async (t) => {
      let now = 0;
      t.mock.method(performance, "now", () => now);
      let call = 0;
      const store = memoryStore();
      store.sweep = () => {
        now += 6_000;
        call += 1;
        return { removed: 1_000, more: call < 3 };
      };
      const { terminal: screen, noted, progress } = terminal(isInteractive);
      await removeExpired(new OpenedStore(store), screen);
      const said = ["1,000", "2,000", "3,000"].map((number) => `Removed ${number} expired sessions …`);
      if (isInteractive) {
        assert.deepEqual(
          progress.slice(0, 3).map((line) => line.replace(/^\[ *=+ *\] /, "")),
          said,
        );
        assert.ok(new Set(progress).size === 4 && progress.at(-1) === "");
        assert.deepEqual(noted, []);
      } else {
        assert.deepEqual([progress, noted], [[], said]);
      }
    });
  }
});
