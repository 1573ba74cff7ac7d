// A store that fails is seen by the visitor as what it is: a 503 that changed nothing, and never as being signed out.
// And a handler that fails changes nothing either, save that whoever signed out is signed out.

import assert from "node:assert/strict";
import {
  type AdapterCase,
  assertNoCookie,
  assertPage,
  assertUnavailable,
  COMMON,
  cookieFrom,
  HOUR,
  idOf,
  routes,
  type Scenario,
  SECOND,
} from "./adapter-cases-fixtures.ts";

/** What a handler prepares, of which a failure must not send anything. */
const PREPARED = [
  ["X-Handler", "secret"],
  ["Set-Cookie", "theme=dark"],
  ["Location", "/"],
  ["Cache-Control", "public, max-age=3600"],
] as const;

function prepared(act: (session: Parameters<Scenario>[0]) => unknown): Scenario {
  return async (session) => {
    await act(session);
    return { headers: PREPARED, body: "prepared" };
  };
}

const PAGES = {
  ...COMMON,
  "/read": prepared((session) => session.userId),
  "/write": prepared((session) => session.set("seen", 1)),
  "/update": prepared((session) => session.update("seen", (seen) => Number(seen ?? 0) + 1)),
  "/rotate": prepared((session) => session.rotate()),
  "/prepared-in": prepared((session) => session.signIn("ada")),
  "/prepared-out": prepared((session) => session.signOut()),
  "/save": prepared((session) => session.set("seen", 1).save()),
  "/swallow": prepared(async (session) => {
    try {
      session.set("seen", session.userId ?? "nobody");
      await session.save();
    } catch {
      // Just what a careless handler does.
    }
  }),
  "/plain": () => ({ body: "plain" }),
} as const satisfies Record<string, Scenario>;

/** What a handler does before it fails. */
const BEFORE_FAILURE: Readonly<Record<string, (session: Parameters<Scenario>[0]) => unknown>> = {
  "a sign-in": (session) => session.signIn("eve"),
  "a change": (session) => session.set("seen", 1),
  "a rotation": (session) => session.rotate(),
};

const FAILURES: Readonly<Record<string, () => ReturnType<Scenario>>> = {
  "a status of 500": () => ({ status: 500, body: "failed" }),
  "a status of 503": () => ({ status: 503, body: "failed" }),
  "a handler that throws": () => {
    throw new Error("the handler's own fault");
  },
  "a handler that rejects": async () => {
    await undefined;
    throw new Error("the handler's own fault");
  },
};

const failedHandlers: readonly AdapterCase[] = Object.entries(FAILURES).map(([failure, fail]) => ({
  name: `${failure} drops everything but a sign-out`,
  async run({ serve, store, clock }) {
    const table: Record<string, Scenario> = { ...COMMON };
    table["/fail-out"] = (session) => {
      session.signOut();
      return fail();
    };
    for (const [kind, act] of Object.entries(BEFORE_FAILURE)) {
      table[`/${kind.replace(" ", "-")}`] = (session) => {
        act(session);
        return fail();
      };
    }
    const site = await serve(routes(table));
    const cookie = await cookieFrom(site);
    const before = await store.records(clock.now());
    for (const kind of Object.keys(BEFORE_FAILURE)) {
      for (const sent of [cookie, undefined]) {
        const reply = await site.send({ path: `/${kind.replace(" ", "-")}`, cookie: sent });
        assert.ok(reply.status >= 500);
        assertNoCookie(reply);
        assert.deepEqual(await store.records(clock.now()), before, kind);
      }
    }
    assert.ok((await site.send({ path: "/fail-out", cookie })).status >= 500);
    assert.deepEqual(await store.records(clock.now()), []);
  },
}));

