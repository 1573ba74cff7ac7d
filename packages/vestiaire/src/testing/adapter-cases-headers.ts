// What a response says to caches. One that depends on the session varies with the cookie; one that carries a cookie is
// nobody else's; and neither may take anything away from what the handler said.

import assert from "node:assert/strict";
import type { Reply } from "./adapter-cases-client.ts";
import {
  type AdapterCase,
  assertPage,
  COMMON,
  cookieFrom,
  routes,
  type Scenario,
} from "./adapter-cases-fixtures.ts";

function whoWith(name: string, value: string): Scenario {
  return (session) => ({ headers: [[name, value]], body: session.userId ?? "nobody" });
}

function signInWith(name: string, value: string): Scenario {
  return (session) => {
    session.signIn("ada");
    return { headers: [[name, value]], body: "in" };
  };
}

/** What the response varies with. Whoever compresses it on its way, and says so, is left out. */
function varied({ headers }: Reply): string[] {
  const names = headers.get("vary")?.toLowerCase().split(/, ?/) ?? [];
  return names.filter((name) => name !== "accept-encoding");
}

export const headerCases: readonly AdapterCase[] = [
  {
    name: "R3 a page that used the session varies with the cookie, whether or not there was one",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const cookie = await cookieFrom(site);
      for (const ask of [
        { path: "/who" },
        { path: "/who", cookie },
        { path: "/who", cookie, method: "HEAD" },
      ]) {
        assert.deepEqual(varied(await site.send(ask)), ["cookie"]);
      }
    },
  },
  {
    name: "R3 a page that did not use it does not, and is not kept from caches",
    async run({ serve }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/plain": () => ({ body: "plain" }),
          "/accept": () => ({ headers: [["Vary", "Accept"]], body: "plain" }),
        }),
      );
      const cookie = await cookieFrom(site);
      const plain = await site.send({ path: "/plain", cookie });
      assert.deepEqual([varied(plain), plain.headers.get("cache-control")], [[], null]);
      assert.deepEqual(varied(await site.send({ path: "/accept", cookie })), ["accept"]);
    },
  },
  {
    name: "R3 the handler's own Vary is kept, and says Cookie once",
    async run({ serve }) {
      const own = {
        "/accept": ["Accept-Language", ["accept-language", "cookie"]],
        "/cookie": ["accept, cookie", ["accept", "cookie"]],
        "/similar": ["X-Cookie", ["x-cookie", "cookie"]],
        "/any": ["*", ["*"]],
      } as const;
      const table = Object.entries(own).map(([path, [vary]]) => [path, whoWith("Vary", vary)] as const);
      const site = await serve(routes(Object.fromEntries(table)));
      for (const [path, [, expected]] of Object.entries(own)) {
        assert.deepEqual(varied(await site.send({ path })), expected);
      }
    },
  },
  {
    name: "R3 a handler's two Vary headers are both kept",
    async run({ serve }) {
      const headers = [
        ["Vary", "Accept"],
        ["Vary", "Origin"],
      ] as const;
      const site = await serve((session) => ({ headers, body: session.userId ?? "nobody" }));
      assert.deepEqual(varied(await site.send()), ["accept", "origin", "cookie"]);
    },
  },
  {
    name: "R3 a response that sets the cookie is not to be stored, unless the handler said otherwise",
    async run({ serve }) {
      const site = await serve(
        routes({ ...COMMON, "/private": signInWith("Cache-Control", "private, max-age=60") }),
      );
      const signedIn = await site.send({ path: "/in" });
      assert.equal(signedIn.headers.get("cache-control"), "no-store");
      const cookie = await cookieFrom(site);
      const signedOut = await site.send({ path: "/out", cookie });
      assert.equal(signedOut.headers.get("cache-control"), "no-store");
      const own = await site.send({ path: "/private" });
      assert.equal(own.headers.get("cache-control"), "private, max-age=60");
      const read = await site.send({ path: "/who", cookie: await cookieFrom(site) });
      assertPage(read, "ada");
      assert.equal(read.headers.get("cache-control"), null);
    },
  },
  {
    name: "the handler's status, headers and text arrive as they were",
    async run({ serve }) {
      const headers = [
        ["Content-Type", "application/json; charset=utf-8"],
        ["X-Rate", "12"],
        ["ETag", 'W/"abc"'],
      ] as const;
      const body = JSON.stringify({ name: "Zoë \u2028 €", list: [1, 2, 3] });
      const site = await serve((session) => ({ status: session.userId ? 200 : 418, headers, body }));
      const reply = await site.send();
      assertPage(reply, body, 418);
      for (const [name, value] of headers) assert.equal(reply.headers.get(name), value);
    },
  },
];
