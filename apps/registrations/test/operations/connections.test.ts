// Draining a server's connections: every answer that was begun arrives whole.

import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { manualClock } from "vestiaire/testing";
import { Connections } from "../../src/operations/connections.ts";

// More than the system takes at once.
const LARGE = Buffer.alloc(20_000_000, "x");

async function serverWith(listener: Parameters<typeof createServer>[1]) {
  const server = createServer({ keepAliveTimeout: 0 }, listener);
  const connections = new Connections(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { connections, port: (server.address() as AddressInfo).port };
}

test("an answer that a slow browser is still reading is not cut short", async () => {
  const { connections, port } = await serverWith((_, response) => void response.end(LARGE));
  const asked = get({ port, host: "127.0.0.1", agent: new Agent({ keepAlive: true }) });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const drained = connections.drain(manualClock(0), 1_000);
  let read = 0;
  for await (const chunk of answer) read += (chunk as Buffer).length;
  assert.equal(read, LARGE.length);
  assert.equal(await drained, 0);
});

test("connections on which nothing was asked yet, or nothing more, end at once", async () => {
  const { connections, port } = await serverWith((_, response) => void response.end());
  const silent = connect(port, "127.0.0.1");
  const idle = connect(port, "127.0.0.1");
  await once(silent, "connect");
  idle.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(idle, "data");
  const ended = Promise.all([once(silent.resume(), "close"), once(idle, "close")]);
  assert.equal(await connections.drain(manualClock(0), 1_000), 0);
  await ended;
});

test("what takes longer than it may is cut and counted", async () => {
  const arrived = Promise.withResolvers<void>();
  const { connections, port } = await serverWith(() => arrived.resolve());
  const failed = once(get({ port, host: "127.0.0.1" }), "response");
  await arrived.promise;
  const clock = manualClock(0);
  const drained = connections.drain(clock, 1_000);
  clock.advance(1_000);
  assert.equal(await drained, 1);
  await assert.rejects(failed, { code: "ECONNRESET" });
});
