// The contract itself on trial: stores that are wrong in one way each, and the promise that must notice. A mutant that
// no case catches would mean that the contract promises less than it says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPatch, isLive, type SessionRecord } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { checkStoreCase, storeContract } from "../../src/testing/store-contract.ts";

interface Mutant {
  /** What is wrong with it. */
  readonly wrong: string;
  /** Promises that it breaks; others may break too. */
  readonly breaks: readonly string[];
  mutate(inner: Required<SessionStore>): Partial<SessionStore>;
}

const FOREVER = Number.MIN_SAFE_INTEGER;

/** A turn for whoever else is at it. */
const others = () => new Promise(setImmediate);

/** The whole record written back, whatever it was in the meantime. */
function put(store: SessionStore, record: SessionRecord): void {
  store.delete(record.id);
  store.create(record, record.createdAt);
}

const mutants: readonly Mutant[] = [
  {
    wrong: "overwrites the whole record",
    breaks: ["patches of different keys at once all win", "a patch of data and a refresh at once both win"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const record = await inner.find(id, now);
        await others();
        if (record === null) return "gone";
        const answer = await inner.patch(id, {}, now, when);
        if (answer === "done") put(inner, applyPatch(record, patch));
        return answer;
      },
    }),
  },
  {
    wrong: "looks, waits, and writes what it saw, even when the session has ended since",
    breaks: ["a patch that races a delete never brings the session back"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const [answer, record] = [inner.patch(id, patch, now, when), inner.find(id, now)];
        await others();
        const seen = await record;
        if (seen !== null) put(inner, seen);
        return answer;
      },
    }),
  },
  {
    wrong: "inserts when there is nothing to patch",
    breaks: ["a patch never creates a record", "a deleted session is gone for find, patch and its user"],
    mutate: (inner) => {
      let last: SessionRecord | undefined;
      return {
        create(record, now) {
          last = record;
          return inner.create(record, now);
        },
        async patch(id, patch, now, when) {
          const answer = await inner.patch(id, patch, now, when);
          if (answer !== "gone" || when !== undefined) return answer;
          const blank = { ...(last ?? NOBODY), id, userId: null, expiresAt: now + 1_000 };
          await inner.create(applyPatch(blank, patch), now);
          return "done";
        },
      };
    },
  },
  {
    wrong: "extends expired sessions",
    breaks: ["an expired session is gone for every patch, and a refresh does not bring it back"],
    mutate: (inner) => ({ patch: (id, patch, _now, when) => inner.patch(id, patch, FOREVER, when) }),
  },
  {
    wrong: "ignores the revision",
    breaks: [
      "a patch with a revision counts only at that revision; otherwise conflict, and nothing changes",
      "a patch with two conditions needs both",
      "of conditional patches at once on one revision, exactly one counts",
    ],
    mutate: (inner) => ({
      patch: (id, patch, now, when) =>
        inner.patch(id, patch, now, when?.secretHash === undefined ? {} : { secretHash: when.secretHash }),
    }),
  },
  {
    wrong: "looks at the revision first and writes later",
    breaks: [
      "50 conditional increments at once lose none",
      "of conditional patches at once on one revision, exactly one counts",
    ],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const answer = await inner.patch(id, {}, now, when);
        await others();
        return answer === "done" ? inner.patch(id, patch, now) : answer;
      },
    }),
  },
  {
    wrong: "ignores the secret's hash",
    breaks: [
      "a patch with a secret counts only while that is the current one; otherwise conflict",
      "a patch with two conditions needs both",
      "of rotations at once from one secret, exactly one counts",
    ],
    mutate: (inner) => ({
      patch: (id, patch, now, when) =>
        inner.patch(id, patch, now, when?.revision === undefined ? {} : { revision: when.revision }),
    }),
  },
  {
    wrong: "answers conflict for what is not there",
    breaks: ["a session that is not there is gone, not a conflict"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const answer = await inner.patch(id, patch, now, when);
        return answer === "gone" && when !== undefined ? "conflict" : answer;
      },
    }),
  },
  {
    wrong: "raises the revision on a refresh",
    breaks: ["a refresh or a rotation does not raise the revision"],
    mutate: (inner) => ({
      patch: (id, patch, now, when) => inner.patch(id, { set: {}, ...patch }, now, when),
    }),
  },
  {
    wrong: "raises the revision only for a set",
    breaks: ["each change of data raises the revision by one, even to the same value"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const before = await inner.find(id, now);
        const answer = await inner.patch(id, patch, now, when);
        const after = await inner.find(id, now);
        if (before && after && patch.set === undefined) put(inner, { ...after, revision: before.revision });
        return answer;
      },
    }),
  },
  {
    wrong: "moves times back",
    breaks: ["expiresAt and lastSeenAt never move back"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const answer = await inner.patch(id, patch, now, when);
        const record = await inner.find(id, now);
        const { expiresAt, lastSeenAt } = { ...record, ...patch };
        if (record && expiresAt && lastSeenAt) put(inner, { ...record, expiresAt, lastSeenAt });
        return answer;
      },
    }),
  },
  {
    wrong: "merges the secret hashes",
    breaks: ["a patch replaces the secret hashes as a whole"],
    mutate: (inner) => ({
      async patch(id, patch, now, when) {
        const { secretHashes } = patch;
        const old = (await inner.find(id, now))?.secretHashes;
        if (!secretHashes || !old) return inner.patch(id, patch, now, when);
        const merged = { ...secretHashes, previous: secretHashes.previous ?? old.previous };
        return inner.patch(id, { ...patch, secretHashes: merged }, now, when);
      },
    }),
  },
  {
    wrong: "clears after it has set",
    breaks: ["clear comes before set in one patch"],
    mutate: (inner) => ({
      patch: (id, { set, ...rest }, now, when) =>
        inner.patch(id, rest.clear || !set ? rest : { ...rest, set }, now, when),
    }),
  },
  {
    wrong: "never clears",
    breaks: ["clear removes every key", "clear also removes what was set since the caller looked"],
    mutate: (inner) => ({
      patch: (id, { clear, ...rest }, now, when) =>
        inner.patch(id, clear ? { set: {}, ...rest } : rest, now, when),
    }),
  },
  {
    wrong: "ignores what is unset",
    breaks: [
      "a patch unsets keys, and one that is not there does no harm",
      "set and unset in one patch both count",
    ],
    mutate: (inner) => ({
      patch: (id, { unset, ...rest }, now, when) =>
        inner.patch(id, unset ? { set: {}, ...rest } : rest, now, when),
    }),
  },
  {
    wrong: "answers expired records",
    breaks: ["a session is over exactly at expiresAt, by the caller's clock"],
    mutate: (inner) => ({ find: (id) => inner.find(id, FOREVER) }),
  },
  {
    wrong: "lets a session live at its very expiresAt",
    breaks: ["a session is over exactly at expiresAt, by the caller's clock"],
    mutate: (inner) => ({ find: (id, now) => inner.find(id, now - 1) }),
  },
  {
    wrong: "overwrites a taken id",
    breaks: [
      "creating under a taken id changes nothing and answers taken",
      "of creates at once under one id, exactly one wins",
    ],
    mutate: (inner) => ({
      create(record, now) {
        inner.delete(record.id);
        return inner.create(record, now);
      },
    }),
  },
  {
    wrong: "loses a field",
    breaks: ["a record comes back with every field as it was"],
    mutate: (inner) => ({ create: (record, now) => inner.create({ ...record, persistent: false }, now) }),
  },
  {
    wrong: "answers null to every delete",
    breaks: ["delete answers the record as it ended", "of deletes at once, exactly one is given the record"],
    mutate: (inner) => ({
      async delete(id) {
        await inner.delete(id);
        return null;
      },
    }),
  },
  {
    wrong: "gives the record to every delete at the same time",
    breaks: ["of deletes at once, exactly one is given the record"],
    mutate: (inner) => ({
      async delete(id) {
        const record = await inner.find(id, FOREVER);
        await others();
        await inner.delete(id);
        return record;
      },
    }),
  },
  {
    wrong: "answers null when an expired record is deleted",
    breaks: ["delete answers an expired record too"],
    mutate: (inner) => {
      let clock = 0;
      return {
        find(id, now) {
          clock = now;
          return inner.find(id, now);
        },
        async delete(id) {
          const record = await inner.delete(id);
          return record !== null && isLive(record, clock) ? record : null;
        },
      };
    },
  },
  {
    wrong: "forgets the user's index",
    breaks: ["findByUser sees every create that was answered, and only that user's"],
    mutate: () => ({ findByUser: () => [] }),
  },
  {
    wrong: "indexes a user's session late",
    breaks: ["findByUser sees every create that was answered, and only that user's"],
    mutate: (inner) => {
      let seen: SessionRecord[] = [];
      return {
        findByUser(userId, now) {
          const answer = seen;
          seen = inner.findByUser(userId, now) as SessionRecord[];
          return answer;
        },
      };
    },
  },
  {
    wrong: "answers a user's sessions as they were created",
    breaks: ["findByUser answers records as they are after a patch, a refresh and a delete"],
    mutate: (inner) => {
      const created = new Map<string, SessionRecord>();
      return {
        create(record, now) {
          created.set(record.id, record);
          return inner.create(record, now);
        },
        async findByUser(userId, now) {
          return (await inner.findByUser(userId, now)).map((record) => created.get(record.id) ?? record);
        },
      };
    },
  },
  {
    wrong: "takes users for each other whose names differ in case",
    breaks: ["user ids are told apart byte for byte"],
    mutate: (inner) => byName(inner, (userId) => userId.toLowerCase()),
  },
  {
    wrong: "takes users for each other whose names differ in spaces at the end",
    breaks: [
      "user ids are told apart byte for byte",
      "a user's end does not stop another's sign-in, however alike the names",
    ],
    mutate: (inner) => byName(inner, (userId) => userId.trimEnd()),
  },
  {
    wrong: "takes users for each other whose names are canonically equivalent",
    breaks: ["user ids are told apart byte for byte"],
    mutate: (inner) => byName(inner, (userId) => userId.normalize()),
  },
  {
    wrong: "cuts a user's name at a NUL",
    breaks: ["user ids are told apart byte for byte"],
    mutate: (inner) => byName(inner, (userId) => userId.split("\0")[0] ?? ""),
  },
  {
    wrong: "misses a sign-in that is under way when the user is ended",
    breaks: [
      "a sign-in begun before the user's end is ended, and one begun after it is not",
      "sign-ins at the same time as the user's end are ended, whatever the order",
      "a sign-in that arrives 10 minutes after the user's end is still ended",
      "a sweep does not forget a user's end before its 10 minutes are over",
    ],
    mutate: (inner) => ({
      async deleteByUser(userId, now, options) {
        const ids = (await inner.findByUser(userId, now)).map(({ id }) => id);
        const ended = ids.filter((id) => id !== options?.except);
        for (const id of ended) await inner.delete(id);
        return ended;
      },
    }),
  },
  {
    wrong: "ends sign-ins that were begun after the user's end",
    breaks: ["a sign-in begun before the user's end is ended, and one begun after it is not"],
    mutate: (inner) => ({
      deleteByUser: (userId, now, options) => inner.deleteByUser(userId, now + 1, options),
    }),
  },
  {
    wrong: "remembers only the last end of a user",
    breaks: ["a later end of the user does not soften an earlier one"],
    mutate: (inner) => {
      const last = new Map<string, { at: number; except: string | undefined }>();
      return {
        async deleteByUser(userId, now, options) {
          last.set(userId, { at: now, except: options?.except });
          const ids = (await inner.findByUser(userId, now)).map(({ id }) => id);
          const ended = ids.filter((id) => id !== options?.except);
          for (const id of ended) await inner.delete(id);
          return ended;
        },
        create(record, now) {
          const mark = last.get(record.userId ?? "");
          if (mark && mark.at >= record.createdAt && mark.except !== record.id) return "ended";
          return inner.create(record, now);
        },
      };
    },
  },
  {
    wrong: "stores the sign-in that it answers as ended",
    breaks: ["a sign-in begun before the user's end is ended, and one begun after it is not"],
    mutate: (inner) => ({
      async create(record, now) {
        const answer = await inner.create(record, now);
        if (answer === "ended") await inner.create({ ...record, createdAt: now + 1 }, now);
        return answer;
      },
    }),
  },
  {
    wrong: "spares nobody",
    breaks: [
      "deleteByUser spares the excepted session, and only that",
      "the excepted session may also arrive late",
    ],
    mutate: (inner) => ({ deleteByUser: (userId, now) => inner.deleteByUser(userId, now) }),
  },
  {
    wrong: "answers no ids when a user is ended",
    breaks: ["deleteByUser ends all of the user's sessions and answers their ids"],
    mutate: (inner) => ({
      async deleteByUser(userId, now, options) {
        await inner.deleteByUser(userId, now, options);
        return [];
      },
    }),
  },
  {
    wrong: "parses values and writes them again",
    breaks: ["values are text that is never parsed"],
    mutate: (inner) => ({
      async find(id, now) {
        const record = await inner.find(id, now);
        const parsed = Object.entries(record?.data ?? {}).map(([key, text]) => [key, rewritten(text)]);
        return record && { ...record, data: Object.fromEntries(parsed) };
      },
    }),
  },
  {
    wrong: "takes a dot in a key for a path",
    breaks: ["T12 hostile keys come back exactly, and stay apart"],
    mutate: (inner) => byKey(inner, (key) => key.replaceAll(".", "_")),
  },
  {
    wrong: "drops keys that begin with a dollar",
    breaks: ["hostile keys are set and unset one by one without touching the others"],
    mutate: (inner) => byKey(inner, (key) => key.replace('"$', '"')),
  },
  {
    wrong: "cuts long values",
    breaks: ["a value may have 60 kB"],
    mutate: (inner) => ({
      patch: (id, { set, ...rest }, now, when) => {
        const entries = Object.entries(set ?? {}).map(([key, text]) => [key, text.slice(0, 32_767)]);
        return inner.patch(id, set ? { ...rest, set: Object.fromEntries(entries) } : rest, now, when);
      },
    }),
  },
  {
    wrong: "loses one session at the border of a page",
    breaks: ["list answers every live record, whoever it belongs to"],
    mutate: (inner) => ({
      async list(now, cursor, limit) {
        const page = await inner.list(now, cursor, limit);
        return page.cursor === null ? page : { ...page, records: page.records.slice(0, -1) };
      },
    }),
  },
  {
    wrong: "counts its pages from the start, so that a deletion shifts them",
    breaks: ["list loses no session that lives throughout, whatever else comes and goes between the pages"],
    mutate: (inner) => ({
      async list(now, cursor, limit = 100) {
        const { records } = await inner.list(now, undefined, 1_000);
        const from = Number(cursor ?? 0);
        const next = from + limit;
        return { records: records.slice(from, next), cursor: next < records.length ? String(next) : null };
      },
    }),
  },
  {
    wrong: "takes any text for a cursor",
    breaks: ["list refuses a cursor that no page can have given"],
    mutate: (inner) => ({
      list: (now, cursor, limit) => inner.list(now, String(Number(cursor ?? 0) || 0), limit),
    }),
  },
  {
    wrong: "lists expired sessions",
    breaks: ["list leaves out what has expired or was deleted"],
    mutate: (inner) => ({ list: (_now, cursor, limit) => inner.list(FOREVER, cursor, limit) }),
  },
  {
    wrong: "sweeps living sessions",
    breaks: [
      "sweep removes what has expired, and nothing that lives",
      "sweep leaves a session alone until its expiresAt",
    ],
    mutate: (inner) => ({ sweep: (now, limit) => inner.sweep(now * 2, limit) }),
  },
  {
    wrong: "sweeps by the expiry at creation",
    breaks: ["sweep spares a session that was refreshed, and removes it once that is over too"],
    mutate: (inner) => {
      const created = new Map<string, number>();
      return {
        create(record, now) {
          created.set(record.id, record.expiresAt);
          return inner.create(record, now);
        },
        async sweep(now) {
          const due = [...created].filter(([, expiresAt]) => expiresAt <= now);
          for (const [id] of due) {
            created.delete(id);
            await inner.delete(id);
          }
          return { removed: due.length, more: false };
        },
      };
    },
  },
  {
    wrong: "sweeps nothing",
    breaks: ["sweep removes what has expired, and nothing that lives"],
    mutate: () => ({ sweep: () => ({ removed: 0, more: false }) }),
  },
  {
    wrong: "ignores the sweep's limit",
    breaks: ["sweep removes at most its limit, and says whether there is more"],
    mutate: (inner) => ({ sweep: (now) => inner.sweep(now, 1_000_000) }),
  },
  {
    wrong: "never says that there is more to sweep",
    breaks: ["sweep removes at most its limit, and says whether there is more"],
    mutate: (inner) => ({
      sweep: async (now, limit) => ({ ...(await inner.sweep(now, limit)), more: false }),
    }),
  },
  {
    wrong: "tells of living sessions",
    breaks: ["a watcher hears of a session that is deleted, and of no living one"],
    mutate: (inner) => ({
      watch(watched, onEnded, onGap) {
        return inner.watch(watched, () => [...watched].map(onEnded), onGap);
      },
    }),
  },
  {
    wrong: "keeps the list of what is watched as it was",
    breaks: ["ids may be added to what is watched"],
    mutate: (inner) => ({
      watch: (watched, onEnded, onGap) => inner.watch(new Set(watched), onEnded, onGap),
    }),
  },
  {
    wrong: "goes on telling whoever has stopped",
    breaks: ["a watcher that was stopped hears nothing more"],
    mutate: (inner) => ({
      watch(watched, onEnded, onGap) {
        inner.watch(watched, onEnded, onGap);
        return () => {};
      },
    }),
  },
];

