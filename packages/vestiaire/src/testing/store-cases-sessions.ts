// What the security checklist asks of sessions, on the store under test: the whole way from a browser's cookie through
// the core to the record and back. The names begin with the checklist's row.

import assert from "node:assert/strict";
import type { SessionEvent } from "../core/events.ts";
import { createSessions, type Sessions } from "../core/manager.ts";
import type { SessionsOptions } from "../core/options.ts";
import { ROTATION_GRACE } from "../core/rotation.ts";
import { Browser, type Visitor } from "./browser.ts";
import { type ManualClock, manualClock } from "./clock.ts";
import { HOUR, MINUTE, NOW, type StoreCase, several } from "./store-cases-fixtures.ts";

interface Site {
  readonly sessions: Sessions<Visitor>;
  readonly clock: ManualClock;
  readonly events: SessionEvent[];
  browser(): Browser;
}

function site(options: SessionsOptions): Site {
  const clock = manualClock(NOW);
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent) => void events.push(event);
  const sessions = createSessions<Visitor>({ clock, onEvent, sweep: false, ...options });
  return { sessions, clock, events, browser: () => new Browser(sessions) };
}

const userOf = async (browser: Browser) => (await browser.start()).session.userId;

/** Another browser with a copy of this one's cookie. */
function thiefOf(browser: Browser, { browser: another }: Site): Browser {
  const thief = another();
  thief.cookie = browser.cookie;
  return thief;
}

