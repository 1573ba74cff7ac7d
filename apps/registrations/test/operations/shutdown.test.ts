// Stopping: whoever got an answer keeps what it said, whoever waits for one gets it, and nobody new comes in.

import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { type TestContext, test } from "node:test";
import { PASSWORD } from "../support/application.ts";
import { Browser } from "../support/browser.ts";
import { folderFor, type Serving, serve, settingsIn } from "./process.ts";

const BODY = new URLSearchParams({ name: "Ada", password: PASSWORD }).toString();

/** A sign-up whose form has not come yet, although the server is waiting for it. */
async function slowSignUp(t: TestContext, url: string) {
  const agent = new Agent({ keepAlive: true });
  const asked = request(`${url}/sign-up`, {
    method: "POST",
    agent,
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": BODY.length,
      "Sec-Fetch-Site": "same-origin",
      Expect: "100-continue",
    },
  });
  asked.on("error", () => {});
  t.after(() => asked.destroy());
  asked.flushHeaders();
  await once(asked, "continue");
  return asked;
}

/** Asks until the server says that it is shutting down. */
async function shuttingDown({ metricsUrl }: Serving): Promise<void> {
  for (;;) {
    const response = await fetch(`${metricsUrl}/readyz`);
    if ((await response.text()) !== "shutting down\n") continue;
    assert.equal(response.status, 503);
    return;
  }
}

test("a request that runs is answered, and its answer kept, while nobody new comes in", async (t) => {
  const settings = settingsIn(folderFor(t));
  const server = await serve(t, settings);
  const slow = await slowSignUp(t, server.url);
  server.kill("SIGTERM");
  await shuttingDown(server);
  await assert.rejects(new Browser(server.url).get("/"), { code: "ECONNREFUSED" });

  slow.end(BODY);
  const [answer] = (await once(slow, "response")) as [IncomingMessage];
  answer.resume();
  assert.equal(answer.statusCode, 303);
  assert.equal(answer.headers.connection, "close", "so that nobody asks for more on this connection");
  assert.equal(await server.exited, 0);

  const again = new Browser((await serve(t, settings)).url);
  const cookies = answer.headers["set-cookie"]?.map((line) => line.split(";", 1)[0]) ?? [];
  assert.match((await again.get("/registrations", { Cookie: cookies.join("; ") })).body, /Ada/);
});

test("idle connections do not keep it", async (t) => {
  const server = await serve(t, settingsIn(folderFor(t)));
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const asked = request(server.url, { agent }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  server.kill("SIGINT");
  assert.equal(await server.exited, 0);
});

test("a request that takes longer than SHUTDOWN_TIMEOUT is cut, and that is said", async (t) => {
  const server = await serve(t, { ...settingsIn(folderFor(t)), SHUTDOWN_TIMEOUT: "1s" });
  const slow = await slowSignUp(t, server.url);
  server.kill("SIGTERM");
  await assert.rejects(once(slow, "response"), { code: "ECONNRESET" });
  assert.equal(await server.exited, 1);
  const cut = server.logged.map((line) => JSON.parse(line)).find((line) => line.cut !== undefined);
  assert.deepEqual({ level: cut?.level, cut: cut?.cut }, { level: 50, cut: 1 });
});

test("a second signal ends it at once", async (t) => {
  const server = await serve(t, { ...settingsIn(folderFor(t)), SHUTDOWN_TIMEOUT: "1h" });
  await slowSignUp(t, server.url);
  server.kill("SIGTERM");
  await shuttingDown(server);
  server.kill("SIGTERM");
  assert.equal(await server.exited, 1);
});