const NOBODY: SessionRecord = {
  id: "",
  revision: 0,
  userId: null,
  secretHashes: { current: "", previous: null, retired: null },
  persistent: false,
  createdAt: 0,
  lastSeenAt: 0,
  expiresAt: 0,
  endsAt: 0,
  data: {},
};

/** A store that takes users for the same when `fold` makes their names the same. */
function byName(inner: Required<SessionStore>, fold: (userId: string) => string): Partial<SessionStore> {
  const names = new Map<string, string>();
  const unfold = (record: SessionRecord) => ({ ...record, userId: names.get(record.id) ?? null });
  return {
    create(record, now) {
      const { id, userId } = record;
      if (userId === null) return inner.create(record, now);
      names.set(id, userId);
      return inner.create({ ...record, userId: fold(userId) }, now);
    },
    async find(id, now) {
      const record = await inner.find(id, now);
      return record && unfold(record);
    },
    async findByUser(userId, now) {
      return (await inner.findByUser(fold(userId), now)).map(unfold);
    },
    deleteByUser: (userId, now, options) => inner.deleteByUser(fold(userId), now, options),
  };
}

/** A store that changes the names of keys. */
function byKey(inner: Required<SessionStore>, rename: (key: string) => string): Partial<SessionStore> {
  return {
    patch: (id, { set, unset, ...rest }, now, when) => {
      const renamed = Object.entries(set ?? {}).map(([key, text]) => [rename(key), text]);
      const patch = {
        ...rest,
        ...(set && { set: Object.fromEntries(renamed) }),
        ...(unset && { unset: unset.map(rename) }),
      };
      return inner.patch(id, patch, now, when);
    },
  };
}