export const sessionCases: readonly StoreCase[] = [
  {
    name: "T2 signing in makes a new session, carries the data over, and the old one is dead at once",
    async run({ store }) {
      const here = site({ store });
      const alice = here.browser();
      await alice.visit((session) => session.set("cart", ["pear"]));
      const thief = thiefOf(alice, here);
      await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
      assert.deepEqual({ ...(await alice.read()) }, { cart: ["pear"], name: "Alice" });
      assert.deepEqual({ ...(await thief.read()) }, {});
    },
  },
  {
    name: "T3 a token that was not issued here is never adopted",
    async run({ store }) {
      const { browser, sessions } = site({ store });
      const alice = browser();
      const planted = `session=${"0".repeat(32)}.${"A".repeat(32)}`;
      alice.cookie = planted;
      await alice.visit((session) => session.signIn("alice"));
      assert.notEqual(alice.cookie?.slice(0, 40), planted.slice(0, 40));
      assert.equal((await sessions.ofUser("alice")).length, 1);
    },
  },
  {
    name: "T5 the idle timeout and the absolute lifetime end a session, whatever the activity",
    async run({ store }) {
      const { browser, clock } = site({ store, idleTimeout: "1h", lifetime: "3h" });
      const [idler, busy] = [browser(), browser()];
      for (const each of [idler, busy]) await each.visit((session) => session.signIn("alice"));
      for (let visits = 1; visits <= 5; visits += 1) {
        clock.advance(HOUR / 2);
        await busy.visit();
        assert.equal(await userOf(busy), "alice");
        // A look without a commit, which prolongs nothing.
        assert.equal(await userOf(idler), visits === 1 ? "alice" : null);
      }
      clock.advance(HOUR / 2);
      assert.equal(await userOf(busy), null);
    },
  },
  {
    name: "T6 a rotation survives parallel requests, and after its grace exactly one secret opens the session",
    async run({ store }) {
      const here = site({ store });
      const { clock, events } = here;
      const alice = here.browser();
      await alice.visit((session) => session.signIn("alice"));
      const thief = thiefOf(alice, here);
      const visits = await several(20, () => alice.start());
      for (const { session } of visits) session.rotate().update("count", (count = 0) => count + 1);
      const answers = await Promise.all(visits.map((visit) => visit.end()));
      assert.equal(answers.filter(({ cookie }) => cookie !== null).length, 1);
      assert.equal((await alice.read()).count, 20);
      await alice.visit();
      assert.equal(await userOf(thief), "alice");
      clock.advance(ROTATION_GRACE);
      assert.equal(await userOf(thief), null);
      assert.equal(events.at(-1)?.type, "reused");
      assert.equal(await userOf(alice), "alice");
    },
  },
  {
    name: "T7 what is stored opens nothing: it holds no secret, and its hash is none",
    async run({ store }) {
      const { browser } = site({ store });
      const alice = browser();
      await alice.visit((session) => session.signIn("alice"));
      const [, id = "", secret = ""] = /=(.*)\.(.*)/.exec(alice.cookie ?? "") ?? [];
      const record = await store.find(id, NOW);
      assert.equal(secret.length, 32);
      assert.ok(!JSON.stringify(record).includes(secret));
      const hash = record?.secretHashes.current ?? "";
      for (const stolen of [hash, hash.slice(0, 32)]) {
        alice.cookie = `session=${id}.${stolen}`;
        assert.equal(await userOf(alice), null);
      }
    },
  },
  {
    name: "T9 a request in flight brings nothing back after the sign-out, and sets no cookie",
    async run({ store }) {
      const { browser, sessions } = site({ store });
      const alice = browser();
      await alice.visit((session) => session.signIn("alice"));
      const slow = await several(4, () => alice.start());
      slow[0]?.session.set("name", "Eve");
      slow[1]?.session.update("count", () => 1);
      slow[2]?.session.rotate();
      slow[3]?.session.signOut().set("note", "bye");
      await alice.visit((session) => session.signOut());
      for (const visit of slow) assert.equal((await visit.end()).cookie, null);
      assert.deepEqual(await sessions.ofUser("alice"), []);
    },
  },
  {
    name: "T10 of 50 parallel writers each counts, and so does each of their keys",
    async run({ store }) {
      const { browser } = site({ store });
      const alice = browser();
      await alice.visit((session) => session.signIn("alice"));
      const visits = await several(50, () => alice.start());
      for (const [index, { session }] of visits.entries()) {
        session.update("count", (count = 0) => count + 1);
        session.set(index % 2 === 0 ? "name" : "note", "written");
      }
      await Promise.all(visits.map((visit) => visit.end()));
      assert.deepEqual({ ...(await alice.read()) }, { count: 50, name: "written", note: "written" });
    },
  },
  {
    name: "T11 the bearer of a damaged session is anonymous, with an event, and nobody else is harmed",
    needs: ["damage"],
    async run({ store, damage }) {
      const { browser, events } = site({ store });
      const [alice, bob] = [browser(), browser()];
      for (const each of [alice, bob]) await each.visit((session) => session.signIn("alice"));
      // Taken from the cookie: a store may remember what it was asked for.
      const [, id = ""] = /=(.*)\./.exec(alice.cookie ?? "") ?? [];
      await damage(id);
      assert.equal(await userOf(alice), null);
      assert.equal(events.at(-1)?.type, "corrupt");
      assert.equal(await userOf(bob), "alice");
    },
  },
  {
    name: "T13 a value over the bound is refused where it is set, and the stored session is unharmed",
    async run({ store }) {
      const { browser } = site({ store, limits: { bytes: 1_000, keys: 10 } });
      const alice = browser();
      await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
      await alice.visit((session) => {
        assert.throws(() => session.set("note", "x".repeat(1_000)), { code: "SESSION_TOO_LARGE" });
      });
      assert.deepEqual({ ...(await alice.read()) }, { name: "Alice" });
    },
  },
  {
    name: "T16 all of a user's sessions are listed, ended one by one, and ended all but one",
    async run({ store }) {
      const { browser, sessions } = site({ store });
      const browsers = await several(4, async () => {
        const each = browser();
        await each.visit((session) => session.signIn("alice"));
        return each;
      });
      assert.equal((await sessions.ofUser("alice")).length, 4);
      const own = (await browsers[0]?.start())?.session;
      const other = (await browsers[1]?.start())?.session.id;
      assert.equal(await sessions.end(other ?? ""), true);
      const slow = browser();
      const signingIn = await slow.start();
      signingIn.session.signIn("alice");
      assert.equal((await sessions.endAllOf("alice", { except: own ?? null })).length, 2);
      assert.equal((await signingIn.end()).cookie, null);
      const users = [];
      for (const each of [...browsers, slow]) users.push(await userOf(each));
      assert.deepEqual(users, ["alice", null, null, null, null]);
    },
  },
  {
    name: "T17 ten sign-ins at once under a limit of three leave three sessions, and three browsers signed in",
    async run({ store }) {
      const { browser, sessions, clock } = site({ store, maxPerUser: 3 });
      const browsers = Array.from({ length: 10 }, browser);
      await Promise.all(browsers.map((each) => each.visit((session) => session.signIn("alice"))));
      assert.equal((await sessions.ofUser("alice")).length, 3);
      const users = [];
      for (const each of browsers) users.push(await userOf(each));
      assert.equal(users.filter((user) => user === "alice").length, 3);
      clock.advance(MINUTE);
      const newest = browser();
      await newest.visit((session) => session.signIn("alice"));
      assert.equal(await userOf(newest), "alice");
      assert.equal((await sessions.ofUser("alice")).length, 3);
    },
  },
];
