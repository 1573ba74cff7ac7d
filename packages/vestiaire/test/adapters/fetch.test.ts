// The fetch adapter: the contract, and what only fetch handlers have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { session } from "../../src/adapters/fetch.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { testAdapter } from "../../src/testing/adapter-contract.ts";
import { serveFetch } from "./serve.ts";

testAdapter("fetch", serveFetch, { knowsPeer: false });

const withSession = session<{ name: string }>({ store: memoryStore(), sweep: false });
const request = new Request("http://localhost/");

test("a redirect, whose headers are immutable, gets the cookie", async () => {
  const handler = withSession((_request, session) => {
    session.signIn("ada");
    return Response.redirect("http://localhost/", 303);
  });
  const response = await handler(request);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "http://localhost/");
  assert.match(response.headers.getSetCookie()[0] ?? "", /^session=/);
});

test("one response that a handler gives to everybody carries each visitor's cookie to that visitor alone", async () => {
  const home = new Response(null, { status: 303, headers: { location: "/" } });
  const handler = withSession((_request, session) => {
    session.signIn("ada");
    return home;
  });
  const answers = await Promise.all([handler(request), handler(request)]);
  const cookies = answers.flatMap(({ headers }) => headers.getSetCookie());
  assert.deepEqual([cookies.length, new Set(cookies).size], [2, 2]);
  assert.deepEqual([answers[0].status, answers[0].headers.get("location")], [303, "/"]);
  assert.deepEqual([...home.headers], [["location", "/"]]);
});

test("a body that a 503 takes the place of is cancelled, so that its source lets go", async () => {
  const store = new TrialStore("later");
  store.fail("create");
  let cancelled = false;
  const handler = session<{ name: string }>({ store, sweep: false, onEvent() {} })((_request, session) => {
    session.signIn("ada");
    return new Response(
      new ReadableStream({
        cancel() {
          cancelled = true;
        },
      }),
    );
  });
  assert.equal((await handler(request)).status, 503);
  assert.equal(cancelled, true);
});

test("what the platform passes after the request comes after the session", async () => {
  const handler = withSession((_request, session, env: { name: string }, extra: number) => {
    return new Response(`${session.isNew} ${env.name} ${extra}`);
  });
  assert.equal(await (await handler(request, { name: "env" }, 7)).text(), "true env 7");
});

test("a response that nothing is added to is the handler's own", async () => {
  const own = new Response("own");
  assert.equal(await withSession(() => own)(request), own);
});

test("a handler's own error reaches the platform as it was", async () => {
  const error = new Error("the handler's own");
  const handler = withSession(() => {
    throw error;
  });
  await assert.rejects(handler(request), (thrown) => thrown === error);
});
