// Sessions behind React Router's own interface, used as programs use `createFileSessionStorage`, and beside it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createFileSessionStorage } from "@react-router/node";
import { createRequestHandler, createSession, data, isSession, type SessionStorage } from "react-router";
import { sessionStorage } from "../../src/adapters/react-router.ts";
import { ConfigurationError, InvalidValueError, StoreError } from "../../src/core/errors.ts";
import { createSessions } from "../../src/core/manager.ts";
import type { SessionsOptions } from "../../src/core/options.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { manualClock } from "../../src/testing/clock.ts";
import { buildOf } from "./serve-react-router.ts";

interface Visitor {
  name: string;
  steps: string[];
  seen?: number | undefined;
}
interface Notices {
  notice: string;
  reasons: string[];
}

const plain = { secure: false } as const;

function trial(options: Partial<SessionsOptions> = {}) {
  const store = new TrialStore("later");
  const storage = sessionStorage<Visitor, Notices>({
    store,
    sweep: false,
    onEvent() {},
    clock: manualClock(),
    cookie: plain,
    ...options,
  });
  return { store, storage };
}

/** What a browser sends back of a `Set-Cookie` value. */
const sent = (setCookie: string) => setCookie.split(";", 1)[0] ?? "";

/** The cookie of a session that holds this. */
async function begun({ getSession, commitSession }: SessionStorage<Visitor, Notices>): Promise<string> {
  const session = await getSession(null);
  session.set("name", "Ada");
  return sent(await commitSession(session));
}

