// Whom the adapter believes when a header says that the browser spoke HTTPS: the declared proxies, and nobody else.

import assert from "node:assert/strict";
import { type AdapterCase, assertNoCookie, assertPage, COMMON, routes } from "./adapter-cases-fixtures.ts";

export const proxyCases: readonly AdapterCase[] = [
  {
    name: "C1 over HTTPS, which a declared proxy ends, the cookie is Secure and has the prefix __Host-",
    async run({ serve }) {
      const site = await serve(routes(COMMON), { proxies: "all" });
      const headers = { "x-forwarded-proto": "https" };
      const { setCookies } = await site.send({ path: "/in", headers });
      assert.equal(setCookies.length, 1);
      assert.match(setCookies[0] ?? "", /^__Host-session=[^;]{65}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
      const cookie = setCookies[0]?.split(";", 1)[0] ?? "";
      assertPage(await site.send({ path: "/who", headers, cookie }), "ada");
      // Never one for the other.
      const plain = cookie.replace("__Host-", "");
      assertPage(await site.send({ path: "/who", headers, cookie: plain }), "nobody");
    },
  },
  {
    name: "forwarding headers count from the address of a declared proxy, and from no other",
    needs: ["plain HTTP", "the peer's address"],
    async run({ serve }) {
      for (const headers of [{ "x-forwarded-proto": "https" }, { forwarded: "for=192.0.2.7;proto=https" }]) {
        const declared = await serve(routes(COMMON), { proxies: ["127.0.0.0/8"] });
        const [secure] = (await declared.send({ path: "/in", headers })).setCookies;
        assert.match(secure ?? "", /^__Host-session=.*; Secure$/);
        const [plain] = (await declared.send({ path: "/in" })).setCookies;
        assert.match(plain ?? "", /^session=/);
        const other = await serve(routes(COMMON), { proxies: ["192.0.2.1"] });
        const [unbelieved] = (await other.send({ path: "/in", headers })).setCookies;
        assert.match(unbelieved ?? "", /^session=/);
      }
    },
  },
  {
    name: "C9 a cookie that plain HTTP behind an undeclared proxy would lose is told of, and in production refused",
    needs: ["plain HTTP"],
    async run({ serve, store, clock, events, printed }) {
      const ask = { path: "/in", headers: { host: "example.org", "x-forwarded-proto": "https" } };
      const site = await serve(routes(COMMON));
      assert.equal((await site.send(ask)).status, 303);
      assert.equal((await site.send(ask)).status, 303);
      assert.equal(events.filter(({ type }) => type === "undeclaredProxy").length, 2);
      assert.equal(printed.filter((line) => line.includes("proxies:")).length, 1);
      const before = (await store.records(clock.now())).length;
      const production = await inProduction(() => serve(routes(COMMON)));
      const reply = await production.send(ask);
      assert.equal(reply.status, 500);
      assertNoCookie(reply);
      assert.equal(reply.headers.get("location"), null);
      assert.equal((await store.records(clock.now())).length, before);
      assertPage(await production.send({ ...ask, path: "/who" }), "nobody");
    },
  },
];

async function inProduction<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
