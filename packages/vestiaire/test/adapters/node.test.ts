// The adapter of plain Node servers: the contract over HTTP and HTTPS, and what only this adapter promises. HTTP/2 has
// a file of its own.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { test } from "node:test";
import { session } from "../../src/adapters/node.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { testAdapter } from "../../src/testing/adapter-contract.ts";
import { GET, wireTo } from "./hold-fixtures.ts";
import { certificate, listening, nodeListener, serveNode } from "./serve.ts";

testAdapter("node", serveNode);

testAdapter("node over HTTPS", (...of) => listening(createHttpsServer(certificate, nodeListener(...of))), {
  protocol: "https",
});

const withSession = session<{ name: string }>({ store: memoryStore(), sweep: false });

test("a list of cookies that all responses share collects nobody's session", async (t) => {
  const shared = ["theme=dark"];
  const listener = withSession((_request, response, session) => {
    session.signIn("ada");
    response.setHeader("Set-Cookie", shared).end();
  });
  for (let visit = 0; visit < 2; visit += 1) {
    const wire = await wireTo(t, listener);
    wire.send(GET);
    assert.equal((await wire.closed()).match(/^Set-Cookie: session=/gm)?.length, 1);
  }
  assert.deepEqual(shared, ["theme=dark"]);
});

test("a handler that throws is answered with a 500 in which nothing of its answer is left", async (t) => {
  t.mock.method(console, "error", () => {});
  for (const fault of [
    () => {
      throw new Error("the handler's own");
    },
    () => Promise.reject(new Error("the handler's own")),
  ]) {
    const listener = withSession((_request, response, session) => {
      session.signIn("ada");
      response.setHeader("X-Secret", "1").setHeader("Content-Length", 6);
      response.statusMessage = "Secret";
      return fault();
    });
    const wire = await wireTo(t, listener);
    wire.send(GET);
    const answer = await wire.closed();
    assert.match(answer, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
    assert.doesNotMatch(answer, /secret|set-cookie/i);
  }
});

test("a handler that throws in mid-answer breaks off, so that nobody takes half of it for the whole", async (t) => {
  t.mock.method(console, "error", () => {});
  const listener = withSession(async (_request, response) => {
    response.write("half");
    throw new Error("the handler's own");
  });
  const wire = await wireTo(t, listener);
  wire.send(GET);
  assert.doesNotMatch(await wire.closed(), /\r\n0\r\n\r\n$/);
});

test("a handler may answer later, after it has returned", async (t) => {
  const listener = withSession((_request, response, session) => {
    setImmediate(() => {
      session.set("name", "Ada");
      response.end(session.data.name);
    });
  });
  const wire = await wireTo(t, listener);
  wire.send(GET);
  assert.match(await wire.closed(), /^Set-Cookie: session=.*\r\n\r\nAda$/ms);
});

test("requests that wait for an upgrade or for 100 do not meet the hold", async (t) => {
  const listener = withSession((request, response, session) => {
    response.setHeader("X-User", session.userId ?? "nobody");
    request.pipe(response);
  });
  const wire = await wireTo(t, listener);
  wire.send(`${GET.replace("GET", "PUT").slice(0, -2)}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
  await wire.until((received) => received.startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
  wire.send("body");
  assert.match(await wire.closed(), /X-User: nobody\r\n.*body/s);
});

test("options that cannot be are refused when the adapter is made", () => {
  assert.throws(() => session({ store: memoryStore(), lifetime: -1 }), { code: "CONFIGURATION" });
  assert.ok(createServer(withSession(() => {})));
});
