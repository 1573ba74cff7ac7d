// Requests that share a connection: written at once or one after another, they share nothing else. Answers come in their
// order, each with its own cookie, and nothing of one is left when the next is served.

import assert from "node:assert/strict";
import {
  type AdapterCase,
  assertNoCookie,
  assertPage,
  COMMON,
  cookieFrom,
  HOME,
  idOf,
  routes,
  type Scenario,
  sessionCookie,
} from "./adapter-cases-fixtures.ts";

const ROUNDS = 25;

export const connectionCases: readonly AdapterCase[] = [
  {
    name: "two requests sent at once on one connection are answered in order, each with its own cookie",
    needs: ["HTTP/1.1"],
    async run({ serve, store }) {
      const site = await serve((session, { path }) => {
        session.signIn(path.slice(1));
        return { headers: [["X-User", path.slice(1)]], body: `<${path}>` };
      });
      const create = store.hold("create");
      const wire = site.wire();
      for (const user of ["ada", "eve"]) wire.send(`GET /${user} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await create.reached;
      await site.roundTrips();
      assert.equal(wire.received, "");
      create.release();
      const answers = await wire.until((received) => received.includes("</eve>"));
      const ids = Array.from(answers.matchAll(/set-cookie: [^=]+=([0-9a-f]{32})\./gi), ([, id]) => id);
      const users = await Promise.all(["ada", "eve"].map((user) => site.sessions.ofUser(user)));
      assert.deepEqual(
        ids,
        users.map(([session]) => session?.id),
      );
      const order = Array.from(
        answers.matchAll(/x-user: (\w+)|<(\/\w+)>/gi),
        ([, head, body]) => head ?? body,
      );
      assert.deepEqual(order, ["ada", "/ada", "eve", "/eve"]);
    },
  },
  {
    name: "requests of several visitors written at once on one connection get what is their own, and nothing of the others'",
    needs: ["HTTP/1.1"],
    async run({ serve, store }) {
      const site = await serve(deed);
      const [ada, eve, zoe] = [
        await cookieFrom(site, "/in/ada"),
        await cookieFrom(site, "/in/eve"),
        await cookieFrom(site, "/in/zoe"),
      ];
      const asks = [
        { path: "/read", cookie: ada, gets: "<ada>" },
        { path: "/read", cookie: "", gets: "<nobody>" },
        { path: "/in/bob", cookie: "", gets: "<bob> a new cookie" },
        { path: "/rotate", cookie: eve, gets: `<eve> ${idOf(eve)}` },
        { path: "/failed", cookie: ada, gets: "<ada>" },
        { path: "/out", cookie: zoe, gets: "<nobody> an empty cookie" },
        { path: "/read", cookie: "", gets: "<nobody>" },
      ];
      // The first is slow, and all others are done before it.
      const find = store.hold("find");
      const wire = site.wire();
      wire.send(
        asks
          .map(({ path, cookie }) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`)
          .join(""),
      );
      await find.reached;
      await site.roundTrips();
      assert.equal(wire.received, "");
      find.release();
      const received = await wire.until((text) => text.match(/<\w+>/g)?.length === asks.length);
      const known = new Set([ada, eve, zoe].map(idOf));
      const got = received.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) => {
        const ids = Array.from(answer.matchAll(/^set-cookie: [^=]+=([^.;\r]*)/gim), ([, id = ""]) => id);
        const shown = ids.map((id) => (known.has(id) ? id : id === "" ? "an empty cookie" : "a new cookie"));
        return [answer.match(/<\w+>/)?.[0], ...shown].join(" ");
      });
      assert.deepEqual(
        got,
        asks.map(({ gets }) => gets),
      );
    },
  },
  {
    name: "of many requests one after another none leaves anything to the next, no listener either",
    async run({ serve, store }) {
      const warnings: string[] = [];
      const warn = ({ name, message }: Error) => {
        if (name === "MaxListenersExceededWarning") warnings.push(message);
      };
      process.on("warning", warn);
      try {
        const site = await serve(
          routes({
            ...COMMON,
            "/signal": ({ signal, userId }) => ({ body: `${userId} ${signal.aborted}` }),
            "/failed": ({ userId }) => ({ status: 500, body: String(userId) }),
          }),
        );
        for (let round = 0; round < ROUNDS; round += 1) {
          const signedIn = await site.send({ path: "/in" });
          assert.equal(signedIn.status, HOME.status);
          const cookie = sessionCookie(site, signedIn);
          for (const [path, body, status] of [
            ["/signal", "ada false", 200],
            ["/failed", "ada", 500],
            ["/elsewhere", "nothing here", 404],
          ] as const) {
            const reply = await site.send({ path, cookie });
            assertPage(reply, body, status);
            assertNoCookie(reply);
          }
          const anonymous = await site.send({ path: "/who" });
          assertPage(anonymous, "nobody");
          assertNoCookie(anonymous);
          assert.equal((await site.send({ path: "/out", cookie })).setCookies.length, 1);
        }
        await site.roundTrips();
        assert.deepEqual([store.watched, warnings], [[], []]);
      } finally {
        process.off("warning", warn);
      }
    },
  },
];

/** Does what the path says, and tells who is signed in then. */
const deed: Scenario = (session, { path }) => {
  const [, act, user = ""] = path.split("/");
  if (act === "in") session.signIn(user);
  if (act === "rotate") session.rotate();
  if (act === "out") session.signOut();
  return { status: act === "failed" ? 500 : 200, body: `<${session.userId ?? "nobody"}>` };
};
