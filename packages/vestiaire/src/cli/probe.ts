// Lets a store do once everything that a server needs of it, with a session that nobody can open.

import { type Finding, finding } from "../core/inspection.ts";
import type { SessionRecord } from "../core/record.ts";
import { hashSecret, newToken } from "../core/token.ts";
import { messageOf } from "./command.ts";
import type { OpenedStore } from "./store.ts";

const LIFE = 60_000;
const LOOKS = 5;
/** Milliseconds. Each request waits for one look-up. */
const SLOW = 50;

/** How long an answer takes. Rejects when there is none. */
export async function measure(opened: OpenedStore): Promise<Finding> {
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const start = performance.now();
    await opened.ask("look for a session", (store, now) => store.find(newToken().id, now));
    times.push(performance.now() - start);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? 0;
  const message = `It answers in ${median.toFixed(1)} ms (the median of ${LOOKS} look-ups).`;
  if (median < SLOW) return finding("ok", "reach", message);
  return finding(
    "warning",
    "reach",
    `${message} Every request with a session waits so long: move the servers closer.`,
  );
}

/** Makes a session, changes it, and ends it. Leaves nothing. */
export async function probe(opened: OpenedStore): Promise<Finding> {
  const record = newRecord();
  try {
    for (const [promise, isKept] of promisesOf(opened, record)) {
      if (await isKept()) continue;
      const message = `The store breaks a promise: ${promise}. Keep no sessions in it before that is understood.`;
      return finding("problem", "probe", message);
    }
    return finding(
      "ok",
      "probe",
      "A session can be made, found, changed and ended; it expires, and stays ended.",
    );
  } catch (error) {
    return finding("problem", "probe", `${messageOf(error)} Until that works, requests with a session fail.`);
  } finally {
    await opened.ask("end the session", (store) => store.delete(record.id)).catch(() => {});
  }
}

function newRecord(): SessionRecord & { readonly userId: string } {
  const { id, secret } = newToken();
  const now = Date.now();
  return {
    id,
    revision: 0,
    userId: `vestiaire doctor ${id}`,
    secretHashes: { current: hashSecret(secret), previous: null, retired: null },
    persistent: false,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + LIFE,
    endsAt: now + LIFE,
    data: {},
  };
}

type Promised = readonly [promise: string, isKept: () => Promise<boolean>];

function promisesOf(opened: OpenedStore, record: ReturnType<typeof newRecord>): readonly Promised[] {
  const { id, userId, createdAt: now, expiresAt } = record;
  const text = '"\\u0000 \\ud800"';
  const find = (at: number) => opened.ask("find a session", (store) => store.find(id, at, { fresh: true }));
  const patch = (set: string, revision?: number) =>
    opened.ask("change a session", (store) =>
      store.patch(id, { set: { '"probe"': set } }, now, revision === undefined ? {} : { revision }),
    );
  return [
    [
      "a new session is stored",
      async () => (await opened.ask("store a session", (store) => store.create(record, now))) === "created",
    ],
    ["a session that was stored is found", async () => (await find(now))?.userId === userId],
    ["a session can be changed", async () => (await patch(text)) === "done"],
    ["a change is kept exactly", async () => (await find(now))?.data['"probe"'] === text],
    ["a change of what others have changed is refused", async () => (await patch("2", 0)) === "conflict"],
    [
      "a user's sessions are found",
      async () => {
        const found = await opened.ask("list a user's sessions", (store) => store.findByUser(userId, now));
        return found.length === 1 && found[0]?.id === id;
      },
    ],
    ["a session that has expired is not found", async () => (await find(expiresAt)) === null],
    [
      "a session can be ended",
      async () => (await opened.ask("end a session", (store) => store.delete(id)))?.id === id,
    ],
    [
      "a session that was ended does not come back",
      async () => (await patch("3")) === "gone" && (await find(now)) === null,
    ],
  ];
}
