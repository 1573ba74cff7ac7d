// The cookie as it comes in: what is no token, whose token it is, and what a visitor without one leaves behind.

import assert from "node:assert/strict";
import { newToken } from "../core/token.ts";
import {
  type AdapterCase,
  assertNoCookie,
  assertPage,
  COMMON,
  cookieFrom,
  idOf,
  routes,
  type Scenario,
} from "./adapter-cases-fixtures.ts";

const VISITS = 250;

const HEX = "0123456789abcdef".repeat(2);
const SECRET = "x".repeat(32);

/** What a client may write where a token is expected. */
const MALFORMED = [
  "a".repeat(10_000),
  "../../etc/passwd",
  `../../../${HEX.slice(9)}.${SECRET}`,
  `${HEX}.${SECRET}x`,
  `${HEX.toUpperCase()}.${SECRET}`,
  `${HEX}${SECRET}x`,
  `"${HEX}.${SECRET.slice(2)}"`,
  `${HEX}.${SECRET.slice(3)}%00`,
  `${HEX}.${SECRET.slice(1)}\u00e9`,
  "\u00c3\u00a9\u00ff",
  "",
];

/** As above, with bytes that only a hand-written request can hold. */
const UNSENDABLE = [
  `${HEX}.${SECRET.slice(1)}\0`,
  "a\0b",
  `${HEX}.${SECRET.slice(2)}\r\nX-Injected: yes`,
  "a\r\n b",
];

