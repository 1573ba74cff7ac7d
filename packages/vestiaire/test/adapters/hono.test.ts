// The Hono adapter: the contract, and what only Hono has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { session } from "../../src/adapters/hono.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { testAdapter } from "../../src/testing/adapter-contract.ts";
import { serveHono } from "./serve.ts";

testAdapter("hono", serveHono);

interface Visitor {
  name: string;
}

test("redirects and headers of the context leave with the cookie", async () => {
  const app = new Hono()
    .use(session<Visitor>({ store: memoryStore(), sweep: false }))
    .get("/made", () => Response.redirect("http://localhost/", 303))
    .get("/in", (c) => {
      c.header("Set-Cookie", "theme=dark", { append: true });
      c.var.session.signIn("ada").set("name", "Ada");
      return c.redirect("/");
    })
    .get("/immutable", (c) => {
      c.var.session.signIn("ada");
      return Response.redirect("http://localhost/", 303);
    });
  assert.equal((await app.request("/made")).headers.get("vary"), null);
  const signedIn = await app.request("/in");
  assert.equal(signedIn.status, 302);
  assert.deepEqual(
    signedIn.headers.getSetCookie().map((line) => line.split("=", 1)[0]),
    ["theme", "session"],
  );
  const immutable = await app.request("/immutable");
  assert.equal(immutable.headers.get("location"), "http://localhost/");
  assert.match(immutable.headers.getSetCookie()[0] ?? "", /^session=/);
});

test("one response that a handler gives to everybody carries each visitor's cookie to that visitor alone", async () => {
  const done = new Response(null, { status: 204 });
  const app = new Hono().use(session<Visitor>({ store: memoryStore(), sweep: false })).get("/in", (c) => {
    c.var.session.signIn("ada");
    return done;
  });
  const answers = await Promise.all([app.request("/in"), app.request("/in")]);
  const cookies = answers.flatMap(({ headers }) => headers.getSetCookie());
  assert.deepEqual([cookies.length, new Set(cookies).size], [2, 2]);
  assert.deepEqual([...done.headers], []);
});

test("an error handler of the application's neither commits what failed, nor turns an outage into its own page", async () => {
  const store = new TrialStore("later");
  const app = new Hono()
    .use(session<Visitor>({ store, sweep: false, onEvent() {} }))
    .get("/fails", (c) => {
      c.var.session.signIn("ada");
      throw new Error("the handler's own");
    })
    .get("/in", (c) => {
      c.var.session.signIn("ada");
      return c.text("in");
    })
    .onError((_error, c) => c.text("the application's page", 500));
  const failed = await app.request("/fails");
  assert.deepEqual([failed.status, await failed.text()], [500, "the application's page"]);
  assert.deepEqual(failed.headers.getSetCookie(), []);
  assert.deepEqual(store.calls, []);
  store.fail();
  const outage = await app.request("/in");
  assert.equal(outage.status, 503);
  assert.deepEqual(outage.headers.getSetCookie(), []);
});

test("a body that a 503 takes the place of is cancelled, so that its source lets go", async () => {
  const store = new TrialStore("later");
  store.fail("create");
  let cancelled = false;
  const app = new Hono().use(session<Visitor>({ store, sweep: false, onEvent() {} })).get("/in", (c) => {
    c.var.session.signIn("ada");
    return c.body(
      new ReadableStream({
        cancel() {
          cancelled = true;
        },
      }),
    );
  });
  assert.equal((await app.request("/in")).status, 503);
  assert.equal(cancelled, true);
});

test("the application's 404 is answered without the store", async () => {
  const store = new TrialStore("at once");
  const app = new Hono().use(session<Visitor>({ store, sweep: false }));
  assert.equal((await app.request("/nowhere")).status, 404);
  assert.deepEqual(store.calls, []);
});
