// The list of everybody's sessions, as a back office reads it: on each store, page by page, with what ends, expires or
// is damaged meanwhile, and with cursors from a URL that anybody may have edited.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import { InvalidValueError, StoreError, UnsupportedError } from "../../src/core/errors.ts";
import type { ListOptions, SessionInfo } from "../../src/core/listing.ts";
import type { Sessions } from "../../src/core/manager.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { someRecord } from "../../src/testing/store-cases-fixtures.ts";
import { testStore } from "./stores.ts";
import { type Browser, house, type Visitor } from "./visits.ts";

const MINUTE = 60_000;

type Damage = (id: SessionId) => void;
/** A store to try, and a way to damage a session behind its back, where there is one. */
type Opener = (t: TestContext) => { readonly store: SessionStore; readonly damages: readonly Damage[] };

const openers: Readonly<Record<string, Opener>> = {
  memory: () => ({ store: memoryStore(), damages: [] }),
  file: (t) => {
    const directory = newFolder(t);
    const store = fileStore(directory);
    const cut: Damage = (id) => writeFileSync(join(directory, "sessions", id.slice(0, 2), id), "\nnothing\n");
    return { store, damages: [cut] };
  },
  SQLite: (t) => {
    const path = join(newFolder(t), "sessions.db");
    const store = sqliteStore(path);
    t.after(() => store.close?.());
    const raw = (sql: string, ...values: string[]) => {
      const db = new DatabaseSync(path);
      db.prepare(sql).run(...values);
      db.close();
    };
    return {
      store,
      damages: [
        (id) => raw("UPDATE sessions SET record = '{' WHERE id = ?", id),
        (id) => raw("UPDATE sessions SET id = ? WHERE id = ?", id.toUpperCase().replace(/^./, "G"), id),
        (id) => raw("UPDATE sessions SET id = ? WHERE id = ?", id.slice(1), id),
      ],
    };
  },
};

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A new visitor with a session of their own, signed in unless `user` is `null`. */
async function visitor(browser: Browser, user: string | null): Promise<SessionId> {
  await browser.visit((session) => {
    if (user !== null) session.signIn(user);
    session.set("name", user ?? "somebody");
  });
  return (await browser.start()).session.id ?? "";
}

function recordAt(now: number): SessionRecord {
  return someRecord({ createdAt: now, lastSeenAt: now, expiresAt: now + MINUTE });
}

/** What all pages showed, by id, and how many pages there were. */
async function allOf(sessions: Sessions<Visitor>, limit: number) {
  const shown = new Map<SessionId, SessionInfo<Visitor>>();
  let cursor: string | null = null;
  for (let pages = 1; pages <= 100; pages += 1) {
    const page = await sessions.list({ cursor, limit });
    for (const info of page.sessions) shown.set(info.id, info);
    cursor = page.cursor;
    if (cursor === null) return { shown, ids: [...shown.keys()].sort(), pages };
  }
  return assert.fail("the list did not end");
}

