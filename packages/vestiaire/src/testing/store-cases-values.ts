// Keys and values that engines, query languages and JSON parsers like to take for something else. A store that leaves
// the text alone has nothing to fear from any of them.

import assert from "node:assert/strict";
import type { Data } from "../core/record.ts";
import type { SessionStore } from "../core/store.ts";
import { key, NOW, type StoreCase, stored } from "./store-cases-fixtures.ts";

const KEYS: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length"],
  ...["a.b", "a", "b", "$a", "$set", "$where", ".", "$", "a[0]", "[0]", "*", "%", "_", "#", "@name"],
  ...["", " ", "'", '"', '""', "\\", "\\\\", "`", "'; --", "{}", "\n", "\t", "\0", "a\0b", "a\0c"],
  ...["\ud800", "\udfff", "\ud800\ud800", "🦊", "é", "e\u0301", "É", "A", "0", "-1", "00", "1e3"],
  ...["id", "userId", "data", "revision", "x".repeat(200)],
];

/** Text that changes, or cannot be had, once somebody parses it and writes it again. */
const TEXTS: readonly string[] = [
  ...["-0", "1.0", "1e2", "9007199254740993", "1e400", "0.1", '"\\u0041"', '"\\/"', '"\\u0000"'],
  ...['"\\ud800"', '"\\ud800\\udc00"', '"🦊"', '"é"', '"e\\u0301"', "null", "true", "[]", "{}", '""'],
  ...[' { "b" : 1 , "a" : 2 } ', '{"a":1,"a":2}', '{"__proto__":{"admin":true}}', '{"2":0,"1":0}'],
  ...["", " ", "not JSON", "{", "'", '"', "\\", "$1", "%s", "NaN", "undefined", "\n", "\r\n"],
];

export const valueCases: readonly StoreCase[] = [
  {
    name: "T12 hostile keys come back exactly, and stay apart",
    async run({ store }) {
      const data: Data = Object.fromEntries(KEYS.map((name, index) => [key(name), String(index)]));
      const created = await stored(store, { data });
      assert.deepEqual(await store.find(created.id, NOW), created);
      const patched = await stored(store);
      await store.patch(patched.id, { set: data }, NOW);
      assert.deepEqual(await store.find(patched.id, NOW), { ...patched, revision: 1, data });
    },
  },
  {
    name: "hostile keys are set and unset one by one without touching the others",
    async run({ store }) {
      const { id } = await stored(store);
      const expected = new Map<string, string>();
      for (const name of KEYS) {
        await store.patch(id, { set: { [key(name)]: JSON.stringify(name) } }, NOW);
        expected.set(key(name), JSON.stringify(name));
        assert.deepEqual((await store.find(id, NOW))?.data, Object.fromEntries(expected));
      }
      for (const name of KEYS) {
        await store.patch(id, { unset: [key(name)] }, NOW);
        expected.delete(key(name));
        assert.deepEqual((await store.find(id, NOW))?.data, Object.fromEntries(expected));
      }
    },
  },
  {
    name: "values are text that is never parsed",
    async run({ store }) {
      const data: Data = Object.fromEntries(TEXTS.map((text, index) => [key(`key${index}`), text]));
      const created = await stored(store, { data });
      assert.deepEqual(await store.find(created.id, NOW), created);
      const patched = await stored(store);
      await store.patch(patched.id, { set: data }, NOW);
      assert.deepEqual(await store.find(patched.id, NOW), { ...patched, revision: 1, data });
      assert.deepEqual(await store.delete(patched.id), { ...patched, revision: 1, data });
    },
  },
  {
    name: "a value may be nested 1,000 deep",
    async run({ store }) {
      const deep = `${'{"a":['.repeat(500)}1${"]}".repeat(500)}`;
      await assertKept(store, { [key("deep")]: deep });
    },
  },
  {
    name: "a value may have 60 kB",
    async run({ store }) {
      await assertKept(store, { [key("ascii")]: JSON.stringify("x".repeat(60_000)) });
      await assertKept(store, { [key("wide")]: JSON.stringify("🦊".repeat(15_000)) });
    },
  },
  {
    name: "a session may have 500 keys",
    async run({ store }) {
      const names = Array.from({ length: 500 }, (_, index) => key(`key${index}`));
      await assertKept(store, Object.fromEntries(names.map((name) => [name, "1"])));
    },
  },
];

async function assertKept(store: SessionStore, data: Data): Promise<void> {
  const record = await stored(store);
  await store.patch(record.id, { set: data }, NOW);
  assert.deepEqual((await store.find(record.id, NOW))?.data, data);
  await store.patch(record.id, { set: { [key("other")]: "1" } }, NOW);
  assert.deepEqual((await store.find(record.id, NOW))?.data, { ...data, [key("other")]: "1" });
}