export const outageCases: readonly AdapterCase[] = [
  ...failedHandlers,
  {
    name: "T18 with the store down, whatever uses the session is a 503 without a cookie or a header of the handler's",
    async run({ serve, store }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      store.fail();
      for (const path of Object.keys(PAGES).filter((each) => each !== "/plain")) {
        assertUnavailable(await site.send({ path, cookie }));
      }
      for (const path of ["/write", "/prepared-in", "/save", "/swallow"]) {
        assertUnavailable(await site.send({ path }));
      }
    },
  },
  {
    name: "T18 a store that fails only when it is to write gives a 503 too",
    async run({ serve, store }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      store.fail("create", "patch", "delete");
      for (const path of [
        "/write",
        "/update",
        "/rotate",
        "/prepared-in",
        "/prepared-out",
        "/save",
        "/swallow",
      ]) {
        assertUnavailable(await site.send({ path, cookie }));
      }
      assertPage(await site.send({ path: "/read", cookie }), "prepared");
    },
  },
  {
    name: "T18 with the store down, a 404 and pages that do not use the session still work",
    async run({ serve, store }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      store.fail();
      const missing = await site.send({ path: "/elsewhere", cookie });
      assertPage(missing, "nothing here", 404);
      const plain = await site.send({ path: "/plain", cookie });
      assertPage(plain, "plain");
      for (const reply of [missing, plain]) {
        assertNoCookie(reply);
        assert.doesNotMatch(reply.headers.get("vary") ?? "", /cookie/i);
      }
      // Nor does somebody without a cookie need the store.
      assertPage(await site.send({ path: "/who" }), "nobody");
    },
  },
  {
    name: "T18 once the store is back, the same cookie works, on the same connection",
    async run({ serve, store }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      for (let outage = 0; outage < 3; outage += 1) {
        store.fail();
        assertUnavailable(await site.send({ path: "/who", cookie }));
        store.recover();
        store.fail("patch");
        assertUnavailable(await site.send({ path: "/write", cookie }));
        store.recover();
        assertPage(await site.send({ path: "/who", cookie }), "ada");
      }
    },
  },
  {
    name: "T18 a store that hangs is given up after its deadline, and then not asked until a probe gets through",
    async run({ serve, store, clock }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      const find = store.hold("find");
      const exchange = site.start({ path: "/who", cookie });
      await find.reached;
      clock.advance(2 * SECOND);
      assertUnavailable(await exchange.reply());
      const asked = store.calls.length;
      assertUnavailable(await site.send({ path: "/who", cookie }));
      assertUnavailable(await site.send({ path: "/prepared-in" }));
      assert.equal(store.calls.length, asked);
      clock.advance(SECOND);
      assertPage(await site.send({ path: "/who", cookie }), "ada");
    },
  },
  {
    name: "T18 a sign-out that could not be stored is reported as failed, and is done when it is tried again",
    async run({ serve, store, clock }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      store.fail("delete");
      assertUnavailable(await site.send({ path: "/out", cookie }));
      store.recover();
      assertPage(await site.send({ path: "/who", cookie }), "ada");
      const [removal] = (await site.send({ path: "/out", cookie })).setCookies;
      assert.match(removal ?? "", /Max-Age=0/);
      assert.deepEqual(await store.records(clock.now()), []);
    },
  },
  {
    name: "T18 a sign-in that could not end the session before leaves that one, and nothing new",
    async run({ serve, store, clock }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      // Its clean-up is refused as well, but nobody has the new one's token.
      store.fail("delete");
      assertUnavailable(await site.send({ path: "/in", cookie }));
      store.recover();
      assertPage(await site.send({ path: "/who", cookie }), "ada");
      const ids = (await store.records(clock.now())).map(({ id }) => id);
      assert.ok(ids.includes(idOf(cookie)));
    },
  },
  {
    name: "a visit that could not be written down costs nobody the page",
    async run({ serve, store, clock, events }) {
      const site = await serve(routes(PAGES));
      const cookie = await cookieFrom(site);
      clock.advance(2 * HOUR);
      store.fail("patch");
      assertPage(await site.send({ path: "/read", cookie }), "prepared");
      assert.equal(events.at(-1)?.type, "refreshFailed");
    },
  },
];
