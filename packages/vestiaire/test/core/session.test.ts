// What a handler may rely on: the view and the log, signing in and out, rotation, claims and saves, each against a real
// store, with other requests in between where that is the point.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ContentionError, HeadSentError, InvalidValueError } from "../../src/core/errors.ts";
import { ROTATION_GRACE, ROTATION_LIMIT } from "../../src/core/rotation.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { gate, testStore } from "./stores.ts";
import { house } from "./visits.ts";

const HOUR = 3_600_000;

describe("the data", () => {
  test("shows the handler's own changes at once, as a new frozen object each time", async () => {
    await house()
      .browser()
      .visit((session) => {
        const before = session.data;
        session.set("name", "Alice").set("count", 1).delete("count");
        assert.equal(session.data.name, "Alice");
        assert.equal("count" in session.data, false);
        assert.notEqual(session.data, before);
        assert.equal(before.name, undefined);
        assert.throws(() => Object.assign(session.data, { name: "Eve" }), TypeError);
      });
  });

  test("of two requests that write different keys keeps both", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("note", "here"));
    const [slow, fast] = [await alice.start(), await alice.start()];
    slow.session.set("name", "Alice");
    fast.session.set("count", 1);
    await fast.end();
    await slow.end();
    assert.deepEqual({ ...(await alice.read()) }, { note: "here", name: "Alice", count: 1 });
  });

  test("T10 of fifty parallel updates counts each", async () => {
    for (const store of [memoryStore(), testStore()]) {
      const alice = house({ store }).browser();
      await alice.visit((session) => session.set("count", 0));
      const visits = await Promise.all(Array.from({ length: 50 }, () => alice.start()));
      for (const { session } of visits) session.update("count", (count) => (count ?? 0) + 1);
      await Promise.all(visits.map((visit) => visit.end()));
      assert.equal((await alice.read()).count, 50);
    }
  });

  test("of parallel updates in one process waits its turn, instead of failing against the others", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("count", 0));
    const visits = await Promise.all(Array.from({ length: 50 }, () => alice.start()));
    for (const { session } of visits) session.update("count", (count) => (count ?? 0) + 1);
    store.calls.length = 0;
    await Promise.all(visits.map((visit) => visit.end()));
    assert.equal(store.calls.filter((call) => call === "patch").length, 50);
  });

  test("T10 of parallel updates in two processes counts each", async () => {
    const store = memoryStore();
    const one = house({ store });
    const two = house({ store });
    const [a, b] = [one.browser(), two.browser()];
    await a.visit((session) => session.set("count", 0));
    b.cookie = a.cookie;
    const visits = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 ? a : b).start()));
    for (const { session } of visits) session.update("count", (count) => (count ?? 0) + 1);
    await Promise.all(visits.map((visit) => visit.end()));
    assert.equal((await a.read()).count, 50);
  });

  test("of an update that always meets a fresher record is not stored, and says so", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("count", 0));
    const slow = await alice.start();
    // In another process, because within one they queue.
    const elsewhere = house({ store }).browser();
    elsewhere.cookie = alice.cookie;
    const rival = await elsewhere.start();
    slow.session.update("count", () => 99);
    let racing = false;
    store.before("patch", async () => {
      if (racing) return;
      racing = true;
      await rival.session.update("count", (count) => (count ?? 0) + 1).save();
      racing = false;
    });
    await assert.rejects(slow.end(), ContentionError);
    store.calm();
    assert.equal((await alice.read()).count, 100);
  });

  test("after clear is empty of what others added too", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("name", "Alice"));
    const slow = await alice.start();
    slow.session.clear().set("note", "mine");
    await alice.visit((session) => session.set("count", 1));
    await slow.end();
    assert.deepEqual({ ...(await alice.read()) }, { note: "mine" });
  });

  test("taken is gone with the response, and not before", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("note", "saved!"));
    await alice.visit((session) => assert.equal(session.take("note"), "saved!"), { status: 500 });
    await alice.visit((session) => assert.equal(session.take("note"), "saved!"));
    await alice.visit((session) => assert.equal(session.take("note"), undefined));
  });

  test("claimed goes to exactly one of many", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("note", "ticket").set("name", "Alice"));
    const visits = await Promise.all(Array.from({ length: 20 }, () => alice.start()));
    const claims = await Promise.all(visits.map(({ session }) => session.claim("note")));
    assert.deepEqual(
      claims.filter((claim) => claim !== undefined),
      ["ticket"],
    );
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice" });
  });

  test("claimed in two processes goes to one of them, past every cache", async () => {
    const inner = memoryStore();
    const looks: (boolean | undefined)[] = [];
    const store = {
      ...testStore(inner),
      find: (id: string, now: number, options?: { fresh?: boolean }) => {
        looks.push(options?.fresh);
        // Late enough for the other process to look as well.
        return Promise.resolve(inner.find(id, now));
      },
    };
    const [one, two] = [house({ store }).browser(), house({ store }).browser()];
    await one.visit((session) => session.set("note", "ticket"));
    two.cookie = one.cookie;
    const visits = [await one.start(), await two.start()];
    looks.length = 0;
    const claims = await Promise.all(visits.map(({ session }) => session.claim("note")));
    assert.deepEqual(claims.toSorted(), ["ticket", undefined]);
    assert.ok(looks.length >= 2 && looks.every((fresh) => fresh === true));
  });

  test("claimed while the same handler signs in is claimed from the session that it then has", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.set("note", "ticket"));
    const { session, end } = await alice.start();
    const { opened, open } = gate();
    store.after("patch", () => opened);
    const claiming = session.claim("note");
    const saving = session.signIn("alice").save();
    open();
    assert.equal(await claiming, "ticket");
    await saving;
    session.set("name", "Alice");
    assert.notEqual((await end()).cookie, null);
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice" });
    assert.equal((await sessions.ofUser("alice")).length, 1);
  });

  test("claimed stays claimed though the response fails, and the handler's own changes stay its own", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("note", "ticket"));
    await alice.visit(
      async (session) => {
        session.set("name", "Alice");
        assert.equal(await session.claim("note"), "ticket");
        assert.deepEqual({ ...session.data }, { name: "Alice" });
      },
      { status: 500 },
    );
    assert.deepEqual({ ...(await alice.read()) }, {});
  });

  test("is claimed by no HEAD request, and by nobody anonymous", async () => {
    const { browser } = house();
    const alice = browser();
    await alice.visit((session) => session.set("note", "ticket"));
    await alice.visit(async (session) => assert.equal(await session.claim("note"), undefined), {
      method: "HEAD",
    });
    await browser().visit(async (session) => assert.equal(await session.claim("note"), undefined));
    await alice.visit(async (session) => assert.equal(await session.claim("note"), "ticket"));
  });
});

