// What the manager promises over many requests: bounded lives, ending people's sessions, limits, stores in trouble,
// damaged records, proxies, and what it tells its operator.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError, type StoreError, UndeclaredProxyError } from "../../src/core/errors.ts";
import { assurance } from "../../src/core/expiry.ts";
import { createSessions } from "../../src/core/manager.ts";
import type { SessionRecord } from "../../src/core/record.ts";
import { sameHash } from "../../src/core/token.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { gate, testStore } from "./stores.ts";
import { type Browser, house, type Visitor } from "./visits.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const userOf = async (browser: Browser) => (await browser.start()).session.userId;
const tokenOf = (browser: Browser) => (browser.cookie ?? "").replace(/^[^=]*=/, "");

describe("a session's life", () => {
  test("T5 ends after the idle timeout, at the instant, and at no other", async () => {
    const { browser, clock } = house({ idleTimeout: "30m" });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    clock.advance(30 * MINUTE - 1);
    assert.equal(await userOf(alice), "alice");
    clock.advance(1);
    assert.equal(await userOf(alice), null);
  });

  test("T5 is prolonged by visits, and ends at its absolute end whatever the activity", async () => {
    const { browser, clock } = house({ idleTimeout: "30m", lifetime: "2h" });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    for (let minutes = 20; minutes < 120; minutes += 20) {
      clock.advance(20 * MINUTE);
      await alice.visit();
      assert.equal(await userOf(alice), "alice", `${minutes} minutes`);
    }
    clock.advance(20 * MINUTE - 1);
    assert.equal(await userOf(alice), "alice");
    clock.advance(1);
    assert.equal(await userOf(alice), null);
  });

  test("C5 is the server's: an edited Max-Age gains nothing", async () => {
    const { browser, clock } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice", { persistent: true }));
    const kept = alice.cookie;
    clock.advance(24 * HOUR);
    alice.cookie = kept;
    assert.equal(await userOf(alice), null);
  });

  test("is written down only when a visit moves its end by a twentieth of the idle timeout, or an hour", async () => {
    for (const [idleTimeout, step] of [
      ["20m", MINUTE],
      ["10d", HOUR],
    ] as const) {
      const store = testStore();
      const { browser, clock } = house({ store, idleTimeout, lifetime: "30d" });
      const alice = browser();
      await alice.visit((session) => session.signIn("alice"));
      store.calls.length = 0;
      clock.advance(step - 1);
      for (let i = 0; i < 10; i++) await alice.visit((session) => session.data.name);
      assert.ok(!store.calls.includes("patch"), idleTimeout);
      clock.advance(1);
      for (let i = 0; i < 10; i++) await alice.visit();
      assert.equal(store.calls.filter((call) => call === "patch").length, 1, idleTimeout);
    }
  });

  test("is written down at once by touch", async () => {
    const { browser, clock, sessions } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    clock.advance(1_000);
    await alice.visit((session) => session.touch());
    assert.equal((await sessions.ofUser("alice"))[0]?.lastSeenAt, clock.now());
  });

  test("is shortened by limits that were configured since", async () => {
    for (const shorter of [{ idleTimeout: "10m" }, { lifetime: "10m" }] as const) {
      const store = memoryStore();
      const before = house({ store });
      const after = house({ store, ...shorter });
      const alice = before.browser();
      await alice.visit((session) => session.signIn("alice"));
      const later = after.browser();
      later.cookie = alice.cookie;
      assert.equal(await userOf(later), "alice");
      assert.equal((await after.sessions.ofUser("alice")).length, 1);
      after.clock.advance(10 * MINUTE);
      assert.equal(await userOf(later), null);
      assert.deepEqual(await after.sessions.ofUser("alice"), []);
    }
  });

  test("T5 of somebody who keeps visiting goes on though the idle timeout was shortened since", async () => {
    const store = memoryStore();
    const alice = house({ store, idleTimeout: "24h" }).browser();
    await alice.visit((session) => session.signIn("alice"));
    const { browser, clock } = house({ store, idleTimeout: "1h" });
    const later = browser();
    later.cookie = alice.cookie;
    for (let visits = 0; visits < 10; visits++) {
      clock.advance(10 * MINUTE);
      await later.visit();
      assert.equal(await userOf(later), "alice");
    }
    clock.advance(HOUR);
    assert.equal(await userOf(later), null);
  });

  test("T5 ends at the absolute end it was made with, from the start and though the lifetime was lengthened since", async () => {
    const store = memoryStore();
    const before = house({ store, idleTimeout: "2h", lifetime: "1h" });
    const alice = before.browser();
    await alice.visit((session) => session.signIn("alice"));
    const id = (await alice.start()).session.id ?? "";
    const end = before.clock.now() + HOUR;
    assert.equal((await store.find(id, end - 1))?.expiresAt, end);
    const { browser, clock } = house({ store, idleTimeout: "2h", lifetime: "3h" });
    const later = browser();
    later.cookie = alice.cookie;
    clock.advance(30 * MINUTE);
    await later.visit((session) => session.touch());
    assert.equal((await store.find(id, end - 1))?.expiresAt, end);
  });

  test("is never stored as lasting beyond its absolute end, however often somebody visits", async () => {
    const { browser, clock, sessions } = house({ idleTimeout: "30m", lifetime: "1h" });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const end = clock.now() + HOUR;
    for (let visit = 0; visit < 2; visit++) {
      clock.advance(20 * MINUTE);
      await alice.visit((session) => session.touch());
    }
    assert.equal((await sessions.ofUser("alice"))[0]?.expiresAt, end);
  });

  for (const [level, idle, absolute] of [
    ["aal1", 30 * DAY, 30 * DAY],
    ["aal2", HOUR, 24 * HOUR],
    ["aal3", 15 * MINUTE, 12 * HOUR],
  ] as const) {
    test(`T19 of the preset ${level} ends as NIST SP 800-63B-4 asks`, async () => {
      const { browser, clock } = house({ ...assurance[level] });
      const [idler, busy] = [browser(), browser()];
      await idler.visit((session) => session.signIn("idler"));
      clock.advance(idle - 1);
      assert.equal(await userOf(idler), "idler");
      clock.advance(1);
      assert.equal(await userOf(idler), null);
      await busy.visit((session) => session.signIn("busy"));
      const started = clock.now();
      while (clock.now() + idle / 2 < started + absolute) {
        clock.advance(idle / 2);
        await busy.visit();
        assert.equal(await userOf(busy), "busy");
      }
      clock.advance(started + absolute - clock.now());
      assert.equal(await userOf(busy), null);
    });
  }

  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1w", "", "h"]) {
    test(`of ${JSON.stringify(wrong)} is refused at the start`, () => {
      assert.throws(() => house({ lifetime: wrong as "1h" }), ConfigurationError);
      assert.throws(() => house({ idleTimeout: wrong as "1h" }), ConfigurationError);
    });
  }

  test("without a store is refused at the start, with what to write", () => {
    assert.throws(() => createSessions({} as never), /fileStore/);
  });

  test("with a limit that is no whole number is refused at the start", () => {
    for (const wrong of [0, -1, 2.5, Number.NaN]) {
      assert.throws(() => house({ maxPerUser: wrong }), ConfigurationError);
      assert.throws(() => house({ limits: { keys: wrong } }), ConfigurationError);
    }
  });
});

