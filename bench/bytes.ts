// How many bytes a session takes on each store, and how much the engine does to find a user's session, or to find nothing
// to sweep. `node --conditions=source bench/bytes.ts 10000` has the real stores make that many sessions, one for each user,
// on servers that it starts itself (`bytes-engines.ts`), one after the other, and removes them. Names after the number
// choose engines (`1000000 redis sqlite`). What is printed is the growth since the first session, divided by their number;
// DynamoDB and MongoDB are computed, because here are only emulators of them.

import { randomBytes } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { BSON } from "mongodb";
import type { SessionRecord } from "../packages/vestiaire/src/index.ts";
import { type Item, indexKey, itemOf, ttl } from "../packages/vestiaire/src/stores/dynamodb/item.ts";
import { documentOf } from "../packages/vestiaire/src/stores/mongodb/document.ts";
import { engines, type Subject } from "./bytes-engines.ts";
import { onTheWire } from "./bytes-wire.ts";

const DAY = 86_400_000;
const WORKERS = 32;

async function main([count = "10000", ...names]: readonly string[]): Promise<void> {
  for (const [name, start] of Object.entries(engines)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const subject = await start(Number(count));
    try {
      for (const line of await measure(subject, Number(count))) console.log(`${name}: ${line}`);
    } finally {
      await subject.store.close?.();
      await subject.stop();
    }
  }
  for (const line of computed(recordOf(0))) console.log(line);
}

async function measure({ store, sizes, work, remote, large }: Subject, count: number): Promise<string[]> {
  const make = async (place: number) => {
    const record = recordOf(place, large);
    const outcome = await store.create(record, record.createdAt);
    if (outcome !== "created") throw new Error(`A session could not be made: ${outcome}.`);
  };
  // Whatever is there with the first session does not grow with their number.
  await make(0);
  const before = await sizes();
  let next = 1;
  const worker = async () => {
    while (next <= count) await make(next++);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  const after = await sizes();
  const growth = Object.entries(after).map(([what, size]) => {
    const each = (size - (before[what] ?? 0)) / count;
    return `${each.toFixed(1)} ${what} for each of ${count} sessions`;
  });
  const userId = userOf(Math.floor(count / 2));
  const done = (await work?.(userId)) ?? [];
  const exchanged = remote ? await onTheWire(remote.port, remote.open, userId) : [];
  return [...growth, ...done, ...exchanged];
}

/** What a store makes of DynamoDB and MongoDB, by their own rules of what it takes. */
function computed(record: SessionRecord): string[] {
  const { id, userId, endsAt, data } = record;
  const index: Item = { ...indexKey(String(userId), id), ttl: ttl(endsAt) };
  const values = Object.entries(data).reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  return [
    `a session's values: ${values} bytes of JSON text, keys included`,
    `dynamodb: ${itemSize(itemOf(record))} bytes for the session's item, ${itemSize(index)} for that of the user's index`,
    `mongodb: ${BSON.calculateObjectSize(documentOf(record))} bytes of BSON`,
  ];
}

/** As "DynamoDB item sizes and formats" in its Developer Guide has it, without the 100 bytes of storage for each item. */
function itemSize(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

function valueSize({ S, N, M }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  // A byte for two digits, zeros at the end not counted, and one more.
  if (N !== undefined) return Math.ceil(N.replace(/0+$/, "").length / 2) + 1;
  if (M !== undefined) return 3 + Object.keys(M).length + itemSize(M);
  // A boolean: the only other kind that the store writes.
  return 1;
}

/** 12 characters. */
function userOf(place: number): string {
  return `u${String(place).padStart(11, "0")}`;
}

/** A session as signing in makes it, with three small values, or with one of them `large`. */
function recordOf(place: number, large = false): SessionRecord {
  const now = Date.now();
  const values = {
    name: `Ada Lovelace ${String(place).padStart(9, "0")}`,
    basket: [String(1_000_000 + place), "1815121", "1852112"],
    notice: large
      ? "Your order has left our warehouse today. ".repeat(3)
      : "Your order has left our warehouse today.",
  };
  return {
    id: randomBytes(16).toString("hex"),
    revision: 1,
    userId: userOf(place),
    secretHashes: { current: randomBytes(32).toString("base64url"), previous: null, retired: null },
    persistent: true,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + DAY,
    endsAt: now + 30 * DAY,
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [JSON.stringify(key), JSON.stringify(value)]),
    ),
  };
}

await main(process.argv.slice(2));
