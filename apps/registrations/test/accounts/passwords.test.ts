// Passwords as they are kept, and how much work it takes to look at one.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mock, test } from "node:test";

// The real library, with its calls counted. It has to be wrapped before the module under test takes its functions.
const argon2: typeof import("@node-rs/argon2") = createRequire(import.meta.url)("@node-rs/argon2");
const verify = mock.method(argon2, "verify");
const { Passwords } = await import("../../src/accounts/passwords.ts");

const cheap = { memory: 64, passes: 2 };
const PASSWORD = "four unrelated words, say";

test("a password is kept as argon2id with the configured effort and opens its own hash only", async () => {
  const passwords = new Passwords(cheap);
  const hash = await passwords.hash(PASSWORD);
  assert.match(hash, /^\$argon2id\$v=19\$m=64,t=2,p=1\$/);
  assert.notEqual(await passwords.hash(PASSWORD), hash, "salted");
  assert.equal(await passwords.verify(hash, PASSWORD), true);
  assert.equal(await passwords.verify(hash, `${PASSWORD} `), false);
});

test("a password is the same however its characters are composed", async () => {
  const passwords = new Passwords(cheap);
  const hash = await passwords.hash("caf\u00e9 \ufb01n \uff41");
  assert.equal(await passwords.verify(hash, "cafe\u0301 fin a"), true);
  assert.equal(
    await passwords.verify(await passwords.hash("cafe\u0301 fin a"), "caf\u00e9 \ufb01n \uff41"),
    true,
  );
});

test("no character of a long password is ignored", async () => {
  const passwords = new Passwords(cheap);
  const long = "x".repeat(1_023);
  const hash = await passwords.hash(`${long}a`);
  assert.equal(await passwords.verify(hash, `${long}b`), false);
  assert.equal(await passwords.verify(hash, `${long}a`), true);
});

test("P5: nobody's password takes the same work as somebody's, and is wrong", async () => {
  const passwords = new Passwords({ memory: 128, passes: 3 });
  const hash = await passwords.hash(PASSWORD);
  verify.mock.resetCalls();
  assert.equal(await passwords.verify(hash, PASSWORD), true);
  assert.equal(await passwords.verify(null, PASSWORD), false);
  assert.equal(await passwords.verify(null, ""), false);
  const [known, ...unknown] = verify.mock.calls.map(({ arguments: [hashed] }) => argon2.parseOptions(hashed));
  assert.deepEqual(unknown, [known, known]);
});

test("P3: a hash is outdated when it took less effort than is configured, in any way", async () => {
  const passwords = new Passwords(cheap);
  const hash = await passwords.hash(PASSWORD);
  assert.equal(passwords.isOutdated(hash), false);
  assert.equal(new Passwords({ memory: 128, passes: 2 }).isOutdated(hash), true);
  assert.equal(new Passwords({ memory: 64, passes: 3 }).isOutdated(hash), true);
  assert.equal(new Passwords({ memory: 32, passes: 1 }).isOutdated(hash), false, "more than needed is kept");
  assert.equal(passwords.isOutdated(hash.replace("argon2id", "argon2i")), true);
  assert.equal(passwords.isOutdated(hash.replace("v=19", "v=16")), true);
});

test("P3: a hash of other parameters still opens", async () => {
  const hash = await new Passwords(cheap).hash(PASSWORD);
  assert.equal(await new Passwords({ memory: 256, passes: 1 }).verify(hash, PASSWORD), true);
});

test("of a rush of sign-ins two are worked on at once, in their order, and a broken one holds up nobody", async () => {
  const passwords = new Passwords(cheap);
  const started: string[] = [];
  let running = 0;
  let most = 0;
  const original = verify.mock.calls.length;
  verify.mock.mockImplementation(async (_hash, password) => {
    started.push(String(password));
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    if (password === "3") throw new Error("broken");
    return true;
  });
  const names = Array.from({ length: 20 }, (_, index) => String(index));
  const ended = await Promise.allSettled(names.map((name) => passwords.verify(null, name)));
  verify.mock.restore();
  assert.equal(original + 20, verify.mock.calls.length);
  assert.equal(most, 2);
  assert.deepEqual(started, names);
  assert.deepEqual(
    ended.flatMap(({ status }, index) => (status === "rejected" ? [index] : [])),
    [3],
  );
});
