// The encrypting wrapper: the contract, what a stolen dump tells, keys that come and go, and values that somebody changed
// or moved.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigurationError, CorruptRecordError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { encrypted, type KeyRing } from "../../src/stores/encrypted.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import {
  assertSessionsOf,
  key,
  NOW,
  someRecord,
  stored,
  values,
} from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { house } from "../core/visits.ts";
import { remote, testWrapped } from "./wrapped.ts";

const [OLD, NEW] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("hex")];
const BEFORE: KeyRing = { current: "2025", keys: { "2025": OLD } };
const ADDED: KeyRing = { current: "2025", keys: { "2025": OLD, "2026": NEW } };
const ROTATED: KeyRing = { current: "2026", keys: { "2025": OLD, "2026": NEW } };
const DROPPED: KeyRing = { current: "2026", keys: { "2026": NEW } };

testWrapped("encrypted", (store) => encrypted(store, ROTATED));
testStore("a store that answers later, encrypted", () => ({
  store: encrypted(remote(memoryStore()), ROTATED),
}));

// ---- what is stored

for (const [name, open] of Object.entries({
  "a file store": (folder: string) => fileStore(folder),
  "an SQLite store": (folder: string) => sqliteStore(join(folder, "sessions.db")),
})) {
  test(`T8 a dump of ${name} tells no value, and the users and the names of the keys`, async (t) => {
    const folder = newFolder(t);
    const store = encrypted(open(folder), BEFORE);
    const { id } = await stored(store, { userId: "ada", data: values({ diagnosis: "created-plain" }) });
    await store.patch(id, { set: values({ note: "patched-plain" }) }, NOW);
    await store.patch(id, { clear: true, set: values({ last: "replaced-plain" }) }, NOW);
    const dump = () =>
      globSync("**", { cwd: folder })
        .map((file) => join(folder, file))
        .filter((file) => statSync(file).isFile())
        .map((file) => readFileSync(file, "latin1"))
        .join();
    const before = dump();
    await store.close?.();
    for (const text of [before, dump()]) {
      assert.ok(!text.includes("plain"));
      for (const readable of [id, "ada", "last", "2025."]) assert.ok(text.includes(readable), readable);
      for (const bytes of [OLD, Buffer.from(OLD, "base64url").toString("latin1")]) {
        assert.ok(!text.includes(bytes));
      }
    }
  });
}

test("a value is AES-256-GCM under HKDF-SHA-256 of the session, in the format that is documented", async () => {
  const { inner, store } = open(BEFORE);
  const { id } = await stored(store, { data: values({ name: "Ada 🦊" }) });
  const [name = "", text = ""] = sealedIn(inner, id, "name").split(".");
  const sealed = Buffer.from(text, "base64url");
  const { subtle } = globalThis.crypto;
  const ringKey = await subtle.importKey("raw", Buffer.from(OLD, "base64url"), "HKDF", false, ["deriveKey"]);
  const derived = await subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: Buffer.from(id),
      info: Buffer.from("vestiaire: the values of a session"),
    },
    ringKey,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
  const parameters = {
    name: "AES-GCM",
    iv: sealed.subarray(0, 12),
    additionalData: Buffer.from(`2025.${id}."name"`),
    tagLength: 128,
  };
  assert.equal(name, "2025");
  const opened = await subtle.decrypt(parameters, derived, sealed.subarray(12));
  assert.equal(Buffer.from(opened).toString(), '"Ada 🦊"');
});

test("a value never looks the same twice", async () => {
  const { inner, store } = open(BEFORE);
  const { id } = await stored(store, { data: values({ a: "x", b: "x" }) });
  const texts = new Set([sealedIn(inner, id, "a"), sealedIn(inner, id, "b")]);
  await store.patch(id, { set: values({ a: "x" }) }, NOW);
  texts.add(sealedIn(inner, id, "a"));
  assert.equal(texts.size, 3);
});

test("it answers without promises where the store does", () => {
  const { store } = open(BEFORE);
  const record = someRecord({ userId: "ada", data: values({ a: 1 }) });
  assert.equal(store.create(record, NOW), "created");
  assert.deepEqual(store.find(record.id, NOW), record);
  assert.equal(store.patch(record.id, { set: values({ a: 2 }) }, NOW), "done");
  const patched = { ...record, revision: 1, data: values({ a: 2 }) };
  assert.deepEqual(store.findByUser("ada", NOW), [patched]);
  assert.deepEqual(store.list?.(NOW)?.valueOf(), { records: [patched], cursor: null });
  assert.deepEqual(store.delete(record.id), patched);
});