describe("nothing for nobody", () => {
  test("T14 ten thousand anonymous visits leave no record, no cookie, and ask the store nothing", async () => {
    const store = testStore();
    const { browser } = house({ store });
    for (let i = 0; i < 10_000; i++) {
      const { cookie } = await browser().visit((session) => session.data.name);
      assert.equal(cookie, null);
    }
    assert.deepEqual(store.calls, []);
  });

  test("reading never creates, and an unknown token is neither adopted nor cleared", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    alice.cookie = `session=${"0".repeat(32)}.${"A".repeat(32)}`;
    const answer = await alice.visit((session) => assert.equal(session.data.name, undefined));
    assert.equal(answer.cookie, null);
    assert.deepEqual(store.calls, ["find"]);
    await alice.visit((session) => session.signIn("alice"));
    assert.doesNotMatch(alice.cookie ?? "", /^session=0000/);
  });

  test("a HEAD request commits nothing, not even a sign-out", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.signIn("alice"));
    const head = await alice.visit(
      async (session) => {
        session.signOut();
        await session.save();
      },
      { method: "HEAD" },
    );
    assert.equal(head.cookie, null);
    assert.equal((await alice.start()).session.userId, "alice");
  });

  test("a failed response stores nothing but a sign-out", async () => {
    const { browser } = house();
    const alice = browser();
    assert.equal((await alice.visit((session) => session.signIn("alice"), { status: 500 })).cookie, null);
    await alice.visit((session) => session.signIn("alice"));
    await alice.visit((session) => session.set("name", "Alice"), { status: 503 });
    assert.equal((await alice.read()).name, undefined);
    await alice.visit((session) => session.signOut(), { status: 500 });
    assert.equal(alice.cookie, null);
  });
});

