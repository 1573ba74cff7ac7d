// What the store promises about processes that are killed, tried with real ones. VESTIAIRE_CRASH_ROUNDS sets how many
// times one is killed or stopped: a first impression by default, and 1,000 in `npm run check`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crashTrial, TRIAL_MUTANTS } from "./crash-trial.ts";
import { newDirectory } from "./support.ts";

const ROUNDS = Number(process.env.VESTIAIRE_CRASH_ROUNDS ?? 60);
const SEED = Number(process.env.VESTIAIRE_CRASH_SEED ?? 1);

test("no acknowledged change is lost, and no ended session comes back, when processes are killed", async (t) => {
  const figures = await crashTrial(newDirectory(t), ROUNDS, SEED);
  t.diagnostic(JSON.stringify(figures));
  assert.equal(figures.kills + figures.stops, ROUNDS);
  assert.ok(figures.acknowledged > ROUNDS);
});

for (const mutant of Object.keys(TRIAL_MUTANTS)) {
  test(`the trial notices the ${mutant} mutant`, async (t) => {
    await assert.rejects(
      crashTrial(newDirectory(t), 20, SEED, mutant),
      /lost|counted twice|came back|stuck|took a change/,
    );
  });
}
