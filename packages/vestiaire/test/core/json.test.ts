// Values: what JSON carries comes back exactly, and what it does not is refused where it is set, with its path.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { InvalidValueError, SessionTooLargeError } from "../../src/core/errors.ts";
import { decode, encode, MAX_DEPTH } from "../../src/core/json.ts";
import { house, type Visitor } from "./visits.ts";

describe("a value", () => {
  test("comes back exactly: -0, lone surrogates, NUL and hostile keys included", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary", noUnicodeString: false } as object), (value) => {
        assert.deepEqual(decode(encode(value, "v")), value);
      }),
    );
    for (const value of [-0, "\u0000", "\ud800", "\udfff\ud800", 1e21, 5e-324, Number.MAX_SAFE_INTEGER]) {
      assert.ok(Object.is(decode(encode(value, "v")), value));
    }
  });

  test("of any string keeps every code unit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const text = String.fromCharCode(...units);
        assert.equal(decode(encode(text, "v")), text);
      }),
    );
  });

  class Point {
    x = 1;
  }
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const refused: [what: string, value: unknown, path: string][] = [
    ["undefined", undefined, "v"],
    ["NaN", Number.NaN, "v"],
    ["an infinity", { a: [1, Number.POSITIVE_INFINITY] }, "v.a[1]"],
    ["a bigint", { a: 1n }, "v.a"],
    ["a function", { a: { b: () => {} } }, "v.a.b"],
    ["a symbol", Symbol("s"), "v"],
    ["a date", { when: new Date(0) }, "v.when"],
    ["a map", [new Map()], "v[0]"],
    ["an instance of a class", { p: new Point() }, "v.p"],
    ["undefined in an array", [1, undefined], "v[1]"],
    ["a hole", new Array(1), "v[0]"],
    ["a promise", Promise.resolve(1), "v"],
  ];
  for (const [what, value, path] of refused) {
    test(`that is ${what} is refused, with the path of the bad part`, () => {
      assert.throws(
        () => encode(value, "v"),
        (error) =>
          error instanceof InvalidValueError && error.path === path && error.message.startsWith(path),
      );
    });
  }

  test("T13 that nests too deep, or contains itself, is refused", () => {
    let deep: unknown = 1;
    for (let level = 0; level < MAX_DEPTH; level++) deep = [deep];
    assert.deepEqual(decode(encode(deep, "v")), deep);
    assert.throws(() => encode([deep], "v"), SessionTooLargeError);
    assert.throws(() => encode(cyclic, "v"), SessionTooLargeError);
  });

  test("T13 of 5 MB is refused where it is set, and the stored session is unharmed", async () => {
    const { browser } = house();
    const alice = browser();
    await alice.visit((session) => session.set("name", "Alice"));
    await alice.visit((session) => {
      assert.throws(() => session.set("note", "x".repeat(5_000_000)), SessionTooLargeError);
      assert.throws(() => session.update("note", () => "x".repeat(5_000_000)), SessionTooLargeError);
      assert.equal(session.data.note, undefined);
    });
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice" });
  });

  test("T13 that an update computes anew from a fresher record is held to the bounds as well", async () => {
    const { browser } = house({ limits: { bytes: 1_000 } });
    const alice = browser();
    await alice.visit((session) => session.set("note", "x"));
    const slow = await alice.start();
    slow.session.update("note", (note) => `${note}${note}`);
    await alice.visit((session) => session.set("note", "x".repeat(600)));
    await assert.rejects(slow.end(), { code: "SESSION_TOO_LARGE" });
    assert.equal((await alice.read()).note?.length, 600);
  });

  test("T12 under the keys __proto__, constructor and prototype is inert, at the top and nested", async () => {
    const { browser } = house();
    const alice = browser();
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    await alice.visit((session) => {
      for (const key of ["__proto__", "constructor", "prototype"]) session.set(key as keyof Visitor, hostile);
    });
    const data = (await alice.read()) as Record<string, unknown>;
    assert.deepEqual(Object.keys(data).sort(), ["__proto__", "constructor", "prototype"]);
    assert.deepEqual(data.constructor, hostile);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal((await house().browser().read())["constructor" as "name"], undefined);
  });

  test("is frozen in the handler's view, and later changes of the original do not reach the session", async () => {
    const { browser } = house();
    await browser().visit((session) => {
      const cart = ["pear"];
      session.set("cart", cart);
      cart.push("apple");
      assert.deepEqual(session.data.cart, ["pear"]);
      assert.ok(Object.isFrozen(session.data) && Object.isFrozen(session.data.cart));
    });
  });
});