describe("ending sessions", () => {
  test("T16 a user's sessions are listed, newest first, without anything that opens them", async () => {
    const { browser, sessions, clock } = house();
    const [a, b, other] = [browser(), browser(), browser()];
    await a.visit((session) => session.signIn("alice").set("name", "phone"));
    clock.advance(1_000);
    await b.visit((session) => session.signIn("alice", { persistent: true }).set("name", "laptop"));
    await other.visit((session) => session.signIn("Alice"));
    const list = await sessions.ofUser("alice");
    assert.deepEqual(
      list.map(({ data, persistent }) => [data.name, persistent]),
      [
        ["laptop", true],
        ["phone", false],
      ],
    );
    assert.doesNotMatch(JSON.stringify(list), /secret|hash/i);
    assert.ok(!JSON.stringify(list).includes(tokenOf(a).slice(33)));
  });

  test("T16 one is ended for its very next request, and no other", async () => {
    const { browser, sessions } = house();
    const [a, b] = [browser(), browser()];
    await a.visit((session) => session.signIn("alice"));
    await b.visit((session) => session.signIn("alice"));
    const id = (await a.start()).session.id ?? "";
    assert.equal(await sessions.end(id), true);
    assert.equal(await sessions.end(id), false);
    assert.equal(await userOf(a), null);
    assert.equal(await userOf(b), "alice");
  });

  test("what is no id ends nothing and asks no store", async () => {
    const store = testStore();
    const { sessions } = house({ store });
    for (const id of ["", "../x", "a".repeat(33), `${"0".repeat(31)}G`])
      assert.equal(await sessions.end(id), false);
    assert.deepEqual(store.calls, []);
  });

  test("T16 one that was over already is remembered as over, so that a late request writes nothing", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const { session } = await alice.start();
    // Another process ended it.
    await store.delete(session.id ?? "");
    assert.equal(await sessions.end(session.id ?? ""), false);
    const { cookie } = await alice.visit((late) => late.set("note", "late"));
    assert.equal(cookie, null);
  });

  test("T16 all are ended but this one, by its id too", async () => {
    const { browser, sessions } = house();
    const [a, b, c] = [browser(), browser(), browser()];
    for (const each of [a, b, c]) await each.visit((session) => session.signIn("alice"));
    const id = (await c.start()).session.id;
    assert.equal((await sessions.endAllOf("alice", { except: id })).length, 2);
    assert.deepEqual([await userOf(a), await userOf(b), await userOf(c)], [null, null, "alice"]);
    assert.equal((await sessions.endAllOf("alice")).length, 1);
    assert.equal(await userOf(c), null);
  });

  test("T16 a sign-in under way ends too, and sets no cookie", async () => {
    const store = testStore();
    const { browser, sessions, happened } = house({ store });
    const alice = browser();
    const wait = gate();
    store.before("create", () => wait.opened);
    const visit = await alice.start();
    visit.session.signIn("alice");
    const ending = visit.end();
    await sessions.endAllOf("alice");
    wait.open();
    assert.equal((await ending).cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
    assert.equal(happened().at(-1), "lost");
  });

  test("T16 a sign-in between two endings within one millisecond is ended by the second", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store });
    await sessions.endAllOf("alice");
    const visit = await browser().start();
    visit.session.signIn("alice");
    const wait = gate();
    store.before("create", () => wait.opened);
    const arriving = visit.end();
    await sessions.endAllOf("alice");
    wait.open();
    assert.equal((await arriving).cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
  });

  test("T17 ten sign-ins at once under a limit of three leave three, and three browsers signed in", async () => {
    for (const store of [memoryStore(), testStore()]) {
      const { browser, sessions, happened } = house({ store, maxPerUser: 3 });
      const browsers = Array.from({ length: 10 }, browser);
      const visits = await Promise.all(browsers.map((each) => each.start()));
      for (const { session } of visits) session.signIn("alice");
      await Promise.all(visits.map((visit) => visit.end()));
      assert.equal((await sessions.ofUser("alice")).length, 3);
      const users = await Promise.all(browsers.map(userOf));
      assert.equal(users.filter((user) => user === "alice").length, 3);
      assert.equal(happened().filter((type) => type === "ended").length, 7);
    }
  });

  test("T17 of sign-ins at the same instant the greatest ids stay, and one that does not gets no cookie", async () => {
    for (let round = 0; round < 20; round++) {
      const { browser, sessions } = house({ maxPerUser: 1 });
      const visits = [await browser().start(), await browser().start()];
      const ids = visits.map(({ session }) => session.signIn("alice").id ?? "");
      const cookies = [];
      for (const visit of visits) cookies.push((await visit.end()).cookie);
      assert.deepEqual(
        (await sessions.ofUser("alice")).map(({ id }) => id),
        [ids.toSorted().at(-1)],
      );
      // The first was alone when it arrived.
      assert.deepEqual(
        cookies.map((cookie) => cookie !== null),
        [true, (ids[0] ?? "") < (ids[1] ?? "")],
      );
    }
  });

  test("T17 that cannot be checked fails the sign-in, and leaves nothing of it", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store, maxPerUser: 2 });
    const alice = browser();
    store.before("findByUser", () => {
      throw new Error("down");
    });
    await assert.rejects(
      alice.visit((session) => session.signIn("alice")),
      { code: "STORE_FAILED" },
    );
    store.calm();
    assert.equal(alice.cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
  });

  test("T17 the newest stay", async () => {
    const { browser, clock } = house({ maxPerUser: 2 });
    const browsers = [browser(), browser(), browser()];
    for (const each of browsers) {
      await each.visit((session) => session.signIn("alice"));
      clock.advance(1);
    }
    assert.deepEqual(await Promise.all(browsers.map(userOf)), [null, "alice", "alice"]);
  });
});