// ---- keys

test("T8 a key is added, made current and dropped; only what it alone can read is lost", async () => {
  const inner = memoryStore();
  const data = values({ name: "Ada" });
  const old = await stored(encrypted(inner, BEFORE), { userId: "ada", data });
  const added = await stored(encrypted(inner, ADDED), { userId: "ada", data });
  for (const { id } of [old, added]) assert.match(sealedIn(inner, id, "name"), /^2025\./);

  const rotated = encrypted(inner, ROTATED);
  const young = await stored(rotated, { userId: "ada", data });
  assert.match(sealedIn(inner, young.id, "name"), /^2026\./);
  await assertSessionsOf(rotated, "ada", [old, added, young]);
  await rotated.patch(added.id, { set: values({ name: "Ada L." }) }, NOW);
  const renewed = { ...added, revision: 1, data: values({ name: "Ada L." }) };

  const dropped = encrypted(inner, DROPPED) as Required<SessionStore>;
  await assert.rejects(async () => dropped.find(old.id, NOW), CorruptRecordError);
  for (const record of [renewed, young]) assert.deepEqual(await dropped.find(record.id, NOW), record);
  await assertSessionsOf(dropped, "ada", [renewed, young]);
  assert.equal((await dropped.list(NOW)).records.length, 2);
  assert.deepEqual(await rotated.find(old.id, NOW), old);
});

test("a session that is under two keys needs both", async () => {
  const inner = memoryStore();
  const { id } = await stored(encrypted(inner, BEFORE), { data: values({ a: 1 }) });
  await encrypted(inner, ROTATED).patch(id, { set: values({ b: 2 }) }, NOW);
  assert.deepEqual((await encrypted(inner, ROTATED).find(id, NOW))?.data, values({ a: 1, b: 2 }));
  await assert.rejects(async () => encrypted(inner, DROPPED).find(id, NOW), CorruptRecordError);
  // What is replaced as a whole can be read again.
  await encrypted(inner, DROPPED).patch(id, { clear: true, set: values({ c: 3 }) }, NOW);
  assert.deepEqual((await encrypted(inner, DROPPED).find(id, NOW))?.data, values({ c: 3 }));
});

test("a session that cannot be read can be ended, by its id and with its user's", async () => {
  const inner = memoryStore();
  const before = encrypted(inner, BEFORE);
  const [first, second] = [
    await stored(before, { userId: "ada", data: values({ a: 1 }) }),
    await stored(before, { userId: "ada", data: values({ a: 1 }) }),
  ];
  const dropped = encrypted(inner, DROPPED);
  assert.equal(await dropped.delete(first.id), null);
  assert.equal(await inner.find(first.id, NOW), null);
  assert.deepEqual(await dropped.deleteByUser("ada", NOW), [second.id]);
});

test("the bearer of a session under a dropped key is anonymous, and an event tells of it", async () => {
  const inner = memoryStore();
  const before = house({ store: encrypted(inner, BEFORE) }).browser();
  const { sessions, happened, browser } = house({ store: encrypted(inner, DROPPED) });
  await before.visit((session) => session.signIn("ada").set("name", "Ada"));
  const after = browser();
  after.cookie = before.cookie;
  const { session } = await after.start();
  assert.deepEqual([session.userId, session.data.name], [null, undefined]);
  assert.deepEqual(happened(), ["corrupt"]);
  assert.equal((await before.read()).name, "Ada");
  await sessions.close();
});

test("a key may be given as bytes, in base64url and in hex", async () => {
  const bytes = randomBytes(32);
  const inner = memoryStore();
  const forms = [
    bytes,
    bytes.toString("base64url"),
    `${bytes.toString("base64url")}=`,
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
  ];
  for (const form of forms) {
    const record = await stored(encrypted(inner, { current: "k", keys: { k: form } }), {
      data: values({ a: 1 }),
    });
    const reader = encrypted(inner, { current: "k", keys: { k: bytes } });
    assert.deepEqual(await reader.find(record.id, NOW), record);
  }
});