/** React Router's own storage, for as long as the test runs. */
async function withFiles(run: (storage: SessionStorage<Visitor, Notices>) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "react-router-"));
  try {
    await run(createFileSessionStorage({ dir, cookie: { name: "session", secrets: ["a secret"] } }));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Two loaders of one request: each gets the session, changes it and commits it. Answers what is stored then. */
async function twoLoaders(storage: SessionStorage<Visitor, Notices>): Promise<object> {
  const cookie = await begun(storage);
  const [first, second] = await Promise.all([storage.getSession(cookie), storage.getSession(cookie)]);
  first.set("steps", ["first"]);
  second.set("seen", 1);
  await Promise.all([storage.commitSession(first), storage.commitSession(second)]);
  return (await storage.getSession(cookie)).data;
}

/** A loader that commits after another request has destroyed the session. Answers what is stored then. */
async function lateLoader(storage: SessionStorage<Visitor, Notices>): Promise<object> {
  const cookie = await begun(storage);
  const late = await storage.getSession(cookie);
  await storage.destroySession(await storage.getSession(cookie));
  late.set("seen", 1);
  await storage.commitSession(late);
  return (await storage.getSession(cookie)).data;
}

describe("React Router's storage interface", () => {
  test("works as React Router's own does", async () => {
    await withFiles(async (files) => {
      for (const { getSession, commitSession, destroySession } of [files, trial().storage]) {
        const session = await getSession(null);
        assert.ok(isSession(session));
        assert.deepEqual([session.id, session.data, session.has("name")], ["", {}, false]);
        session.set("name", "Ada");
        session.set("seen", 1);
        session.set("seen", undefined);
        session.set("steps", ["one"]);
        session.unset("steps");
        session.flash("notice", "Welcome");
        const cookie = sent(await commitSession(session));

        const next = await getSession(`theme=dark; ${cookie}`);
        assert.notEqual(next.id, "");
        assert.deepEqual(next.data, { name: "Ada", __flash_notice__: "Welcome" });
        assert.deepEqual([next.get("name"), next.get("seen"), next.has("notice")], ["Ada", undefined, true]);
        assert.deepEqual(
          [next.get("notice"), next.get("notice"), next.has("notice")],
          ["Welcome", undefined, false],
        );
        await commitSession(next);
        assert.equal((await getSession(cookie)).get("notice"), undefined);

        assert.match(await destroySession(await getSession(cookie)), /^session=; /);
        assert.deepEqual((await getSession(cookie)).data, {});
      }
    });
  });

  test("two loaders of one request lose nothing; of React Router's own, one is lost", async () => {
    await withFiles(async (files) => {
      assert.equal(Object.keys(await twoLoaders(files)).length, 2);
    });
    assert.deepEqual(await twoLoaders(trial().storage), { name: "Ada", steps: ["first"], seen: 1 });
  });

  test("a late loader does not bring a destroyed session back; with React Router's own it does", async () => {
    await withFiles(async (files) => {
      assert.deepEqual(await lateLoader(files), { name: "Ada", seen: 1 });
    });
    const { store, storage } = trial();
    assert.deepEqual(await lateLoader(storage), {});
    assert.deepEqual(await store.records(0), []);
  });

  test("values that are changed in place are stored, as React Router's own does", async () => {
    await withFiles(async (files) => {
      for (const storage of [files, trial().storage]) {
        const { getSession, commitSession } = storage;
        const session = await getSession(null);
        const steps = ["one"];
        session.set("steps", steps);
        steps.push("two");
        const cookie = sent(await commitSession(session));

        const next = await getSession(cookie);
        next.get("steps")?.push("three");
        next.data.steps?.push("four");
        await commitSession(next);
        next.get("steps")?.push("five");
        await commitSession(next);
        assert.deepEqual((await getSession(cookie)).get("steps"), ["one", "two", "three", "four", "five"]);

        const last = await getSession(cookie);
        last.get("steps")?.push("six");
        last.unset("steps");
        last.flash("reasons", ["too late"]);
        await commitSession(last);
        const read = await getSession(cookie);
        assert.equal(read.get("steps"), undefined);
        assert.equal(read.get("reasons")?.push("too early"), 2);
      }
    });
  });

  test("what was only read is not written", async () => {
    const { store, storage } = trial();
    const cookie = await begun(storage);
    store.calls.length = 0;
    const session = await storage.getSession(cookie);
    assert.deepEqual([session.data, session.get("name")], [{ name: "Ada" }, "Ada"]);
    assert.equal(await storage.commitSession(session), "");
    assert.deepEqual(store.calls, ["find"]);
  });

  test("nobody is asked about nobody, and looking begins no session", async () => {
    const { store, storage } = trial();
    for (const header of [undefined, null, "", "theme=dark", "session=nonsense"]) {
      const session = await storage.getSession(header);
      assert.deepEqual(
        [session.id, session.userId, session.data, session.has("name")],
        ["", null, {}, false],
      );
      assert.equal(await storage.commitSession(session), "");
    }
    assert.equal(await storage.destroySession(await storage.getSession(null)), "");
    assert.deepEqual(store.calls, []);
  });

  test("a Set-Cookie of nothing does no harm", async () => {
    const { storage } = trial();
    const loader = async () => {
      const nothing = await storage.commitSession(await storage.getSession(null));
      return data("page", { headers: { "Set-Cookie": nothing } });
    };
    const build = buildOf({ default: () => null, loader }, {});
    const response = await createRequestHandler(build)(new Request("http://a.test/"));
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.equal(new Headers({ "Set-Cookie": "" }).get("set-cookie"), "");
  });

  test("signing in is a new session with the data of before, and the one before is gone", async () => {
    const { storage } = trial();
    const { getSession, commitSession } = storage;
    const before = await begun(storage);
    const session = await getSession(before);
    session.get("steps");
    session.set("steps", ["one"]);
    session.get("steps")?.push("two");
    session.signIn("ada");
    assert.equal(session.userId, "ada");
    const setCookie = await commitSession(session);
    assert.doesNotMatch(setCookie, /Max-Age/);
    assert.notEqual(sent(setCookie), before);
    const after = await getSession(sent(setCookie));
    assert.deepEqual([after.userId, after.get("steps")], ["ada", ["one", "two"]]);
    assert.deepEqual((await getSession(before)).data, {});

    after.signIn("ada", { persistent: true });
    assert.match(await commitSession(after), /; Max-Age=2592000;/);
  });

  test("as another user the session starts empty, whatever was changed in place", async () => {
    const { storage } = trial();
    const { getSession, commitSession } = storage;
    const session = await getSession(null);
    session.signIn("ada");
    session.set("steps", ["one"]);
    const next = await getSession(sent(await commitSession(session)));
    next.get("steps")?.push("two");
    next.signIn("eve");
    assert.deepEqual([next.get("steps"), next.data], [undefined, {}]);
    const { userId, data } = await getSession(sent(await commitSession(next)));
    assert.deepEqual([userId, data], ["eve", {}]);
  });

  test("a session that is destroyed is signed out at once, and its cookie goes", async () => {
    const { storage } = trial();
    const session = await storage.getSession(null);
    session.signIn("ada");
    const signedIn = await storage.getSession(sent(await storage.commitSession(session)));
    assert.match(
      await storage.destroySession(signedIn),
      /^session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    assert.deepEqual([signedIn.userId, signedIn.id], [null, ""]);
  });

  test("a session may be committed again, and answers its cookie again", async () => {
    const { storage } = trial();
    const session = await storage.getSession(null);
    session.set("name", "Ada");
    const first = await storage.commitSession(session);
    session.set("seen", 1);
    assert.equal(await storage.commitSession(session), first);
    assert.deepEqual((await storage.getSession(sent(first))).data, { name: "Ada", seen: 1 });
  });

  test("reading keeps the session alive, with one write an hour at most", async () => {
    const clock = manualClock();
    const { store, storage } = trial({ clock, idleTimeout: "24h" });
    const cookie = await begun(storage);
    store.calls.length = 0;
    for (let hours = 0; hours < 60; hours += 20) {
      clock.advance(20 * 3_600_000);
      assert.equal((await storage.getSession(cookie)).get("name"), "Ada", `after ${hours} h`);
      await storage.getSession(cookie);
    }
    assert.deepEqual(store.calls, Array(3).fill(["find", "patch", "find"]).flat());
  });

  test("cookie.secure must be said, of a manager's cookie too", async () => {
    const store = memoryStore();
    for (const cookie of [undefined, {}, { secure: "auto" }] as const) {
      const options = { store, sweep: false, ...(cookie && { cookie }) };
      for (const source of [
        options,
        createSessions<Visitor>(options),
        { ...options, proxies: "all" } as const,
      ]) {
        assert.throws(() => sessionStorage<Visitor>(source), {
          code: "CONFIGURATION",
          message: /cookie: \{ secure: process\.env/,
        });
      }
    }
    const { getSession, commitSession } = trial({ cookie: { secure: true } }).storage;
    const session = await getSession(null);
    session.set("name", "Ada");
    const setCookie = await commitSession(session);
    assert.match(setCookie, /^__Host-session=.*; Secure$/);
    assert.equal((await getSession(sent(setCookie))).get("name"), "Ada");
  });

  test("options for the cookie are refused, where nothing is stored yet", async () => {
    const { store, storage } = trial();
    const untyped = storage as SessionStorage<Visitor, Notices>;
    const session = await storage.getSession(null);
    session.set("name", "Ada");
    // @ts-expect-error: the type refuses them too
    await assert.rejects(storage.commitSession(session, { maxAge: 60 }), /persistent: true/);
    await assert.rejects(untyped.destroySession(session, { path: "/shop" }), ConfigurationError);
    assert.deepEqual(store.calls, []);
    assert.notEqual(await untyped.commitSession(session, { maxAge: undefined } as object), "");
  });

  test("a session of another storage is refused", async () => {
    const { storage } = trial();
    await assert.rejects(storage.commitSession(createSession({} as Visitor)), ConfigurationError);
  });

  test("data without a type is any, as with React Router's own", async () => {
    const { getSession, commitSession } = sessionStorage({
      store: memoryStore(),
      sweep: false,
      cookie: plain,
    });
    const session = await getSession(null);
    session.set("name", "Ada");
    assert.equal((await getSession(sent(await commitSession(session)))).get("name").length, 3);
  });

  test("what JSON cannot carry is refused, by its type and when it is set or committed", async () => {
    // @ts-expect-error: a date
    sessionStorage<{ when: Date }>({ store: memoryStore(), sweep: false, cookie: plain });
    const { storage } = trial();
    const session = await storage.getSession(null);
    assert.throws(() => session.set("name", new Date() as never), InvalidValueError);
    session.set("steps", []);
    session.get("steps")?.push(new Date() as never);
    await assert.rejects(storage.commitSession(session), InvalidValueError);
  });

  test("a store that fails rejects with StoreError, which a program can make a 503 of", async () => {
    const { store, storage } = trial();
    const cookie = await begun(storage);
    const unavailable = (error: unknown): never => {
      throw error instanceof StoreError ? data("Please try again.", { status: 503 }) : error;
    };
    const build = buildOf(
      {},
      {
        bare: { default: () => null, loader: async () => (await storage.getSession(cookie)).data },
        caught: {
          default: () => null,
          loader: async () => (await storage.getSession(cookie).catch(unavailable)).data,
        },
      },
    );
    const handler = createRequestHandler(build);
    const statusOf = async (path: string) => (await handler(new Request(`http://a.test${path}`))).status;
    const session = await storage.getSession(cookie);
    session.set("seen", 1);
    store.fail();
    await assert.rejects(storage.getSession(cookie), StoreError);
    await assert.rejects(storage.commitSession(session), StoreError);
    await assert.rejects(storage.destroySession(session), StoreError);
    assert.deepEqual([await statusOf("/bare"), await statusOf("/caught")], [500, 503]);
    store.recover();
    assert.deepEqual([await statusOf("/bare"), await statusOf("/caught")], [200, 200]);
  });
});
