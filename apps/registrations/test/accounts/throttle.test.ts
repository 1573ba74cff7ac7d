// P4: guessing is throttled by account and by address, and the account's owner still gets in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "vestiaire";
import { Throttle } from "../../src/accounts/throttle.ts";
import { openDatabase } from "../../src/database/open.ts";
import type { Database } from "../../src/database/schema.ts";
import { eachDatabase } from "../support/databases.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23);

function throttleOn(database: Database, signUpsPerHour = 3) {
  const clock = { ...systemClock, time: START, now: () => clock.time };
  return { clock, throttle: new Throttle(database, { clock, signUpsPerHour }) };
}

const stranger = { nameKey: "ada", address: "192.0.2.1", device: null };
const owner = { nameKey: "ada", address: "192.0.2.1", device: "a".repeat(64) };

/** Tries one after the other; how many of them may go ahead. */
async function passing(times: number, attempt: (index: number) => Promise<number>): Promise<number> {
  let passed = 0;
  for (let index = 0; index < times; index++) if ((await attempt(index)) === 0) passed++;
  return passed;
}

const addressOf = (index: number) => `198.51.${index >> 8}.${index & 255}`;

eachDatabase("P4: of 100 guesses at once, five are looked at", async ({ database }) => {
  const { throttle } = throttleOn(database);
  const waits = await Promise.all(Array.from({ length: 100 }, () => throttle.signIn(stranger)));
  assert.equal(waits.filter((wait) => wait === 0).length, 5);
  assert.ok(
    waits.every((wait) => wait === 0 || wait === 900),
    "the others learn when to come back",
  );
});

eachDatabase("P4: of 100 guesses at once from everywhere, 40 are looked at", async ({ database }) => {
  const { throttle } = throttleOn(database);
  const waits = await Promise.all(
    Array.from({ length: 100 }, (_, index) => throttle.signIn({ ...stranger, address: addressOf(index) })),
  );
  assert.equal(waits.filter((wait) => wait === 0).length, 40);
  assert.ok(waits.every((wait) => wait === 0 || wait === 3_600));
});

eachDatabase("P4: one address tries 100 names, however they are", async ({ database }) => {
  const { throttle } = throttleOn(database);
  const waits = await Promise.all(
    Array.from({ length: 150 }, (_, index) => throttle.signIn({ ...stranger, nameKey: `name ${index}` })),
  );
  assert.equal(waits.filter((wait) => wait === 0).length, 100);
});

eachDatabase("P4: a restart forgives nothing", async ({ database, url }) => {
  assert.equal(await passing(9, () => throttleOn(database).throttle.signIn(stranger)), 5);
  const again = await openDatabase(url);
  try {
    assert.equal(await passing(3, () => throttleOn(again).throttle.signIn(stranger)), 0);
  } finally {
    await again.destroy();
  }
});

eachDatabase("P4: whoever guesses, the owner's browser gets in", async ({ database }) => {
  const { throttle } = throttleOn(database);
  await passing(100, (index) => throttle.signIn({ ...stranger, address: addressOf(index) }));
  await passing(120, (index) => throttle.signIn({ ...stranger, nameKey: `name ${index}` }));
  assert.notEqual(
    await throttle.signIn({ ...stranger, address: "203.0.113.9" }),
    0,
    "strangers are shut out",
  );
  assert.equal(await throttle.signIn(owner), 0);
});

eachDatabase("P4: one address alone does not shut out the other strangers", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  for (let minute = 0; minute < 59; minute++) {
    await passing(10, () => throttle.signIn(stranger));
    clock.time += MINUTE;
  }
  assert.equal(await throttle.signIn({ ...stranger, address: "203.0.113.9" }), 0);
});

eachDatabase("P4: a browser that is known guesses ten times, and costs no other", async ({ database }) => {
  const { throttle } = throttleOn(database);
  assert.equal(await passing(30, () => throttle.signIn(owner)), 10);
  assert.equal(await throttle.signIn({ ...owner, device: "b".repeat(64) }), 0);
  assert.equal(await throttle.signIn(stranger), 0);
});

eachDatabase("P4: who signs in is not counted, however often", async ({ database }) => {
  const { throttle } = throttleOn(database);
  for (const attempt of [stranger, owner]) {
    const passed = await passing(120, async (index) => {
      const each = { ...attempt, nameKey: `name ${index % 2}` };
      const wait = await throttle.signIn(each);
      await throttle.signedIn(each);
      return wait;
    });
    assert.equal(passed, 120);
  }
  assert.equal(
    await passing(9, () => throttle.signIn({ ...stranger, nameKey: "name 0" })),
    5,
    "and has no credit",
  );
});

eachDatabase("P4: a success that ends after its time is over earns no credit", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  await passing(5, () => throttle.signIn(stranger));
  clock.time += 61 * MINUTE;
  await passing(1, () => throttle.signIn(stranger));
  for (let index = 0; index < 5; index++) await throttle.signedIn(stranger);
  assert.equal(await passing(20, () => throttle.signIn(stranger)), 5);
  clock.time += 61 * MINUTE;
  for (let index = 0; index < 5; index++) await throttle.signedIn(stranger);
  assert.equal(await passing(20, () => throttle.signIn(stranger)), 5);
});