test("keys that cannot be are a ConfigurationError, which does not tell them", () => {
  const short = randomBytes(31);
  const bad: KeyRing[] = [
    { current: "a", keys: {} },
    { current: "b", keys: { a: OLD } },
    { current: "__proto__", keys: { a: OLD } },
    ...["", "a.b", "a b", "é", "x".repeat(33)].map((name) => ({ current: name, keys: { [name]: OLD } })),
    ...[
      short,
      randomBytes(33),
      short.toString("hex"),
      short.toString("base64url"),
      `${OLD}A`,
      "",
      "secret",
    ].map((wrong) => ({ current: "a", keys: { a: wrong } })),
    // Every key counts, not only the current one.
    { current: "a", keys: { a: OLD, b: "passphrase" } },
  ];
  for (const ring of bad) {
    assert.throws(
      () => encrypted(memoryStore(), ring),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        for (const wrong of Object.values(ring.keys)) {
          if (wrong.length > 0) assert.ok(!error.message.includes(String(wrong)), error.message);
        }
        return true;
      },
    );
  }
});

// ---- values that somebody changed

test("a value with any bit flipped, and one that was cut or extended, is damage", async () => {
  const { inner, store } = open(ROTATED);
  const { id } = await stored(store, { data: values({ role: "user" }) });
  const [name = "", text = ""] = sealedIn(inner, id, "role").split(".");
  const sealed = Buffer.from(text, "base64url");
  const forged: Uint8Array[] = [sealed.subarray(0, -1), sealed.subarray(1), Buffer.concat([sealed, sealed])];
  for (let length = 0; length < 29; length += 1) forged.push(sealed.subarray(0, length));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed);
    flipped[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    forged.push(flipped);
  }
  for (const bytes of forged) {
    plant(inner, id, "role", `${name}.${Buffer.from(bytes).toString("base64url")}`);
    await assert.rejects(async () => store.find(id, NOW), CorruptRecordError);
  }
  plant(inner, id, "role", `${name}.${text}`);
  assert.deepEqual((await store.find(id, NOW))?.data, values({ role: "user" }));
});

test("T8 a value that was moved to another key, session or ring key is damage", async () => {
  const { inner, store } = open(ROTATED);
  const data = values({ role: "user", title: "admin" });
  const [mine, theirs] = [await stored(store, { data }), await stored(store, { data })];
  const moved = [
    sealedIn(inner, mine.id, "title"),
    sealedIn(inner, theirs.id, "role"),
    sealedIn(inner, mine.id, "role").replace("2026.", "2025."),
  ];
  for (const text of moved) {
    plant(inner, mine.id, "role", text);
    await assert.rejects(async () => store.find(mine.id, NOW), CorruptRecordError);
    assert.deepEqual(await store.find(theirs.id, NOW), theirs);
  }
});

test("a value that was never encrypted is damage, and no error tells it", async () => {
  const { inner, store } = open(ROTATED);
  const plain = [
    '"hunter2"',
    '"hunter2.x"',
    "2026.hunter2",
    "2026.",
    "2026",
    ".",
    "",
    "hunter2",
    "__proto__.x",
  ];
  for (const text of plain) {
    const { id } = await stored(inner, { data: { [key("password")]: text } });
    await assert.rejects(
      async () => store.find(id, NOW),
      (error) => {
        assert.ok(error instanceof CorruptRecordError);
        assert.ok(!`${error.stack}${error.cause}`.includes("hunter2"));
        return error.message.includes("password");
      },
    );
  }
});

test("a session without values needs no key", async () => {
  const inner = memoryStore();
  const record = await stored(encrypted(inner, BEFORE), { userId: "ada" });
  assert.deepEqual(await encrypted(inner, DROPPED).find(record.id, NOW), record);
});

// ---- helpers

function open(ring: KeyRing): { inner: SessionStore; store: SessionStore } {
  const inner = memoryStore();
  return { inner, store: encrypted(inner, ring) };
}

/** What the memory store holds for the key. */
function sealedIn(inner: SessionStore, id: SessionId, name: string): string {
  const record = inner.find(id, NOW);
  assert.ok(record !== null && !(record instanceof Promise));
  return record.data[key(name)] ?? assert.fail(`there is no ${name}`);
}

function plant(inner: SessionStore, id: SessionId, name: string, text: string): void {
  assert.equal(inner.patch(id, { set: { [key(name)]: text } }, NOW), "done");
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
