// The adapter of plain Node servers over HTTP/2, whose requests and responses only look like those of HTTP/1.1.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type TestContext, test } from "node:test";
import { holdHead } from "../../src/adapters/hold-head.ts";
import { createSessions } from "../../src/core/manager.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { Site } from "../../src/testing/adapter-cases-client.ts";
import { type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { type Handler, turns, UNAVAILABLE } from "./hold-fixtures.ts";
import { certificate, listening, nodeListener } from "./serve.ts";

/** Node's HTTP/2 servers call their listeners with objects that look like those of HTTP/1.1. */
function http2Server(listener: RequestListener) {
  const same = listener as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  return listening(createSecureServer(certificate, same));
}

testAdapter("node over HTTP/2", (...of) => http2Server(nodeListener(...of)), { protocol: "h2" });

async function siteOf(t: TestContext, listener: RequestListener): Promise<Site> {
  const server = await http2Server(listener);
  const sessions = createSessions<TrialData>({ store: memoryStore(), sweep: false });
  const site = new Site(sessions, server.port, "h2");
  t.after(() => {
    site.close();
    server.close();
  });
  return site;
}

test("a failed commit sends the failure alone, without a warning about HTTP/2", async (t) => {
  const warnings: string[] = [];
  const warn = (warning: Error) => warnings.push(warning.message);
  process.on("warning", warn);
  t.after(() => process.off("warning", warn));
  const handlers: readonly Handler[] = [
    (response) => response.writeHead(200, { "X-Secret": "1", "Set-Cookie": "a=1" }).end("secret"),
    (response) => {
      response.setHeader("X-Secret", "1");
      response.write("secret");
      response.end("secret");
    },
  ];
  for (const handler of handlers) {
    const site = await siteOf(t, (request, response) => {
      holdHead(response, { commit: () => Promise.reject(new Error("down")), replyTo: () => UNAVAILABLE });
      void handler(response, request);
    });
    const { status, headers, setCookies, body } = await site.send();
    assert.deepEqual([status, setCookies, body], [503, [], UNAVAILABLE.body]);
    assert.equal(headers.get("x-secret"), null);
  }
  await turns();
  assert.deepEqual(warnings, []);
});

test("a piece of a wrong type does not let the head out", async (t) => {
  const site = await siteOf(t, (_request, response) => {
    const commit = () => ({ cookie: "session=1", used: true });
    holdHead(response, { commit, replyTo: () => UNAVAILABLE });
    assert.throws(() => response.write(7), { code: "ERR_INVALID_ARG_TYPE" });
    response.end("text");
  });
  const { setCookies, body } = await site.send();
  assert.deepEqual([setCookies, body], [["session=1"], "text"]);
});
