// The change log against a model: whatever a handler does in whatever order, what the store is sent and what the
// handler sees are what a plain Map would hold, and keys that were not written are never sent.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  type Change,
  checkLimits,
  computeText,
  difference,
  escapeKey,
  replay,
  toPatch,
  viewOf,
} from "../../src/core/changes.ts";
import { SessionTooLargeError } from "../../src/core/errors.ts";
import { encode } from "../../src/core/json.ts";
import { applyPatch, type Data, type SessionRecord } from "../../src/core/record.ts";

const KEYS = ["a", "b", "a.b", "__proto__", "constructor", ""];

type Step =
  | { readonly kind: "set" | "increment"; readonly key: string; readonly value: number }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "clear" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("set" as const, "increment" as const),
    key: fc.constantFrom(...KEYS),
    value: fc.integer(),
  }),
  fc.record({ kind: fc.constant("delete" as const), key: fc.constantFrom(...KEYS) }),
  fc.constant({ kind: "clear" as const }),
);

const data: fc.Arbitrary<Data> = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), fc.integer()))
  .map((entries) => Object.fromEntries(entries.map(([key, value]) => [escapeKey(key), encode(value, key)])));

function changeOf(step: Step): Change {
  if (step.kind === "clear") return { kind: "clear" };
  const key = escapeKey(step.key);
  if (step.kind === "delete") return { kind: "delete", key };
  if (step.kind === "set") return { kind: "set", key, value: encode(step.value, step.key) };
  return {
    kind: "update",
    key,
    compute: computeText(step.key, (n: number | undefined) => (n ?? 0) + step.value),
  };
}

function model(steps: readonly Step[], start: Data): Map<string, number> {
  const map = new Map(Object.entries(start).map(([key, text]) => [JSON.parse(key) as string, Number(text)]));
  for (const step of steps) {
    if (step.kind === "clear") map.clear();
    else if (step.kind === "delete") map.delete(step.key);
    else map.set(step.key, step.kind === "set" ? step.value : (map.get(step.key) ?? 0) + step.value);
  }
  return map;
}

const asMap = (data: Data) => new Map(Object.entries(viewOf(data)));

function recordWith(data: Data): SessionRecord {
  return {
    id: "0".repeat(32),
    revision: 1,
    userId: null,
    secretHashes: { current: "", previous: null, retired: null },
    persistent: false,
    createdAt: 0,
    lastSeenAt: 0,
    expiresAt: 1,
    endsAt: 1,
    data,
  };
}

describe("the change log", () => {
  test("shows the handler what a Map would hold", () => {
    fc.assert(
      fc.property(fc.array(step), data, (steps, start) => {
        assert.deepEqual(asMap(replay(steps.map(changeOf), start)), model(steps, start));
      }),
    );
  });

  test("sends the store a patch that makes the same of it", () => {
    fc.assert(
      fc.property(fc.array(step), data, (steps, start) => {
        const patched = applyPatch(recordWith(start), toPatch(steps.map(changeOf), start));
        assert.deepEqual(asMap(patched.data), model(steps, start));
      }),
    );
  });

  test("leaves the keys alone that it did not write, whatever others made of them meanwhile", () => {
    fc.assert(
      fc.property(fc.array(step), data, data, (steps, seen, meanwhile) => {
        const blind = steps.filter(({ kind }) => kind !== "increment");
        const patched = applyPatch(recordWith(meanwhile), toPatch(blind.map(changeOf), seen));
        assert.deepEqual(asMap(patched.data), model(blind, meanwhile));
      }),
    );
  });

  test("turns any data into any other by the difference between them", () => {
    fc.assert(
      fc.property(data, data, (from, to) => {
        assert.deepEqual(applyPatch(recordWith(from), difference(from, to)).data, to);
        assert.deepEqual(difference(from, from), {});
      }),
    );
  });

  test("T13 refuses data over its bytes or its keys", () => {
    // Keys of 3 bytes, and é takes two between its quotes.
    const fits = { '"a"': '"é"', '"b"': "1" };
    checkLimits(fits, { bytes: 11, keys: 2 });
    assert.throws(() => checkLimits(fits, { bytes: 10, keys: 2 }), SessionTooLargeError);
    assert.throws(() => checkLimits(fits, { bytes: 11, keys: 1 }), SessionTooLargeError);
  });
});
