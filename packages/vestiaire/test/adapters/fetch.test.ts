// The fetch adapter: the contract, and what only fetch handlers have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { session } from "../../src/adapters/fetch.ts";
import { memoryStore } from "../../src/stores/memory.ts";
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