describe("the signal", () => {
  test("fires when the session is ended in this process, by whatever means", async () => {
    for (const means of ["end", "endAllOf", "signOut", "signIn"] as const) {
      const { browser, sessions } = house();
      const alice = browser();
      await alice.visit((session) => session.signIn("alice"));
      const { session } = await alice.start();
      const { signal } = session;
      assert.equal(signal.aborted, false);
      assert.equal(session.signal, signal);
      if (means === "end") await sessions.end(session.id ?? "");
      else if (means === "endAllOf") await sessions.endAllOf("alice");
      else await alice.visit((other) => (means === "signOut" ? other.signOut() : other.signIn("alice")));
      assert.equal(signal.aborted, true, means);
    }
  });

  test("fires when it was ended in another process, or expired, at the next look", async () => {
    for (const store of [memoryStore(), testStore()]) {
      const { browser, clock } = house({ store, idleTimeout: "1h" });
      const alice = browser();
      for (const end of ["elsewhere", "expired"]) {
        await alice.visit((session) => session.signIn("alice"));
        const { session } = await alice.start();
        const { signal } = session;
        if (end === "elsewhere") await store.delete(session.id ?? "");
        else clock.advance(HOUR);
        await new Promise(setImmediate);
        clock.advance(30_000);
        await new Promise(setImmediate);
        assert.equal(signal.aborted, true, end);
      }
    }
  });

  test("fires at the end that the limits configured now set, not those it was stored under", async () => {
    for (const shorter of [{ idleTimeout: "10m" }, { lifetime: "10m" }] as const) {
      const store = memoryStore();
      const alice = house({ store }).browser();
      await alice.visit((session) => session.signIn("alice"));
      const { browser, clock } = house({ store, ...shorter });
      const later = browser();
      later.cookie = alice.cookie;
      const { signal } = (await later.start()).session;
      clock.advance(10 * MINUTE - 1);
      await new Promise(setImmediate);
      assert.equal(signal.aborted, false);
      clock.advance(30_000);
      await new Promise(setImmediate);
      assert.equal(signal.aborted, true);
    }
  });

  test("is watched only while somebody holds it", async () => {
    const store = testStore();
    const { sessions, clock, browser } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    let close = () => {};
    const session = await sessions.open({
      method: "GET",
      encrypted: false,
      header: (name) => (name === "cookie" ? alice.cookie : null),
      onClose: (listener) => {
        close = listener;
      },
    });
    assert.equal(session.signal.aborted, false);
    store.calls.length = 0;
    clock.advance(500);
    assert.deepEqual(store.calls, ["find"]);
    await new Promise(setImmediate);
    close();
    clock.advance(5_000);
    assert.deepEqual(store.calls, ["find"]);
  });

  test("of nobody's session never fires", async () => {
    assert.equal((await house().browser().start()).session.signal.aborted, false);
  });
});