describe("signing in", () => {
  test("T2 makes a new session, and the old one is dead at once", async () => {
    const { browser } = house();
    const alice = browser();
    await alice.visit((session) => session.set("cart", ["pear"]));
    const before = alice.cookie;
    await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
    assert.notEqual(alice.cookie, before);
    assert.deepEqual({ ...(await alice.read()) }, { cart: ["pear"], name: "Alice" });
    const thief = browser();
    thief.cookie = before;
    assert.deepEqual({ ...(await thief.read()) }, {});
    const signedIn = alice.cookie;
    await alice.visit((session) => session.signIn("alice"));
    thief.cookie = signedIn;
    assert.equal((await thief.start()).session.userId, null);
  });

  test("as another user starts empty, also of what the old session gains meanwhile", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.signIn("alice"));
    const slow = await alice.start();
    slow.session.set("note", "alice's").signIn("bob").set("name", "Bob");
    await alice.visit((session) => session.set("cart", ["alice's"]));
    await slow.end();
    assert.deepEqual({ ...(await alice.read()) }, { name: "Bob" });
    assert.equal((await alice.start()).session.userId, "bob");
  });

  test("carries over what the old session acknowledged meanwhile: set, removed and counted", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("note", "old").set("count", 1));
    const slow = await alice.start();
    slow.session.signIn("alice").update("count", (count) => (count ?? 0) + 10);
    await alice.visit((session) => {
      session
        .set("cart", ["pear"])
        .delete("note")
        .update("count", (count) => (count ?? 0) + 1);
    });
    await slow.end();
    assert.deepEqual({ ...(await alice.read()) }, { cart: ["pear"], count: 12 });
  });

  test("loses nothing that was acknowledged between the two sessions' steps", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("note", "old"));
    const slow = await alice.start();
    const late = await alice.start();
    slow.session.signIn("alice");
    late.session.set("cart", ["pear"]);
    store.after("create", () => late.end().then(() => {}));
    await slow.end();
    store.calm();
    assert.deepEqual({ ...(await alice.read()) }, { note: "old", cart: ["pear"] });
  });

  test("whose new session is ended while the old one's data is carried over sets no cookie", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.set("note", "old"));
    const slow = await alice.start();
    await alice.visit((session) => session.set("cart", ["pear"]));
    slow.session.signIn("alice");
    store.before("patch", async () => {
      store.calm();
      await sessions.endAllOf("alice");
    });
    assert.equal((await slow.end()).cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
  });

  test("where the old session has ended meanwhile leaves nothing and sets no cookie", async () => {
    const { browser, sessions, happened } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const slow = await alice.start();
    await sessions.end(slow.session.id ?? "");
    slow.session.signIn("alice");
    assert.equal((await slow.end()).cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
    assert.equal(happened().at(-1), "lost");
  });

  test("that cannot be finished fails, sets no cookie, and takes the new session back", async () => {
    const store = testStore();
    const { browser, sessions } = house({ store });
    const alice = browser();
    await alice.visit((session) => session.set("note", "old"));
    const before = alice.cookie;
    let once = true;
    store.before("delete", () => {
      if (!once) return;
      once = false;
      throw new Error("disk on fire");
    });
    await assert.rejects(
      alice.visit((session) => session.signIn("alice")),
      { code: "STORE_FAILED" },
    );
    assert.equal(alice.cookie, before);
    assert.deepEqual(await sessions.ofUser("alice"), []);
    assert.equal((await alice.read()).note, "old");
  });

  test("again, and ending all others in the same request, leaves this browser signed in and no other", async () => {
    const { browser, sessions } = house();
    const [phone, laptop] = [browser(), browser()];
    for (const order of ["sign in first", "end first"]) {
      await phone.visit((session) => session.signIn("alice"));
      await laptop.visit((session) => session.signIn("alice"));
      await laptop.visit(async (session) => {
        if (order === "sign in first") session.signIn("alice");
        await sessions.endAllOf("alice", { except: session });
        if (order === "end first") session.signIn("alice");
      });
      assert.equal((await laptop.start()).session.userId, "alice", order);
      assert.equal((await phone.start()).session.userId, null, order);
      assert.equal((await sessions.ofUser("alice")).length, 1, order);
    }
  });

  test("after all others were ended survives, in the same millisecond too", async () => {
    const { browser, sessions } = house();
    const laptop = browser();
    await laptop.visit(async (session) => {
      await sessions.endAllOf("alice");
      session.signIn("alice");
    });
    assert.equal((await laptop.start()).session.userId, "alice");
  });

  for (const [what, userId] of Object.entries({ "an empty name": "", "half a surrogate pair": "a\ud800" })) {
    test(`as ${what} is refused`, async () => {
      const { session } = await house().browser().start();
      assert.throws(() => session.signIn(userId), InvalidValueError);
    });
  }

  test("again as the same user is as lasting as before, unless said otherwise; as another user it is not", async () => {
    const { browser } = house();
    const lasting = async (userId: string, options = {}) => {
      const alice = browser();
      await alice.visit((session) => session.signIn("alice", { persistent: true }));
      const { cookie } = await alice.visit((session) => session.signIn(userId, options));
      return /Max-Age/.test(cookie ?? "");
    };
    assert.equal(await lasting("alice"), true);
    assert.equal(await lasting("alice", { persistent: false }), false);
    assert.equal(await lasting("bob"), false);
  });

  test("persistently sets a cookie for the rest of the absolute life, and rotation keeps its end", async () => {
    const { browser, clock } = house({ lifetime: "10d", idleTimeout: "5d" });
    const alice = browser();
    const { cookie } = await alice.visit((session) => session.signIn("alice", { persistent: true }));
    assert.match(cookie ?? "", /Max-Age=864000;/);
    clock.advance(24 * HOUR);
    assert.match((await alice.visit((session) => session.rotate())).cookie ?? "", /Max-Age=777600;/);
  });
});

