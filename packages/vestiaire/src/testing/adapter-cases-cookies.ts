// The cookie as it goes out: its name and attributes, when it is set at all, and what else stands beside it. The row
// numbers are those of the project's list of security requirements.

import assert from "node:assert/strict";
import type { Site } from "./adapter-cases-client.ts";
import {
  type AdapterCase,
  assertNoCookie,
  assertPage,
  COMMON,
  cookieFrom,
  HOME,
  routes,
  sessionCookie,
} from "./adapter-cases-fixtures.ts";

const TOKEN = /[0-9a-f]{32}\.[A-Za-z0-9_-]{32}/;
const DAY_IN_SECONDS = 86_400;

/** The attributes that the default cookie has at this site, whatever its value. */
function attributesAt(site: Site): string {
  return `; Path=/; HttpOnly; SameSite=Lax${site.secure ? "; Secure" : ""}`;
}

export const cookieCases: readonly AdapterCase[] = [
  {
    name: "C1 the cookie has its attributes, and goes when the browser closes",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const { status, setCookies } = await site.send({ path: "/in" });
      assert.equal(status, 303);
      assert.equal(setCookies.length, 1);
      const [first = ""] = setCookies;
      assert.match(first, new RegExp(`^${site.cookieName}=${TOKEN.source};`));
      assert.equal(first.slice(first.indexOf(";")), attributesAt(site));
    },
  },
  {
    name: "a persistent sign-in lets the cookie live as long as the session may",
    async run({ serve }) {
      const site = await serve((session) => {
        session.signIn("ada", { persistent: true });
        return HOME;
      });
      const { setCookies } = await site.send({ method: "POST" });
      assert.match(setCookies[0] ?? "", new RegExp(`; Max-Age=${30 * DAY_IN_SECONDS};`));
    },
  },
  {
    name: "C8 signing out removes the cookie under the name and attributes it was set with",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const { setCookies } = await site.send({ path: "/out", cookie: await cookieFrom(site) });
      assert.deepEqual(setCookies, [`${site.cookieName}=; Max-Age=0${attributesAt(site)}`]);
    },
  },
  {
    name: "C10 neither the cookie's default name nor any header shows the product",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const { headers } = await site.send({ path: "/in" });
      for (const line of headers) assert.doesNotMatch(line.join(": "), /vestiaire/i);
    },
  },
  {
    name: "C3 the token is in Set-Cookie and nowhere else",
    async run({ serve, store, events, printed }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/page": (session) => ({
            headers: [["X-Session", String(session.id)]],
            body: JSON.stringify({ session, data: session.data, id: session.id }),
          }),
          "/broken": (session) => {
            throw new Error(`a handler's fault in ${session.id}`);
          },
        }),
      );
      const signedIn = await site.send({ path: "/in" });
      const cookie = sessionCookie(site, signedIn);
      const secret = cookie.slice(cookie.indexOf(".") + 1);
      const replies = [
        await site.send({ path: "/page", cookie }),
        await site.send({ path: "/broken", cookie }),
      ];
      store.fail();
      replies.push(await site.send({ path: "/page", cookie }));
      signedIn.headers.delete("set-cookie");
      const seen = [signedIn, ...replies].map(({ headers, body }) => [...headers, body]);
      assert.ok(!JSON.stringify([seen, events]).includes(secret));
      assert.ok(!printed.join("\n").includes(secret));
    },
  },
  {
    name: "the handler's own cookies leave beside the session's",
    async run({ serve }) {
      const own = ["theme=dark; Path=/", "lang=fr; Path=/; Max-Age=60"];
      const headers = own.map((line) => ["Set-Cookie", line] as const);
      const site = await serve(
        routes({
          ...COMMON,
          "/in": (session) => {
            session.signIn("ada");
            return { headers, body: "in" };
          },
          "/read": (session) => ({ headers, body: session.userId ?? "nobody" }),
        }),
      );
      const reply = await site.send({ path: "/in" });
      const cookie = sessionCookie(site, reply);
      assert.deepEqual(reply.setCookies.slice(0, 2), own);
      assert.equal(reply.setCookies.length, 3);
      assert.deepEqual((await site.send({ path: "/read", cookie })).setCookies, own);
    },
  },
  {
    name: "a redirect made before the session changed carries its cookie",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const reply = await site.send({ method: "POST", path: "/in" });
      assert.deepEqual([reply.status, reply.headers.get("location")], [303, "/"]);
      assertPage(await site.send({ path: "/who", cookie: sessionCookie(site, reply) }), "ada");
    },
  },
  {
    name: "reading, and writing where there is a session, set no cookie",
    async run({ serve }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/write": (session) => {
            session.set("seen", 1);
            return { body: "written" };
          },
        }),
      );
      const cookie = await cookieFrom(site);
      for (const path of ["/who", "/write"]) assertNoCookie(await site.send({ path, cookie }));
    },
  },
];
