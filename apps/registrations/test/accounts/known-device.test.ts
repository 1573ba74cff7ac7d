// A browser that has signed in is known again, to the throttle only.

import assert from "node:assert/strict";
import { Hono } from "hono";
import { knownDevice, rememberDevice } from "../../src/accounts/known-device.ts";
import type { Database } from "../../src/database/schema.ts";
import type { AppEnv } from "../../src/web/visit.ts";
import { eachDatabase } from "../support/databases.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;

/** A server that signs people in by name, and a browser that keeps one cookie. */
async function given(database: Database, origin = "https://register.example.org") {
  for (const id of ["ada", "ben"]) {
    const person = { id, name: id, nameKey: id, passwordHash: null, administrator: 0, disabledAt: null };
    await database
      .insertInto("people")
      .values({ ...person, createdAt: NOW })
      .execute();
  }
  const surroundings = { now: NOW, database };
  const app = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set("origin", origin);
      await next();
    })
    .get("/sign-in/:id", async (c) => {
      await rememberDevice(c, surroundings.database, c.req.param("id"), surroundings.now);
      return c.text("");
    })
    .get("/known", async (c) =>
      c.json(await knownDevice(c, surroundings.database, c.req.query("id") ?? "", surroundings.now)),
    );
  const get = (path: string, cookie: string) =>
    app.request(path, cookie === "" ? {} : { headers: { cookie } });
  return {
    surroundings,
    signIn: async (id: string, cookie = ""): Promise<string> => {
      const response = await get(`/sign-in/${id}`, cookie);
      return response.headers.get("set-cookie") ?? "";
    },
    known: async (id: string, cookie = ""): Promise<string | null> => {
      return (await get(`/known?id=${id}`, cookie)).json() as Promise<string | null>;
    },
  };
}

const pairOf = (setCookie: string) => setCookie.split(";", 1)[0] ?? "";

eachDatabase("a browser is known after it has signed in, as that person only", async ({ database }) => {
  const { signIn, known } = await given(database);
  assert.equal(await known("ada"), null);
  const cookie = pairOf(await signIn("ada"));
  assert.match((await known("ada", cookie)) ?? "", /^[0-9a-f]{64}$/);
  assert.equal(await known("ben", cookie), null);
  assert.equal(await known("ada"), null);
  assert.equal(await known("ada", cookie.slice(0, -1)), null);
});

eachDatabase(
  "the cookie is long, random and out of reach; the table cannot make one",
  async ({ database }) => {
    const { signIn } = await given(database);
    const cookie = await signIn("ada");
    const attributes = "; Max-Age=15552000; Path=/; HttpOnly; Secure; SameSite=Lax";
    assert.match(cookie, /^__Host-device=[\w-]{32}; /);
    assert.equal(cookie.slice(cookie.indexOf(";")), attributes);
    assert.notEqual(pairOf(await signIn("ada")), pairOf(cookie));
    const rows = JSON.stringify(await database.selectFrom("devices").selectAll().execute());
    assert.ok(!rows.includes(pairOf(cookie).slice("__Host-device=".length)));
  },
);

eachDatabase("over HTTP the cookie has a name that browsers accept there", async ({ database }) => {
  const { signIn, known } = await given(database, "http://localhost:5000");
  const cookie = await signIn("ada");
  assert.match(cookie, /^device=[\w-]{32}; /);
  assert.doesNotMatch(cookie, /Secure/);
  assert.notEqual(await known("ada", pairOf(cookie)), null);
});

eachDatabase("two people who share a browser are both known in it", async ({ database }) => {
  const { signIn, known } = await given(database);
  const cookie = pairOf(await signIn("ada"));
  assert.equal(pairOf(await signIn("ben", cookie)), cookie);
  assert.equal(await known("ada", cookie), await known("ben", cookie));
  assert.notEqual(await known("ada", cookie), null);
});

eachDatabase("a cookie that nobody here made is replaced", async ({ database }) => {
  const { signIn } = await given(database);
  for (const value of ["", "x", "a".repeat(31), "a".repeat(33), `${"a".repeat(31)}.`]) {
    assert.notEqual(pairOf(await signIn("ada", `__Host-device=${value}`)), `__Host-device=${value}`);
  }
});

eachDatabase("a browser is forgotten 180 days after its last sign-in", async ({ database }) => {
  const { surroundings, signIn, known } = await given(database);
  const cookie = pairOf(await signIn("ada"));
  surroundings.now += 179 * DAY;
  assert.notEqual(await known("ada", cookie), null);
  await signIn("ada", cookie);
  surroundings.now += 180 * DAY - 1;
  assert.notEqual(await known("ada", cookie), null);
  surroundings.now += 1;
  assert.equal(await known("ada", cookie), null);
});

eachDatabase(
  "a person's most recent 50 browsers are kept, and none that is forgotten",
  async ({ database }) => {
    const { surroundings, signIn, known } = await given(database);
    const first = pairOf(await signIn("ada"));
    const bens = pairOf(await signIn("ben"));
    for (let index = 0; index < 50; index++) {
      surroundings.now++;
      await signIn("ada");
    }
    await signIn("ben");
    assert.equal(await known("ada", first), null);
    assert.notEqual(await known("ben", bens), null);
    const count = async () => (await database.selectFrom("devices").select("hash").execute()).length;
    assert.equal(await count(), 52);
    surroundings.now += 181 * DAY;
    await signIn("ada");
    assert.equal(await count(), 3);
  },
);

eachDatabase(
  "P5: the same is looked up for nobody, for a stranger and for a known browser",
  async ({ database }) => {
    const { surroundings, signIn, known } = await given(database);
    const cookie = pairOf(await signIn("ada"));
    const queries: string[] = [];
    surroundings.database = database.withPlugin({
      transformQuery: ({ node }) => {
        queries.push(node.kind);
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await known("ada", cookie);
    await known("ada");
    await known("", cookie);
    await known("nobody");
    assert.deepEqual(queries, Array(4).fill("SelectQueryNode"));
  },
);