describe("a store in trouble", () => {
  test("T18 that fails the look-up fails the first use, and lets pages live that use no session", async () => {
    const store = testStore();
    const { browser, happened } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    store.before("find", () => {
      throw new Error("connection refused");
    });
    assert.deepEqual(await alice.visit(), { cookie: null, used: false });
    await assert.rejects(
      alice.visit((session) => session.userId),
      (error: StoreError) =>
        error.code === "STORE_FAILED" && /look the session up: connection refused/.test(error.message),
    );
    assert.equal(happened().at(-1), "storeFailed");
    store.calm();
    assert.equal(await userOf(alice), "alice");
  });

  test("T18 a handler that swallows the failure does not make an anonymous visitor of it", async () => {
    const store = testStore();
    const { browser } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    for (const method of ["find", "patch"] as const) {
      store.before(method, () => {
        throw new Error("down");
      });
      const visit = await alice.start();
      try {
        await visit.session.set("name", "x").save();
      } catch {
        // Swallowed.
      }
      await assert.rejects(async () => visit.end(200), { code: "STORE_FAILED" });
      store.calm();
    }
  });

  test("T18 that failed once in a request has failed it, even if it came back meanwhile", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("note", "ticket"));
    const visit = await alice.start();
    store.before("find", () => {
      throw new Error("down");
    });
    await assert.rejects(visit.session.claim("note"), { code: "STORE_FAILED" });
    store.calm();
    await assert.rejects(async () => visit.end(200), { code: "STORE_FAILED" });
  });

  test("T18 that does not answer is given the deadline, then nothing until a probe gets through", async () => {
    const store = testStore();
    const { browser, clock, happened } = house({ store, deadline: "2s" });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    store.before("find", () => new Promise(() => {}));
    const starting = alice.start();
    clock.advance(2_000);
    const { session } = await starting;
    assert.throws(() => session.data, { code: "STORE_TIMEOUT" });
    store.calls.length = 0;
    for (let i = 0; i < 5; i++) {
      const { session } = await alice.start();
      assert.throws(() => session.data, { code: "STORE_UNREACHABLE" });
    }
    assert.deepEqual(store.calls, []);
    clock.advance(250);
    const probe = alice.start();
    assert.throws(() => sync(alice.start()), /STORE_UNREACHABLE|pending/);
    assert.deepEqual(store.calls, ["find"]);
    clock.advance(2_000);
    await probe;
    store.calm();
    clock.advance(250);
    assert.equal(await userOf(alice), "alice");
    assert.equal(await userOf(alice), "alice");
    assert.deepEqual(
      happened().filter((type) => type === "circuit"),
      ["circuit", "circuit"],
    );
  });

  test("T18 that hangs at any step of a sign-in fails it within two deadlines, and sets no cookie", async () => {
    for (const step of ["create", "delete", "findByUser"] as const) {
      const store = testStore();
      const { browser, clock } = house({ store, deadline: "2s", maxPerUser: 3 });
      const alice = browser();
      await alice.visit((session) => session.set("note", "before"));
      const { cookie } = alice;
      store.before(step, () => new Promise(() => {}));
      const failed = assert.rejects(
        alice.visit((session) => session.signIn("alice")),
        { code: "STORE_TIMEOUT" },
      );
      for (let deadlines = 0; deadlines < 2; deadlines++) {
        await turn();
        if (step === "findByUser") store.before("delete", () => new Promise(() => {}));
        clock.advance(2_000);
      }
      await failed;
      assert.equal(alice.cookie, cookie);
      // What was made is taken back, or at least tried to, although the store has just missed a deadline.
      const deletes = store.calls.filter((call) => call === "delete").length;
      assert.equal(deletes, step === "create" ? 0 : 2);
    }
  });

  test("T18 that answered in time, or failed in time, missed no deadline", async () => {
    const store = testStore();
    const { browser, clock, happened } = house({ store, deadline: "2s" });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    store.before("find", () => Promise.resolve());
    assert.equal(await userOf(alice), "alice");
    store.before("find", () => Promise.reject(new Error("refused")));
    await alice.start();
    clock.advance(3_000);
    assert.ok(!happened().includes("circuit"));
    store.calm();
    assert.equal(await userOf(alice), "alice");
  });

  test("a visit that cannot be written down is an event, and the answer goes out", async () => {
    const store = testStore();
    const { browser, clock, happened } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    clock.advance(2 * HOUR);
    store.before("patch", () => {
      throw new Error("read-only");
    });
    assert.deepEqual(await alice.visit((session) => session.userId), { cookie: null, used: true });
    assert.equal(happened().at(-1), "refreshFailed");
  });

  test("T11 whose record is damaged makes its bearer anonymous, with an event, and harms nobody else", async () => {
    const inner = memoryStore();
    const damages: ((record: SessionRecord) => SessionRecord)[] = [
      (record) => ({ ...record, data: { '"name"': "{oops" } }),
      (record) => ({ ...record, data: { name: '"unescaped key"' } }),
      (record) => ({ ...record, data: { '"name"': "alert(1)" } }),
    ];
    for (const damage of damages) {
      let broken = "";
      const store = {
        ...testStore(inner),
        find: async (id: string, now: number) => {
          const record = await inner.find(id, now);
          return record && id === broken ? damage(record) : record;
        },
      };
      const { browser, happened, sessions } = house({ store });
      const [alice, bob] = [browser(), browser()];
      await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
      await bob.visit((session) => session.signIn("bob"));
      broken = (await alice.start()).session.id ?? "";
      assert.equal(await userOf(alice), null);
      assert.equal(happened().at(-1), "corrupt");
      assert.equal(await userOf(bob), "bob");
      assert.equal(await sessions.end(broken), true);
    }
  });

  test("is swept in batches until nothing is left", async () => {
    const { browser, clock, sessions, happened } = house({ idleTimeout: "1h", sweep: false });
    for (let i = 0; i < 1_200; i++) await browser().visit((session) => session.set("count", i));
    clock.advance(HOUR - 1);
    assert.equal(await sessions.sweep(), 0);
    clock.advance(2 * MINUTE);
    assert.equal(await sessions.sweep(), 1_200);
    assert.equal(happened().at(-1), "swept");
  });

  test("is not swept by itself when that is turned off", async () => {
    let sweeps = 0;
    const store = { ...testStore(), sweep: () => ({ removed: sweeps++ * 0, more: false }) };
    const { clock } = house({ store, sweep: false });
    clock.advance(DAY);
    assert.equal(sweeps, 0);
    const swept = house({ store });
    for (let rounds = 1; rounds <= 2; rounds++) {
      swept.clock.advance(1.5 * MINUTE);
      await turn();
      assert.equal(sweeps, rounds);
    }
    await swept.sessions.close();
    swept.clock.advance(DAY);
    await turn();
    assert.equal(sweeps, 2);
  });

  test("T18 whose sweep hangs is given the deadline and swept again later, and opens no circuit", async () => {
    let sweeps = 0;
    const hanging = (): Promise<never> => {
      sweeps++;
      return new Promise(() => {});
    };
    const store = { ...testStore(), sweep: hanging };
    const { clock, sessions, happened } = house({ store, deadline: "2s" });
    clock.advance(1.5 * MINUTE + 2_000);
    await turn();
    assert.deepEqual([sweeps, happened().at(-1)], [1, "storeFailed"]);
    assert.ok(!happened().includes("circuit"));
    clock.advance(1.5 * MINUTE);
    await turn();
    assert.equal(sweeps, 2);
    const own = assert.rejects(sessions.sweep(), { code: "STORE_TIMEOUT" });
    clock.advance(2_000);
    await own;
  });
});

