// What watches the server: whether it lives, whether it can work, and its figures, on a port that the public cannot reach.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { noRedis } from "../../../../packages/vestiaire/test/services/redis.ts";
import { createHealthServer } from "../../src/operations/health.ts";
import { Metrics } from "../../src/operations/metrics.ts";
import { startApplication } from "../support/application.ts";
import { type Answer, Browser } from "../support/browser.ts";
import { onPostgres } from "../support/databases.ts";
import { folderFor, serve, settingsIn } from "./process.ts";
import { freshRedis } from "./servers.ts";

const ACCOUNT = { name: "Ada", password: "seven quiet tickets on a hook" };

async function ask(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: await response.text(), type: response.headers.get("content-type") };
}

/** A friendly page, and nothing that would change who the browser is. */
function assertUnavailable({ status, headers, body }: Answer) {
  assert.equal(status, 503);
  assert.match(headers["content-type"] ?? "", /^text\/html/);
  assert.match(body, /<h1/);
  assert.equal(headers["set-cookie"], undefined);
}

test("it lives and is ready, and its figures name routes, never addresses", async (t) => {
  const { metricsUrl, ...application } = await startApplication(t);
  const ada = application.browser();
  await ada.post("/sign-up", ACCOUNT);
  await ada.get("/registrations/some-secret/take-back");
  assert.deepEqual(await ask(`${metricsUrl}/healthz`), {
    status: 200,
    body: "alive\n",
    type: "text/plain; charset=utf-8",
  });
  assert.deepEqual(await ask(`${metricsUrl}/readyz`), {
    status: 200,
    body: "ready\n",
    type: "text/plain; charset=utf-8",
  });
  const { body, type } = await ask(`${metricsUrl}/metrics`);
  assert.match(type ?? "", /^text\/plain; version=/);
  assert.match(body, /^http_requests_total\{method="POST",route="\/sign-up",status="303"\} 1$/m);
  assert.match(
    body,
    /^http_requests_total\{method="GET",route="\/registrations\/:id\/take-back",status="404"\} 1$/m,
  );
  assert.match(body, /^http_request_duration_seconds_count\{method="POST",route="\/sign-up"\} 1$/m);
  assert.match(body, /^session_events_total\{type="signedIn"\} 1$/m);
  assert.match(body, /^audit_events_total\{action="sign-in",result="done"\} 1$/m);
  assert.match(body, /^passwords_waiting 0$/m);
  assert.match(body, /^process_start_time_seconds /m);
  assert.doesNotMatch(body, /some-secret/);
});

test("the public port has none of it", async (t) => {
  const { url } = await startApplication(t);
  for (const path of ["/metrics", "/healthz", "/readyz"]) assert.equal((await fetch(url + path)).status, 404);
});

test("each start counts for itself", async (t) => {
  const [one, other] = [await startApplication(t), await startApplication(t)];
  await one.browser().get("/sign-in");
  assert.match((await ask(`${one.metricsUrl}/metrics`)).body, /route="\/sign-in"/);
  assert.doesNotMatch((await ask(`${other.metricsUrl}/metrics`)).body, /route="\/sign-in"/);
});

test("what does not answer within a second is not ready", async (t) => {
  const checks = { database: async () => {}, sessions: () => new Promise(() => {}) };
  const server = createHealthServer({ metrics: new Metrics(), checks, isClosing: () => false });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { status, body } = await ask(`http://127.0.0.1:${port}/readyz`);
  assert.deepEqual([status, body], [503, "sessions: no answer within a second\n"]);
});

test("without its sessions it is not ready, says so on friendly pages without a cookie, and recovers", async (t) => {
  const folder = folderFor(t);
  const { url, metricsUrl } = await serve(t, settingsIn(folder));
  const ada = new Browser(url);
  await ada.post("/sign-up", ACCOUNT);
  const sessions = join(folder, "sessions");
  renameSync(sessions, `${sessions}-away`);

  const { status, body } = await ask(`${metricsUrl}/readyz`);
  assert.equal(status, 503);
  assert.match(body, /^sessions: .+\n$/);
  assert.equal((await ask(`${metricsUrl}/healthz`)).status, 200);
  assertUnavailable(await new Browser(url).post("/sign-in", ACCOUNT));

  renameSync(`${sessions}-away`, sessions);
  assert.equal((await ask(`${metricsUrl}/readyz`)).status, 200);
  assert.match((await ada.get("/registrations")).body, /Ada/);
});

onPostgres("without its database it is not ready, and recovers", async ({ url: database }, t) => {
  const link = await linkTo(t, new URL(database));
  const settings = { ...settingsIn(folderFor(t)), DATABASE_URL: link.url };
  const { url, metricsUrl } = await serve(t, settings);
  const ada = new Browser(url);
  await ada.post("/sign-up", ACCOUNT);
  await link.cut();

  const { status, body } = await ask(`${metricsUrl}/readyz`);
  assert.equal(status, 503);
  assert.match(body, /^database: .+\n$/);
  assert.equal((await ask(`${metricsUrl}/healthz`)).status, 200);
  assertUnavailable(await ada.get("/registrations"));
  assertUnavailable(await new Browser(url).post("/sign-in", ACCOUNT));

  await link.mend();
  assert.equal((await ask(`${metricsUrl}/readyz`)).status, 200);
  assert.match((await ada.get("/registrations")).body, /Ada/);
});

test("without the server that its sessions are in it is not ready, and recovers", {
  skip: await noRedis(),
}, async (t) => {
  const link = await linkTo(t, new URL(await freshRedis(t)));
  const settings = { ...settingsIn(folderFor(t)), SESSION_STORE: link.url };
  const { url, metricsUrl } = await serve(t, settings);
  const ada = new Browser(url);
  await ada.post("/sign-up", ACCOUNT);
  await link.cut();

  const { status, body } = await ask(`${metricsUrl}/readyz`);
  assert.equal(status, 503);
  assert.match(body, /^sessions: .+\n$/);
  assertUnavailable(await ada.get("/registrations"));
  assertUnavailable(await new Browser(url).post("/sign-in", ACCOUNT));

  await link.mend();
  while ((await ask(`${metricsUrl}/readyz`)).status !== 200);
  assert.match((await ada.get("/registrations")).body, /Ada/);
});

/** The way to a server, which a test can cut and mend. */
async function linkTo(t: TestContext, target: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  const listen = (port: number) => new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  const cut = () =>
    new Promise<unknown>((done) => {
      server.close(done);
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  t.after(cut);
  const { port } = server.address() as { port: number };
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, cut, mend: () => listen(port) };
}