function rewritten(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function mutated(mutate: Mutant["mutate"]): SessionStore {
  const inner = memoryStore() as Required<SessionStore>;
  const whole: SessionStore = {
    find: (id, now, options) => inner.find(id, now, options),
    create: (record, now) => inner.create(record, now),
    patch: (id, patch, now, when) => inner.patch(id, patch, now, when),
    delete: (id) => inner.delete(id),
    findByUser: (userId, now) => inner.findByUser(userId, now),
    deleteByUser: (userId, now, options) => inner.deleteByUser(userId, now, options),
    list: (now, cursor, limit) => inner.list(now, cursor, limit),
    sweep: (now, limit) => inner.sweep(now, limit),
    watch: (watched, onEnded, onGap) => inner.watch(watched, onEnded, onGap),
  };
  return { ...whole, ...mutate(inner) };
}

function caseNamed(name: string) {
  const found = storeContract.find((storeCase) => storeCase.name === name);
  assert.ok(found, `no promise is called "${name}"`);
  return found;
}

test("each promise has a name of its own", () => {
  const names = storeContract.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

for (const { wrong, breaks, mutate } of mutants) {
  test(`a store that ${wrong} is caught`, async () => {
    for (const name of breaks) {
      const attempt = checkStoreCase(caseNamed(name), () => ({ store: mutated(mutate) }));
      await assert.rejects(attempt, assert.AssertionError, `kept: ${name}`);
    }
  });
}

test("the store that the mutants are made from is caught nowhere", async () => {
  for (const storeCase of storeContract) {
    await checkStoreCase(storeCase, () => ({ store: mutated(() => ({})) }));
  }
});