const turn = () => new Promise(setImmediate);

function sync(value: unknown): never {
  throw new Error(value instanceof Promise ? "pending" : "done");
}

describe("secrets", () => {
  test("T1 are 192 random bits, of which no two in a hundred thousand share any pattern", async () => {
    const { newToken } = await import("../../src/core/token.ts");
    const seen = new Set<string>();
    const ones = new Array<number>(192).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const { id, secret } = newToken();
      assert.match(id, /^[0-9a-f]{32}$/);
      const bytes = Buffer.from(secret, "base64url");
      assert.equal(bytes.length, 24);
      seen.add(secret).add(id);
      for (let bit = 0; bit < 192; bit++) {
        if ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) ones[bit] = (ones[bit] ?? 0) + 1;
      }
    }
    assert.equal(seen.size, 200_000);
    // Eight standard deviations of a fair coin.
    for (const count of ones) assert.ok(Math.abs(count - 50_000) < 8 * 158);
  });

  test("T7 are not in the store, and what is there opens nothing", async () => {
    const store = memoryStore();
    const { browser, clock, happened } = house({ store });
    const [alice, thief] = [browser(), browser()];
    await alice.visit((session) => session.signIn("alice"));
    const [id = "", secret = ""] = tokenOf(alice).split(".");
    const record = await store.find(id, clock.now());
    assert.ok(record && !JSON.stringify(record).includes(secret));
    const hash = record.secretHashes.current;
    for (const stolen of [hash, hash.slice(0, 32), "A".repeat(32)]) {
      thief.cookie = `session=${id}.${stolen}`;
      assert.equal(await userOf(thief), null);
    }
    assert.equal(happened().at(-1), "mismatch");
  });

  test("T7 are compared in constant time", () => {
    assert.match(sameHash.toString(), /return timingSafeEqual\(/);
  });

  test("T4 malformed tokens make no store call", async () => {
    const store = testStore();
    const { browser, events } = house({ store });
    const id = "0".repeat(32);
    const good = "A".repeat(32);
    for (const token of [
      "x".repeat(10_240),
      "../../etc/passwd",
      `${id}.${"A".repeat(31)}\0`,
      `${id}.${"A".repeat(31)}\r\n`,
      `${id}.${"A".repeat(31)}é`,
      `${id.slice(1)}G.${good}`,
      `${id}:${good}`,
      `${id}.${good}A`,
      id,
      "",
      `"${id}.${good}"`,
    ]) {
      const visitor = browser();
      visitor.cookie = `session=${token}`;
      assert.equal(await userOf(visitor), null);
    }
    assert.deepEqual(store.calls, []);
    assert.deepEqual(events, []);
  });
});

