// The meaning of a log, line by line.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  advance,
  type ChangeLine,
  fold,
  judge,
  type LogState,
  type Verdict,
} from "../../src/stores/file/fold.ts";
import { encodeLine } from "../../src/stores/file/line.ts";
import { HOUR, NOW, someRecord } from "./support.ts";

const record = someRecord();
const living: LogState = { record, version: 3, ended: false, next: null };
const nonce = "n-1";
const patch: ChangeLine = { patch: { set: { a: "1" } }, now: NOW, nonce };
const late = record.expiresAt;

describe("a line counts", () => {
  const cases: readonly (readonly [string, LogState, ChangeLine, Verdict])[] = [
    ["a patch of a live record", living, patch, "counts"],
    ["a patch of an expired record", living, { ...patch, now: late }, "gone"],
    ["a patch whose condition holds", living, { ...patch, when: { revision: 0 } }, "counts"],
    ["a patch whose condition does not hold", living, { ...patch, when: { revision: 1 } }, "conflict"],
    ["a patch for another secret", living, { ...patch, when: { secretHash: "other" } }, "conflict"],
    [
      "a patch of an expired record, in vain anyway",
      living,
      { ...patch, now: late, when: { revision: 1 } },
      "gone",
    ],
    ["an end", living, { end: true, nonce }, "counts"],
    ["an end of an expired record", living, { end: true, ifExpiredAt: late, nonce }, "counts"],
    ["an end, if expired, of a live record", living, { end: true, ifExpiredAt: late - 1, nonce }, "conflict"],
    ["a seal of this version", living, { seal: 3, nonce }, "counts"],
    ["a seal of an earlier version", living, { seal: 2, nonce }, "conflict"],
    ["a fence", living, { fence: true, nonce }, "counts"],
    ["anything after the end", { ...living, ended: true }, { seal: 3, nonce }, "gone"],
    ["an end after the end", { ...living, ended: true }, { end: true, nonce }, "gone"],
    ["anything after a seal", { ...living, next: "n-0" }, patch, "sealed"],
    ["an end after a seal", { ...living, next: "n-0" }, { end: true, nonce }, "sealed"],
    ["another seal", { ...living, next: "n-0" }, { seal: 3, nonce }, "sealed"],
  ];
  for (const [name, state, line, verdict] of cases) {
    test(`${name}: ${verdict}`, () => assert.equal(judge(state, line), verdict));
  }
});

test("every line that counts raises the version, but for the seal", () => {
  assert.equal(advance(living, patch).version, 4);
  assert.equal(advance(living, { fence: true, nonce }).version, 4);
  assert.deepEqual(advance(living, { end: true, nonce }), { ...living, version: 4, ended: true });
  assert.deepEqual(advance(living, { seal: 3, nonce }), { ...living, next: nonce });
});

test("a fence leaves the record as it is", () => {
  assert.equal(advance(living, { fence: true, nonce }).record, record);
});

test("a fold goes on with the snapshot's version, and shows the state in front of the line that was asked for", () => {
  const log = [
    { record, version: 40, nonce: "n-0" },
    { ...patch, nonce: "n-1" },
    { ...patch, when: { revision: 9 }, nonce: "n-2" },
    { end: true, nonce: "n-3" },
    { ...patch, nonce: "n-4" },
  ];
  const bytes = Buffer.from(log.map((line) => encodeLine(JSON.stringify(line))).join(""));
  const patched = { ...record, revision: 1, data: { a: "1" } };
  const folded = fold(bytes, record.id, "n-2");
  assert.deepEqual(folded.state, { record: patched, version: 42, ended: true, next: null });
  assert.deepEqual(folded.before, { record: patched, version: 41, ended: false, next: null });
  assert.equal(folded.last, "n-4");
  assert.equal(fold(bytes, record.id, "n-9").before, null);
  assert.equal(fold(bytes.subarray(0, -5), record.id).last, null);
});

test("the later of two expiries stays", () => {
  const refresh: ChangeLine = { patch: { expiresAt: NOW + 2 * HOUR, lastSeenAt: NOW + 1 }, now: NOW, nonce };
  const earlier: ChangeLine = { patch: { expiresAt: NOW + HOUR, lastSeenAt: NOW }, now: NOW, nonce };
  const { record: refreshed } = advance(advance(living, refresh), earlier);
  assert.deepEqual(
    [refreshed.expiresAt, refreshed.lastSeenAt, refreshed.revision],
    [NOW + 2 * HOUR, NOW + 1, 0],
  );
});