describe("signing out", () => {
  test("T9 kills on the server, and a request in flight brings nothing back and sets no cookie", async () => {
    const { browser, sessions, happened } = house();
    for (const deed of [
      "nothing",
      "write",
      "update",
      "rotate",
      "touch",
      "re-sign-in",
      "sign-out",
      "start over",
    ]) {
      const alice = browser();
      await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
      const stale = alice.cookie;
      const slow = await alice.start();
      if (deed === "write") slow.session.set("name", "Eve");
      if (deed === "update") slow.session.update("count", () => 1);
      if (deed === "rotate") slow.session.rotate();
      if (deed === "touch") slow.session.touch();
      if (deed === "re-sign-in") slow.session.signIn("alice");
      if (deed === "sign-out") slow.session.signOut();
      if (deed === "start over") slow.session.signOut().set("note", "bye");
      await alice.visit((session) => session.signOut());
      assert.equal((await slow.end()).cookie, null, deed);
      assert.equal(happened().at(-1), deed === "nothing" ? "ended" : "lost", deed);
      assert.deepEqual(await sessions.ofUser("alice"), [], deed);
      alice.cookie = stale;
      assert.equal((await alice.start()).session.userId, null, deed);
    }
  });

  test("T9 a request that saves after the sign-out, and goes on writing, still stores nothing", async () => {
    const { browser, sessions } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const slow = await alice.start();
    await alice.visit((session) => session.signOut());
    slow.session.set("name", "Eve");
    await slow.session.save();
    slow.session.set("count", 2);
    assert.equal((await slow.end()).cookie, null);
    assert.deepEqual(await sessions.ofUser("alice"), []);
  });

  test("T9 of a session that another tab has replaced leaves the other's cookie alone", async () => {
    const { browser, happened } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const slow = await alice.start();
    await alice.visit((session) => session.signIn("alice"));
    slow.session.signOut();
    assert.equal((await slow.end()).cookie, null);
    assert.equal(happened().at(-1), "lost");
    assert.equal((await alice.start()).session.userId, "alice");
  });

  test("clears the cookie, for the anonymous too if one was sent, and for nobody else", async () => {
    const { browser } = house();
    const alice = browser();
    assert.equal((await alice.visit((session) => session.signOut())).cookie, null);
    alice.cookie = "session=junk";
    assert.match((await alice.visit((session) => session.signOut())).cookie ?? "", /^session=; Max-Age=0;/);
  });

  test("drops what was written before, and keeps what comes after in a new anonymous session", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.signIn("alice").set("name", "Alice"));
    await alice.visit((session) => {
      session.set("count", 1).signOut().set("note", "bye");
      assert.equal(session.id, null);
      assert.equal(session.userId, null);
    });
    const { session } = await alice.start();
    assert.deepEqual([session.userId, { ...session.data }], [null, { note: "bye" }]);
  });

  test("that could not be stored is reported as failed, and the cookie stays", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.signIn("alice"));
    store.before("delete", () => {
      throw new Error("read-only");
    });
    await assert.rejects(
      alice.visit((session) => session.signOut()),
      { code: "STORE_FAILED" },
    );
    store.calm();
    assert.equal((await alice.start()).session.userId, "alice");
  });

  test("of several people does not make this process forget the first, until half a minute has passed", async () => {
    const { browser, happened, clock } = house();
    const first = browser();
    await first.visit((session) => session.signIn("first"));
    const old = first.cookie;
    await first.visit((session) => session.signOut());
    clock.advance(29_999);
    const second = browser();
    await second.visit((session) => session.signIn("second"));
    await second.visit((session) => session.signOut());
    first.cookie = old;
    assert.equal((await first.visit((session) => session.set("note", "x"))).cookie, null);
    assert.equal(happened().at(-1), "superseded");
  });

  test("a late request with the old cookie may not write over its successor's, but its user may sign in", async () => {
    const { browser, happened, clock } = house();
    const alice = browser();
    await alice.visit((session) => session.set("cart", []));
    const old = alice.cookie;
    await alice.visit((session) => session.signIn("alice"));
    const late = browser();
    late.cookie = old;
    assert.equal((await late.visit((session) => session.set("note", "x"))).cookie, null);
    assert.equal((await late.visit((session) => session.signOut())).cookie, null);
    assert.ok(happened().includes("superseded"));
    assert.notEqual((await late.visit((session) => session.signIn("alice"))).cookie, null);
    late.cookie = old;
    clock.advance(30_000);
    assert.notEqual((await late.visit((session) => session.set("note", "x"))).cookie, null);
  });
});