describe("proxies", () => {
  const https = { "x-forwarded-proto": "https", host: "example.org" };

  test("that are declared decide the cookie's name; those that are not decide nothing", async () => {
    for (const [proxies, headers, name] of [
      [["127.0.0.0/8"], https, "__Host-session"],
      [["127.0.0.1"], { forwarded: "for=1.2.3.4;proto=https, for=x", host: "example.org" }, "__Host-session"],
      ["all", https, "__Host-session"],
      [["127.0.0.1"], { "x-forwarded-proto": "http", host: "example.org" }, "session"],
      [["10.0.0.0/8"], { "x-forwarded-proto": "https", host: "localhost:5000" }, "session"],
      [[], { host: "example.org" }, "session"],
    ] as const) {
      const visitor = house({ proxies }).browser();
      visitor.headers = headers;
      await visitor.visit((session) => session.signIn("alice"));
      assert.equal(visitor.cookie?.split("=")[0], name, JSON.stringify([proxies, headers]));
      assert.equal(await userOf(visitor), "alice");
    }
  });

  test("are found by their address in whichever notation the socket has it", async () => {
    for (const [proxies, remoteAddress, secure] of [
      [["10.0.0.0/8"], "::ffff:10.1.2.3", true],
      [["10.0.0.0/8"], "::ffff:11.1.2.3", false],
      [["fd00::/8"], "fd00::7", true],
      [["10.0.0.0/8"], undefined, false],
    ] as const) {
      const { sessions } = house({ proxies });
      const headers: Record<string, string> = { "x-forwarded-proto": "https", host: "localhost" };
      const session = await sessions.open({
        method: "GET",
        encrypted: false,
        remoteAddress,
        header: (name) => headers[name],
      });
      session.signIn("alice");
      const { cookie } = await sessions.commit(session, 200);
      assert.equal(cookie?.startsWith("__Host-"), secure, `from ${remoteAddress}`);
    }
  });

  test("C9 that are undeclared are diagnosed: an event and one loud line, and in production no cookie", async (t) => {
    const lines = t.mock.method(console, "error", () => {});
    for (const evidence of [
      https,
      { "sec-fetch-site": "same-origin", host: "example.org" },
      { forwarded: "proto=https", host: "192.0.2.1:8080" },
    ]) {
      lines.mock.resetCalls();
      const { browser, happened } = house();
      for (let i = 0; i < 3; i++) {
        const visitor = browser();
        visitor.headers = evidence;
        await visitor.visit((session) => session.signIn("alice"));
      }
      assert.equal(happened().filter((type) => type === "undeclaredProxy").length, 3);
      assert.equal(lines.mock.callCount(), 1);
      assert.match(String(lines.mock.calls[0]?.arguments[0]), /proxies/);

      const environment = process.env.NODE_ENV;
      process.env.NODE_ENV = "production";
      try {
        const store = testStore();
        const visitor = house({ store }).browser();
        visitor.headers = evidence;
        await assert.rejects(
          visitor.visit((session) => session.signIn("alice")),
          UndeclaredProxyError,
        );
        assert.deepEqual(store.calls, []);
      } finally {
        if (environment === undefined) delete process.env.NODE_ENV;
        else process.env.NODE_ENV = environment;
      }
    }
  });

  for (const wrong of ["proxy.local", "10.0.0.0/33", "10.0.0.0/x", ""]) {
    test(`declared as ${JSON.stringify(wrong)} are refused at the start`, () => {
      assert.throws(() => house({ proxies: [wrong] }), ConfigurationError);
    });
  }
});