eachDatabase("P4: who is refused by one limit uses up no other", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  await passing(40, (index) => throttle.signIn({ ...stranger, address: addressOf(index) }));
  clock.time += 50 * MINUTE;
  assert.equal(await passing(8, () => throttle.signIn(stranger)), 0);
  clock.time += 10 * MINUTE;
  assert.equal(await passing(8, () => throttle.signIn(stranger)), 5);
});

eachDatabase("P4: a limit ends when it said, and begins anew", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  await passing(5, () => throttle.signIn(stranger));
  clock.time += 5 * MINUTE + 1;
  const wait = await throttle.signIn(stranger);
  assert.equal(wait, 600);
  clock.time += wait * 1_000 - 2;
  assert.equal(await throttle.signIn(stranger), 1);
  clock.time += 1;
  assert.equal(await passing(9, () => throttle.signIn(stranger)), 5);
});

eachDatabase("P4: an address makes as many accounts an hour as are allowed", async ({ database }) => {
  const { clock, throttle } = throttleOn(database, 3);
  assert.equal(await passing(9, () => throttle.signUp("192.0.2.1")), 3);
  assert.equal(await throttle.signUp("192.0.2.2"), 0);
  clock.time += 60 * MINUTE;
  assert.equal(await throttle.signUp("192.0.2.1"), 0);
});

eachDatabase("P4: an address has 300 new passwords judged in a quarter of an hour", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  assert.equal(await passing(310, () => throttle.newPassword("192.0.2.1")), 300);
  assert.equal(await throttle.newPassword("192.0.2.2"), 0);
  clock.time += 15 * MINUTE;
  assert.equal(await throttle.newPassword("192.0.2.1"), 0);
});

for (const [address, same, other] of [
  ["2001:db8:0:7::1", "2001:DB8:0:7:ffff:1:2:3", "2001:db8:0:8::1"],
  ["2001:db8::1", "2001:db8:0:0:5::", "2001:db8:1::1"],
  ["::1", "0:0:0:0:9:8:7:6", "0:0:0:1::1"],
  ["fe80::1%eth0", "fe80::2", "fe81::1"],
  ["::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"],
] as const) {
  test(`P4: ${address} counts as ${same} does, and not as ${other}`, async () => {
    const database = await openDatabase("sqlite::memory:");
    const { throttle } = throttleOn(database, 1);
    assert.equal(await throttle.signUp(address), 0);
    assert.notEqual(await throttle.signUp(same), 0);
    assert.equal(await throttle.signUp(other), 0);
    await database.destroy();
  });
}

eachDatabase("P4: confirming a password is counted by person", async ({ database }) => {
  const { throttle } = throttleOn(database);
  const waits = await Promise.all(Array.from({ length: 100 }, () => throttle.confirm("one")));
  assert.equal(waits.filter((wait) => wait === 0).length, 10);
  assert.equal(await throttle.confirm("another"), 0);
  const passed = await passing(30, async () => {
    const wait = await throttle.confirm("third");
    await throttle.confirmed("third");
    return wait;
  });
  assert.equal(passed, 30);
});

eachDatabase("counts that are over leave the table", async ({ database }) => {
  const { clock, throttle } = throttleOn(database);
  for (let index = 0; index < 400; index++) {
    await throttle.signUp(addressOf(index));
    clock.time += MINUTE;
  }
  const { rows } = await database
    .selectFrom("attempts")
    .select(({ fn }) => fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  assert.ok(Number(rows) <= 60 + 100, `${rows} rows`);
});

eachDatabase("a purge that fails keeps nobody out", async ({ database }) => {
  let failed = 0;
  const failing = database.withPlugin({
    transformQuery: ({ node }) => {
      if (node.kind !== "DeleteQueryNode") return node;
      failed++;
      throw new Error("deadlock detected");
    },
    transformResult: async ({ result }) => result,
  });
  const { throttle } = throttleOn(failing, 200);
  assert.equal(await passing(110, () => throttle.signUp("192.0.2.1")), 110);
  assert.equal(failed, 1);
});

eachDatabase("the table says neither names nor addresses", async ({ database }) => {
  const { throttle } = throttleOn(database);
  const secret = { nameKey: "typed-my-password-here", address: "192.0.2.77", device: null };
  await throttle.signIn(secret);
  await throttle.signIn({ ...secret, device: "device-fingerprint" });
  await throttle.signUp(secret.address);
  const rows = JSON.stringify(await database.selectFrom("attempts").selectAll().execute());
  assert.match(rows, /sign-in\.stranger:[0-9a-f]{64}/);
  assert.doesNotMatch(rows, /typed-my-password-here|192\.0\.2\.77|device-fingerprint/);
});

eachDatabase("where nothing can be counted, nobody goes ahead", async ({ database, url }) => {
  const { throttle } = throttleOn(database);
  const other = await openDatabase(url);
  await other.schema.dropTable("attempts").execute();
  await other.destroy();
  for (const counting of [
    () => throttle.signIn(stranger),
    () => throttle.signIn(owner),
    () => throttle.signedIn(owner),
    () => throttle.signUp("192.0.2.1"),
    () => throttle.confirm("one"),
    () => throttle.confirmed("one"),
  ]) {
    await assert.rejects(counting, /attempts/);
  }
});