for (const [name, open] of Object.entries(openers)) {
  describe(`the list of all sessions, ${name}`, () => {
    test("shows everybody's over its pages, anonymous ones included, and nothing that opens them", async (t) => {
      const { sessions, browser, clock } = house({ store: open(t).store });
      const ids = [];
      const secrets = [];
      for (let i = 0; i < 11; i += 1) {
        const each = browser();
        ids.push(await visitor(each, i % 3 === 0 ? null : `user ${i}`));
        secrets.push(each.cookie?.split(".")[1] ?? assert.fail("no cookie"));
      }
      for (const limit of [1, 4, 10, 11, 12, 1_000]) {
        assert.deepEqual((await allOf(sessions, limit)).ids, ids.toSorted(), `limit ${limit}`);
      }
      const { shown, pages } = await allOf(sessions, 4);
      assert.ok(pages >= 3, `${pages} pages`);
      const [first = "", second = ""] = ids;
      assert.deepEqual({ ...shown.get(first) }.userId, null);
      assert.deepEqual(
        { ...shown.get(second), data: { ...shown.get(second)?.data } },
        {
          id: second,
          userId: "user 1",
          createdAt: clock.now(),
          lastSeenAt: clock.now(),
          expiresAt: clock.now() + 24 * 60 * MINUTE,
          persistent: false,
          data: { name: "user 1" },
        },
      );
      const text = JSON.stringify([...shown.values()]);
      assert.doesNotMatch(text, /secret|hash/i);
      for (const secret of secrets) assert.ok(!text.includes(secret));
    });

    test("shows 100 on a page unless it is told otherwise", async (t) => {
      const { store } = open(t);
      const { sessions, clock } = house({ store });
      for (let i = 0; i < 101; i += 1) await store.create(recordAt(clock.now()), clock.now());
      const { sessions: first, cursor } = await sessions.list();
      assert.equal(first.length, 100);
      assert.equal((await sessions.list({ cursor })).sessions.length, 1);
    });

    test("shows none that was ended or has expired, and loses no other by it", async (t) => {
      const { sessions, browser, clock } = house({ store: open(t).store, idleTimeout: "30m", sweep: false });
      for (const user of ["idle", "idle"]) await visitor(browser(), user);
      clock.advance(30 * MINUTE - 1);
      const living = [await visitor(browser(), "alice"), await visitor(browser(), null)];
      await sessions.end(await visitor(browser(), "bob"));
      for (const user of ["eve", "eve"]) await visitor(browser(), user);
      await sessions.endAllOf("eve");
      const leaver = browser();
      await visitor(leaver, "carol");
      await leaver.visit((session) => session.signOut());
      assert.equal((await allOf(sessions, 2)).ids.length, 4);
      clock.advance(1);
      assert.deepEqual((await allOf(sessions, 2)).ids, living.sort());
    });

    test("shows none that is over by limits configured since, and goes on past pages of those", async (t) => {
      const { store } = open(t);
      const before = house({ store });
      for (let i = 0; i < 10; i += 1) await visitor(before.browser(), "alice");
      for (const shorter of [{ idleTimeout: "10m" }, { lifetime: "10m" }] as const) {
        const after = house({ store, ...shorter });
        after.clock.advance(10 * MINUTE);
        const fresh = await visitor(after.browser(), "bob");
        const { ids, shown, pages } = await allOf(after.sessions, 2);
        assert.deepEqual(ids, [fresh]);
        assert.ok(pages >= 5, `${pages} pages`);
        assert.equal(shown.get(fresh)?.expiresAt, after.clock.now() + 10 * MINUTE);
        await after.sessions.end(fresh);
      }
    });

    test("shows the others when the store cannot read one", async (t) => {
      const { store, damages } = open(t);
      const { sessions, browser } = house({ store });
      const sound = [];
      for (let i = 0; i < 5; i += 1) sound.push(await visitor(browser(), "alice"));
      for (const damage of damages) damage(await visitor(browser(), "mallory"));
      for (const limit of [1, 2, 100]) assert.deepEqual((await allOf(sessions, limit)).ids, sound.toSorted());
    });

    test("shows a session whose data cannot be read without them, so that it can be ended", async (t) => {
      const { store } = open(t);
      const { sessions, browser, clock, events } = house({ store });
      const alice = await visitor(browser(), "alice");
      const broken = { ...recordAt(clock.now()), data: { '"name"': "{oops" } };
      await store.create(broken, clock.now());
      const { ids, shown } = await allOf(sessions, 10);
      assert.deepEqual(ids, [alice, broken.id].sort());
      assert.equal(shown.get(alice)?.data.name, "alice");
      assert.deepEqual(shown.get(broken.id)?.data, {});
      assert.deepEqual(
        events.filter(({ type }) => type === "corrupt").map((event) => "id" in event && event.id),
        [broken.id],
      );
      assert.equal(await sessions.end(broken.id), true);
    });

    test("refuses a cursor that it did not give, without an alarm, and begins with an empty one", async (t) => {
      const { sessions, browser, happened } = house({ store: open(t).store });
      const id = await visitor(browser(), "alice");
      const foreign = [
        "x",
        "-1",
        "1.5",
        "NaN",
        " ",
        "\0",
        "%00",
        "../../etc/passwd",
        "' OR 1=1",
        id.toUpperCase(),
      ];
      const alarms = happened();
      for (const cursor of [...foreign, "\ud800", "f".repeat(100_000)]) {
        await assert.rejects(sessions.list({ cursor }), (error) => {
          assert.ok(error instanceof InvalidValueError && error.path === "cursor", String(error));
          return true;
        });
      }
      assert.deepEqual(happened(), alarms);
      for (const cursor of ["", null]) {
        assert.deepEqual(
          (await sessions.list({ cursor })).sessions.map((info) => info.id),
          [id],
        );
      }
    });
  });
}

describe("the list of all sessions", () => {
  test("refuses a limit that is no whole number from 1 to 1,000, and asks no store", async () => {
    const list = () => assert.fail("the store was asked");
    const { sessions } = house({ store: { ...testStore(), list } });
    for (const limit of [0, -1, 1.5, 1_001, Number.NaN, Number.POSITIVE_INFINITY, "10", null]) {
      await assert.rejects(sessions.list({ limit } as ListOptions), /^InvalidValueError: limit .* 1 to 1000/);
    }
  });

  test("of a store that cannot list says so, and what to do instead", async () => {
    const { sessions, happened } = house({ store: testStore() });
    await assert.rejects(sessions.list(), (error) => {
      assert.ok(error instanceof UnsupportedError && error.code === "UNSUPPORTED");
      assert.match(error.message, /cannot list all sessions.*`ofUser`/);
      return true;
    });
    assert.deepEqual(happened(), []);
  });

  test("T18 of a store in trouble fails as a store, within the deadline, and is not empty", async () => {
    let answer: () => Promise<never> = () => Promise.reject(new Error("connection refused"));
    const { sessions, clock, happened } = house({
      store: { ...testStore(), list: () => answer() },
      deadline: "2s",
    });
    await assert.rejects(sessions.list(), (error) => {
      assert.ok(error instanceof StoreError && error.code === "STORE_FAILED");
      assert.match(error.message, /could not list the sessions: connection refused/);
      return true;
    });
    assert.deepEqual(happened(), ["storeFailed"]);
    answer = () => new Promise(() => {});
    const listing = assert.rejects(sessions.list(), { code: "STORE_TIMEOUT" });
    clock.advance(2_000);
    await listing;
    await assert.rejects(sessions.list(), { code: "STORE_UNREACHABLE" });
  });
});

test("a user's list tells the end that the limits configured now make", async () => {
  const store = memoryStore();
  await visitor(house({ store }).browser(), "alice");
  const { sessions, clock } = house({ store, idleTimeout: "10m" });
  assert.equal((await sessions.ofUser("alice"))[0]?.expiresAt, clock.now() + 10 * MINUTE);
});