describe("rotation", () => {
  test("T6 survives twenty parallel requests: one cookie is set, and every change is stored", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.signIn("alice").set("count", 0));
    const before = alice.cookie;
    const visits = await Promise.all(Array.from({ length: 20 }, () => alice.start()));
    for (const { session } of visits) session.rotate().update("count", (count) => (count ?? 0) + 1);
    const answers = await Promise.all(visits.map((visit) => visit.end()));
    assert.equal(answers.filter(({ cookie }) => cookie !== null).length, 1);
    assert.notEqual(alice.cookie, before);
    assert.equal((await alice.read()).count, 20);
  });

  test("T6 in two processes at once sets one cookie, and that one is good", async () => {
    const store = testStore();
    const [one, two] = [house({ store }).browser(), house({ store }).browser()];
    await one.visit((session) => session.signIn("alice"));
    two.cookie = one.cookie;
    const visits = [await one.start(), await two.start()];
    for (const { session } of visits) session.rotate().set("name", "Alice");
    const cookies = (await Promise.all(visits.map((visit) => visit.end()))).map(({ cookie }) => cookie);
    const set = cookies.filter((cookie) => cookie !== null);
    assert.equal(set.length, 1);
    one.cookie = set[0]?.split(";")[0] ?? "";
    await one.visit((session) => assert.equal(session.data.name, "Alice"));
  });

  test("T6 keeps the id, and the old secret until the grace is over once the new one was used", async () => {
    const { browser, clock, happened } = house();
    const [alice, late] = [browser(), browser()];
    await alice.visit((session) => session.signIn("alice"));
    late.cookie = alice.cookie;
    const id = (await alice.start()).session.id;
    await alice.visit((session) => session.rotate());
    assert.equal((await alice.start()).session.id, id);
    await alice.visit();
    clock.advance(ROTATION_GRACE - 1);
    assert.equal((await late.start()).session.userId, "alice");
    clock.advance(1);
    assert.equal((await late.start()).session.userId, null);
    assert.equal(happened().at(-1), "reused");
    assert.equal((await alice.start()).session.userId, "alice");
  });

  test("T6 whose response was lost locks nobody out before the limit, and leaves one secret after it", async () => {
    const { browser, clock, happened } = house();
    const [alice, lost] = [browser(), browser()];
    await alice.visit((session) => session.signIn("alice"));
    lost.cookie = alice.cookie;
    await lost.visit((session) => session.rotate());
    clock.advance(ROTATION_LIMIT - 1);
    assert.equal((await alice.start()).session.userId, "alice");
    clock.advance(1);
    assert.equal((await alice.start()).session.userId, null);
    assert.equal(happened().at(-1), "reused");
    assert.equal((await lost.start()).session.userId, "alice");
  });

  test("takes nothing back of a sign-in or a sign-out before it", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.signIn("alice").rotate());
    assert.equal((await alice.start()).session.userId, "alice");
    await alice.visit((session) => session.signOut().rotate());
    assert.equal(alice.cookie, null);
  });

  test("T6 remembers the secret before the last too, and any other is only a mismatch", async () => {
    const { browser, happened } = house();
    const [alice, thief] = [browser(), browser()];
    await alice.visit((session) => session.signIn("alice"));
    const first = alice.cookie ?? "";
    await alice.visit((session) => session.rotate());
    await alice.visit((session) => session.rotate());
    thief.cookie = first;
    assert.equal((await thief.start()).session.userId, null);
    assert.equal(happened().at(-1), "reused");
    thief.cookie = `${first.slice(0, -32)}${"A".repeat(32)}`;
    assert.equal((await thief.start()).session.userId, null);
    assert.equal(happened().at(-1), "mismatch");
    assert.equal((await alice.start()).session.userId, "alice");
  });
});