export const tokenCases: readonly AdapterCase[] = [
  {
    name: "T2 signing in brings a new session, also again, and the one before is dead at once",
    async run({ serve, store, clock }) {
      const site = await serve(routes({ ...COMMON, "/cart": fillCart }));
      const before = await cookieFrom(site, "/cart");
      const first = await cookieFrom(site, "/in", before);
      const second = await cookieFrom(site, "/in", first);
      assert.equal(new Set([before, first, second].map(idOf)).size, 3);
      assert.deepEqual(
        (await store.records(clock.now())).map(({ id }) => id),
        [idOf(second)],
      );
      for (const cookie of [before, first]) assertPage(await site.send({ path: "/who", cookie }), "nobody");
      assertPage(await site.send({ path: "/who", cookie: second }), "ada");
    },
  },
  {
    name: "T2 whoever arrives late with the cookie from before the sign-in writes nothing and gets no cookie",
    async run({ serve, store, clock }) {
      const site = await serve(routes({ ...COMMON, "/cart": fillCart }));
      const before = await cookieFrom(site, "/cart");
      const cookie = await cookieFrom(site, "/in", before);
      assertNoCookie(await site.send({ path: "/cart", cookie: before }));
      assert.deepEqual(
        (await store.records(clock.now())).map(({ id }) => id),
        [idOf(cookie)],
      );
    },
  },
  {
    name: "T3 an id that the server did not issue is never adopted",
    async run({ serve, store, clock }) {
      const site = await serve(routes({ ...COMMON, "/cart": fillCart }));
      for (const path of ["/in", "/cart"]) {
        const { id, secret } = newToken();
        const cookie = await cookieFrom(site, path, `${site.cookieName}=${id}.${secret}`);
        assert.notEqual(idOf(cookie), id);
        const records = await store.records(clock.now());
        assert.ok(records.every((record) => record.id !== id));
      }
    },
  },
  {
    name: "a known id with a wrong secret is nobody's",
    async run({ serve, events }) {
      const site = await serve(routes(COMMON));
      const cookie = await cookieFrom(site);
      const forged = `${site.cookieName}=${idOf(cookie)}.${SECRET}`;
      assertPage(await site.send({ path: "/who", cookie: forged }), "nobody");
      assert.deepEqual(events.at(-1)?.type, "mismatch");
      assertPage(await site.send({ path: "/who", cookie }), "ada");
    },
  },
  {
    name: "T4 what is no token is refused before any store access",
    async run({ serve, store }) {
      const site = await serve(routes(COMMON));
      for (const value of MALFORMED) {
        const reply = await site.send({ path: "/who", cookie: `${site.cookieName}=${value}` });
        assertPage(reply, "nobody");
        assertNoCookie(reply);
      }
      assert.deepEqual(store.calls, []);
    },
  },
  {
    name: "T4 nor do NUL, CR and LF in the cookie reach the store, or a header of the answer",
    needs: ["HTTP/1.1"],
    async run({ serve, store }) {
      const site = await serve(routes(COMMON));
      for (const value of UNSENDABLE) {
        const wire = site.wire();
        const cookie = `${site.cookieName}=${value}`;
        wire.send(`GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`);
        const answer = await wire.closed();
        // Servers may refuse it themselves.
        assert.match(answer, /^HTTP\/1\.1 (?:200 .*nobody|400 )/s);
        assert.doesNotMatch(answer, /set-cookie|x-injected/i);
      }
      assert.deepEqual(store.calls, []);
    },
  },
  {
    name: "C6 of two cookies of one name none is chosen, in whichever order: anonymous, and an event",
    async run({ serve, store, events }) {
      const site = await serve(routes({ ...COMMON, "/eve": signInAsEve }));
      const ada = await cookieFrom(site);
      const eve = await cookieFrom(site, "/eve");
      store.calls.length = 0;
      for (const cookie of [`${ada}; ${eve}`, `${eve}; ${ada}`, `a=b; ${ada}; ${ada}`]) {
        const reply = await site.send({ path: "/who", cookie });
        assertPage(reply, "nobody");
        assertNoCookie(reply);
        assert.equal(events.at(-1)?.type, "ambiguous");
      }
      assert.deepEqual(store.calls, []);
      assertPage(await site.send({ path: "/who", cookie: `a=b; ${ada}; c=d` }), "ada");
    },
  },
  {
    name: "C6 nor of two that come in two Cookie headers",
    needs: ["HTTP/1.1"],
    async run({ serve }) {
      const site = await serve(routes({ ...COMMON, "/eve": signInAsEve }));
      const cookies = [await cookieFrom(site), await cookieFrom(site, "/eve")];
      for (const pair of [cookies, cookies.toReversed()]) {
        const wire = site.wire();
        const fields = pair.map((cookie) => `Cookie: ${cookie}\r\n`).join("");
        wire.send(`GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${fields}\r\n`);
        assert.match(await wire.closed(), /^HTTP\/1\.1 200 .*nobody/s);
      }
    },
  },
  {
    name: "C7 the cookie's name matches case by case",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const cookie = await cookieFrom(site);
      const value = cookie.slice(site.cookieName.length);
      for (const name of [site.cookieName.toUpperCase(), site.cookieName.replace("s", "S")]) {
        assertPage(await site.send({ path: "/who", cookie: name + value }), "nobody");
      }
      // A cookie that a sibling host tossed in under another spelling does not shadow the real one.
      const both = `${site.cookieName.toUpperCase()}=evil; ${cookie}`;
      assertPage(await site.send({ path: "/who", cookie: both }), "ada");
    },
  },
  {
    name: "T15 a token in the URL, in the body or in another header opens nothing",
    async run({ serve, store }) {
      const site = await serve(routes(COMMON));
      const cookie = await cookieFrom(site);
      const token = cookie.slice(cookie.indexOf("=") + 1);
      store.calls.length = 0;
      const type = { "content-type": "application/x-www-form-urlencoded" };
      const asks = [
        { path: `/who?${site.cookieName}=${token}` },
        { path: "/who", method: "POST", headers: type, body: `${site.cookieName}=${token}` },
        { path: "/who", headers: { authorization: `Bearer ${token}`, "x-session": token } },
      ];
      for (const ask of asks) assertPage(await site.send(ask), "nobody");
      assert.deepEqual(store.calls, []);
    },
  },
  {
    name: "T14 hundreds of anonymous visits leave nothing: no record, no store access, no cookie",
    async run({ serve, store, clock }) {
      const site = await serve(routes(COMMON));
      for (let visit = 0; visit < VISITS; visit += 1) {
        const reply = await site.send({ path: "/who" });
        assertPage(reply, "nobody");
        assertNoCookie(reply);
      }
      assert.deepEqual(store.calls, []);
      assert.deepEqual(await store.records(clock.now()), []);
    },
  },
];

const fillCart: Scenario = (session) => {
  session.set("cart", "bread");
  return { body: "filled" };
};

const signInAsEve: Scenario = (session) => {
  session.signIn("eve");
  return { body: "in" };
};