describe("events", () => {
  test("tell who signed in, what was replaced and what ended, and never a secret", async () => {
    const { browser, sessions, events } = house();
    const alice = browser();
    await alice.visit((session) => session.set("name", "x"));
    await alice.visit((session) => session.signIn("alice"));
    await alice.visit((session) => session.rotate());
    const secret = tokenOf(alice).slice(33);
    await sessions.endAllOf("alice");
    assert.deepEqual(
      events.map((event) => [
        event.type,
        "reason" in event ? event.reason : "userId" in event ? event.userId : null,
      ]),
      [
        ["created", null],
        ["ended", "replaced"],
        ["signedIn", "alice"],
        ["rotated", null],
        ["ended", "ended by manager"],
      ],
    );
    assert.ok(!JSON.stringify(events).includes(secret));
    assert.ok(events.every(({ at }) => Number.isFinite(at)));
  });

  test("whose listener throws change nothing for the visitor", async (t) => {
    const lines = t.mock.method(console, "error", () => {});
    const sessions = createSessions<Visitor>({
      store: memoryStore(),
      onEvent() {
        throw new Error("the listener's fault");
      },
    });
    const session = await sessions.open({ method: "GET", encrypted: true, header: () => null });
    session.signIn("alice");
    assert.match((await sessions.commit(session, 200)).cookie ?? "", /^__Host-session=/);
    assert.equal(lines.mock.callCount(), 1);
    await sessions.close();
  });
});
