// The log: a line of JSON for each request and event, which can be followed by the request's id and read by anybody who
// may read logs.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { createLog } from "../../src/operations/log.ts";
import { Metrics } from "../../src/operations/metrics.ts";
import { sessionEvents } from "../../src/operations/session-events.ts";
import { PASSWORD, startApplication } from "../support/application.ts";
import { Browser } from "../support/browser.ts";
import { folderFor, serve, settingsIn } from "./process.ts";

interface Line {
  readonly msg: string;
  readonly level: number;
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
}

const read = (lines: readonly string[]): Line[] => lines.map((line) => JSON.parse(line));

test("no password, cookie, credential or one-time secret is in the log, whatever happens", async (t) => {
  const folder = folderFor(t);
  const server = await serve(t, { ...settingsIn(folder), LOG_LEVEL: "debug" });
  const ada = new Browser(server.url, { Authorization: "Bearer of-bad-news" });
  await ada.post("/sign-up", { name: "Ada", password: PASSWORD });
  await ada.get("/reset/one-time-secret");
  await ada.post("/reset/one-time-secret", { newPassword: "another quiet ticket" });
  await ada.post("/reset/one-time-secret", {}, { "Sec-Fetch-Site": "cross-site" });
  await ada.get("/nowhere/one-time-secret?one-time-secret");
  await ada.post("/sign-in", { name: "Ada", password: "a wrong guess at it" });
  renameSync(join(folder, "sessions"), join(folder, "away"));
  assert.equal((await ada.get("/registrations")).status, 503);
  server.kill("SIGTERM");
  assert.equal(await server.exited, 0);

  const log = server.logged.join("\n");
  assert.match(log, /"route":"\/reset\/:secret"/, "the requests are in it");
  assert.match(log, /"level":50/, "the failure is in it");
  const secrets = [...ada.cookies.values()].map((value) => value.split(".").at(-1) ?? "");
  assert.ok(secrets.length > 1 && secrets.every((secret) => secret.length > 8));
  for (const secret of [
    ...secrets,
    PASSWORD,
    "of-bad-news",
    "one-time-secret",
    "another quiet",
    "wrong guess",
  ])
    assert.ok(!log.includes(secret), `the log holds ${secret}`);
});

test("what libraries hang on their errors is not logged, their codes and causes are", () => {
  const lines: string[] = [];
  const cause = Object.assign(new Error("refused"), {
    code: "ECONNREFUSED",
    headers: { cookie: "c-secret" },
  });
  const error = Object.assign(new Error("failed", { cause }), {
    response: { headers: { "set-cookie": "s-secret" } },
  });
  const log = createLog("info", { write: (line) => void lines.push(line) });
  log.error(
    { err: error, headers: { authorization: "a-secret", "set-cookie": ["s-secret"] } },
    "a handler failed",
  );
  const [line = ""] = lines;
  assert.doesNotMatch(line, /-secret/);
  assert.match(
    line,
    /"message":"failed".*"cause":\{"type":"Error","message":"refused","code":"ECONNREFUSED"/,
  );
});

test("a request's id is its proxy's where that is declared, and its own where anybody may have sent it", async (t) => {
  const id = "0123456789abcdef0123456789abcdef";
  const behind = await startApplication(t, { TRUSTED_PROXIES: "127.0.0.1" });
  const alone = await startApplication(t);
  for (const application of [behind, alone])
    await application.browser({ "X-Request-Id": id }).get("/sign-in");
  for (const forged of ['"},{"level":60', "x".repeat(65)])
    await behind.browser({ "X-Request-Id": forged }).get("/sign-up");
  const ids = (lines: readonly string[], route: string) =>
    read(lines)
      .filter((line) => line.route === route)
      .map(({ requestId }) => requestId ?? "");
  assert.deepEqual(ids(behind.logged, "/sign-in"), [id]);
  for (const own of [...ids(alone.logged, "/sign-in"), ...ids(behind.logged, "/sign-up")])
    assert.match(own, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("an error page shows the id under which the log says what happened", async (t) => {
  const application = await startApplication(t);
  const ada = application.browser();
  await ada.post("/sign-up", { name: "Ada", password: PASSWORD });
  await application.services.database.schema.dropTable("registrations").execute();
  const { status, body } = await ada.get("/registrations");
  assert.equal(status, 500);
  const failure = read(application.logged).find(({ msg }) => msg === "a handler failed");
  assert.equal(failure?.level, 50);
  assert.ok(failure?.requestId !== undefined && body.includes(failure.requestId));
});

test("events of sessions are as loud as they are serious", () => {
  const lines: string[] = [];
  const listener = sessionEvents(
    pino({ level: "debug" }, { write: (line) => void lines.push(line) }),
    new Metrics(),
  );
  const at = 0;
  const error = new Error("the disk is full");
  listener({ at, type: "storeFailed", operation: "find", error });
  listener({ at, type: "reused", id: "0a", userId: null } as Parameters<typeof listener>[0]);
  listener({ at, type: "signedIn", id: "0a", userId: "ada", previous: null } as Parameters<
    typeof listener
  >[0]);
  listener({ at, type: "swept", removed: 3 });
  const told = read(lines).map(({ level, msg }) => [pino.levels.labels[level], msg]);
  assert.deepEqual(told, [
    ["error", "session storeFailed"],
    ["warn", "session reused"],
    ["info", "session signedIn"],
    ["debug", "session swept"],
  ]);
  assert.match(
    lines[0] ?? "",
    /"session":\{"type":"storeFailed","operation":"find"\},"err":\{.*the disk is full/,
  );
});