describe("save", () => {
  test("keeps the changes though the response fails", async () => {
    const alice = house().browser();
    const answer = await alice.visit(
      async (session) => {
        session.set("name", "Alice");
        await session.save();
        session.set("name", "Eve");
      },
      { status: 500 },
    );
    assert.notEqual(answer.cookie, null);
    assert.equal((await alice.read()).name, "Alice");
  });

  test("shows what an update came to", async () => {
    const alice = house().browser();
    await alice.visit((session) => session.set("count", 1));
    const slow = await alice.start();
    slow.session.update("count", (count) => (count ?? 0) + 1);
    await alice.visit((session) => session.set("count", 41));
    assert.equal(slow.session.data.count, 2);
    await slow.session.save();
    assert.equal(slow.session.data.count, 42);
  });

  test("after the head patches a live session, and refuses what needs a cookie", async () => {
    const { browser } = house();
    const alice = browser();
    await alice.visit((session) => session.signIn("alice"));
    const stream = await alice.start();
    await stream.end();
    stream.session.set("count", 7);
    await stream.session.save();
    assert.equal((await alice.read()).count, 7);
    for (const deed of ["signIn", "signOut", "rotate"] as const) {
      const late = await alice.start();
      await late.end();
      if (deed === "signIn") late.session.signIn("bob");
      else late.session[deed]();
      await assert.rejects(late.session.save(), HeadSentError);
    }
    const anonymous = await browser().start();
    await anonymous.end();
    anonymous.session.set("name", "x");
    await assert.rejects(anonymous.session.save(), HeadSentError);
    assert.equal((await alice.start()).session.userId, "alice");
  });

  test("leaves what is written while it runs to the next", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.signIn("alice"));
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("patch", () => wait.opened);
    session.set("name", "Alice");
    const saving = session.save();
    await Promise.resolve();
    session.set("count", 1);
    wait.open();
    await saving;
    assert.deepEqual({ ...session.data }, { name: "Alice", count: 1 });
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice" });
    await end();
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice", count: 1 });
  });

  test("that runs while the visitor is signed out by the same handler ends signed out", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.signIn("alice"));
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("patch", () => wait.opened);
    const saving = session.set("name", "Alice").save();
    await Promise.resolve();
    session.signOut();
    wait.open();
    await saving;
    assert.equal(session.userId, null);
    await end();
    assert.equal(alice.cookie, null);
  });

  test("that runs while the handler signs out and writes anew keeps what was written anew, and no more", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.signIn("alice"));
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("patch", () => wait.opened);
    const saving = session.set("name", "Alice").set("count", 1).save();
    await Promise.resolve();
    session.signOut().set("note", "bye");
    wait.open();
    await saving;
    await end();
    assert.deepEqual({ ...(await alice.read()) }, { note: "bye" });
  });

  test("that nobody waited for is waited for by the response, and by the next save", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("create", () => wait.opened);
    const saves = [session.set("name", "Alice").save(), session.set("count", 1).save()];
    const ending = end();
    wait.open();
    await Promise.all(saves);
    assert.notEqual((await ending).cookie, null);
    assert.equal(store.calls.filter((call) => call === "create").length, 1);
    assert.deepEqual({ ...(await alice.read()) }, { name: "Alice", count: 1 });
  });

  test("at once with others, or with the response's commit, counts every update once", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("count", 0));
    const { session, end } = await alice.start();
    const add = () => session.update("count", (count) => (count ?? 0) + 1);
    const wait = gate();
    store.before("patch", () => wait.opened);
    const work: unknown[] = [add().save(), add().save(), add().save()];
    add();
    work.push(end());
    add();
    work.push(session.save(), session.save());
    wait.open();
    await Promise.all(work);
    assert.equal((await alice.read()).count, 5);
  });

  test("in the middle of the commit waits for it, and has nothing left to do", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("create", () => wait.opened);
    session.set("name", "Alice");
    const ending = end();
    const saving = session.save();
    wait.open();
    await saving;
    assert.notEqual((await ending).cookie, null);
    assert.deepEqual(store.calls, ["create"]);
  });

  test("that failed is not tried again, neither by those that wait for it nor by the response", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    await alice.visit((session) => session.set("count", 0));
    const { session, end } = await alice.start();
    const wait = gate();
    store.before("patch", () => wait.opened);
    store.after("patch", () => Promise.reject(new Error("the answer was lost")));
    session.update("count", (count) => (count ?? 0) + 1);
    const outcomes = Promise.allSettled([session.save(), session.save(), end(), session.save()]);
    wait.open();
    for (const { status } of await outcomes) assert.equal(status, "rejected");
    assert.equal(store.calls.filter((call) => call === "patch").length, 1);
  });

  test("that finds its session over takes back the cookie of one before it", async () => {
    const { sessions, browser } = house();
    const { session, end } = await browser().start();
    await session.signIn("alice").save();
    await sessions.endAllOf("alice");
    await session.set("name", "Alice").save();
    assert.equal((await end()).cookie, null);
  });

  test("and the commit of one response do their work once", async () => {
    const store = testStore();
    const alice = house({ store }).browser();
    const { session, end } = await alice.start();
    session.set("name", "Alice");
    await session.save();
    const first = await end();
    const again = await end();
    assert.notEqual(first.cookie, null);
    assert.equal(again.cookie, null);
    assert.deepEqual(store.calls, ["create"]);
  });
});
