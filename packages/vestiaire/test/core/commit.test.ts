// The commit table, enumerated: every situation has exactly one row, and the row is the one that the design gives it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Intent, type Opened, type Plan, plan, type Situation } from "../../src/core/commit.ts";

const BOTH = [false, true];
const INTENTS: readonly Intent[] = ["keep", "rotate", "replace", "end"];

const all: Situation[] = [];
for (const opened of ["nothing", "live"] satisfies Opened[])
  for (const intent of INTENTS)
    for (const changed of BOTH)
      for (const refreshDue of BOTH)
        for (const cookieSent of BOTH)
          for (const superseded of BOTH)
            for (const failed of BOTH)
              for (const head of BOTH)
                all.push({ opened, intent, changed, refreshDue, cookieSent, superseded, failed, head });

/** The design's table, as a list of rows: the first that fits holds. */
const ROWS: readonly [
  name: string,
  fits: (s: Situation) => boolean,
  store: Plan["store"],
  cookie: Plan["cookie"],
][] = [
  ["HEAD commits nothing", (s) => s.head, "none", "none"],
  ["a failed response drops everything but end", (s) => s.failed && s.intent !== "end", "none", "none"],
  ["anonymous, replace", (s) => s.opened === "nothing" && s.intent === "replace", "create", "set"],
  [
    "superseded: may not write, sets no cookie",
    (s) => s.opened === "nothing" && s.superseded,
    "none",
    "none",
  ],
  ["anonymous, changes", (s) => s.opened === "nothing" && s.changed && !s.failed, "create", "set"],
  [
    "anonymous, end, a cookie was sent",
    (s) => s.opened === "nothing" && s.intent === "end" && s.cookieSent,
    "none",
    "clear",
  ],
  ["anonymous, nothing", (s) => s.opened === "nothing", "none", "none"],
  ["live, keep, changes", (s) => s.intent === "keep" && s.changed, "patch", "none"],
  ["live, keep, refresh due", (s) => s.intent === "keep" && s.refreshDue, "refresh", "none"],
  ["live, keep", (s) => s.intent === "keep", "none", "none"],
  ["live, rotate", (s) => s.intent === "rotate", "rotate", "set"],
  ["live, replace", (s) => s.intent === "replace", "replace", "set"],
  ["live, end, then changes", (s) => s.changed && !s.failed, "delete and create", "set"],
  ["live, end", () => true, "delete", "clear"],
];

describe("the commit table", () => {
  const used = new Set<string>();
  test(`gives each of the ${all.length} situations its row`, () => {
    for (const situation of all) {
      const row = ROWS.find(([, fits]) => fits(situation));
      assert.ok(row);
      const [name, , store, cookie] = row;
      used.add(name);
      assert.deepEqual(plan(situation), { store, cookie }, `${name}: ${JSON.stringify(situation)}`);
    }
  });

  test("has no row that nothing reaches", () => {
    assert.deepEqual(
      ROWS.map(([name]) => name).filter((name) => !used.has(name)),
      [],
    );
  });

  test("never creates for the anonymous who changed nothing and did not sign in", () => {
    for (const situation of all) {
      if (situation.opened === "live" || situation.changed || situation.intent === "replace") continue;
      assert.equal(plan(situation).store, "none");
    }
  });
});
