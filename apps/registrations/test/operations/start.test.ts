// Starting: what the process says when it does, and when it cannot. Whoever reads that knows which setting to change.

import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { openStore } from "vestiaire/open";
import { readSettings, settingsList } from "../../src/settings.ts";
import { Browser } from "../support/browser.ts";
import { finish, folderFor, serve, settingsIn } from "./process.ts";

test("--help lists every setting, in lines that fit a terminal, and ends well", async (t) => {
  const { code, printed } = await finish(t, ["--help"]);
  assert.equal(code, 0);
  for (const { name } of settingsList) assert.match(printed, new RegExp(`^  ${name} `, "m"));
  assert.ok(printed.split("\n").every((line) => line.length <= 100));
});

test("an argument that does not exist is refused", async (t) => {
  const { code, said } = await finish(t, ["--port=80"]);
  assert.deepEqual(
    { code, said },
    { code: 1, said: "There is no argument --port=80. --help lists the settings." },
  );
});

test("every wrong setting is named at once, without the password in it", async (t) => {
  const { code, said } = await finish(t, [], {
    PORT: "http",
    SESSION_LIFETIME: "a while",
    DATABASE_URL: "mysql://me:geheim@host/database",
    SESSION_STORE: "mysqld://host/database?password=geheim",
  });
  assert.equal(code, 1);
  assert.deepEqual(
    said.split("\n").map((line) => line.split(" ", 1)[0]),
    ["PORT", "DATABASE_URL", "SESSION_STORE", "SESSION_LIFETIME"],
  );
  assert.doesNotMatch(said, /geheim/);
});

test("an https ORIGIN without a declared proxy is refused: somebody has to speak TLS", () => {
  assert.throws(
    () => readSettings({ ORIGIN: "https://register.example.org" }),
    /^SettingsError: TRUSTED_PROXIES is missing/,
  );
  assert.doesNotThrow(() =>
    readSettings({ ORIGIN: "https://register.example.org", TRUSTED_PROXIES: "127.0.0.1" }),
  );
});

test("SESSION_STORE takes every kind of URL that the library opens", async () => {
  const { message } = await openStore("nowhere").catch((error) => error);
  const schemes: string[] = message.match(/[a-z][a-z+]*:(?= |$)/g);
  assert.ok(schemes.length > 10);
  for (const scheme of schemes)
    assert.equal(readSettings({ SESSION_STORE: `${scheme}//x` }).SESSION_STORE, `${scheme}//x`);
});

test("it says where it is and where it keeps things", async (t) => {
  const folder = folderFor(t);
  const settings = settingsIn(folder);
  const { said, url, metricsUrl } = await serve(t, settings);
  assert.deepEqual(
    [...said.slice(0, 3), said.at(-1)],
    [
      `Registrations are open on ${url}`,
      `People and registrations: ${join(folder, "registrations.db")}`,
      `Sessions: ${join(folder, "sessions")}`,
      `Health and metrics: ${metricsUrl}`,
    ],
  );
});

test("what it keeps is its own user's to read", {
  skip: process.platform === "win32" && "Windows has no modes",
}, async (t) => {
  const folder = folderFor(t);
  await serve(t, settingsIn(folder));
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
});

/** The process must end with 1 and say this, in one line, and no stack. */
async function assertRefused(t: TestContext, settings: Readonly<Record<string, string>>, message: RegExp) {
  const { code, said } = await finish(t, [], { ...settingsIn(folderFor(t)), ...settings });
  assert.equal(code, 1);
  assert.match(said, message);
  assert.doesNotMatch(said, /\n/);
}

test("a taken port is told by the variable that names another", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((listening) => server.once("listening", listening));
  const { port } = server.address() as { port: number };
  for (const variable of ["PORT", "METRICS_PORT"])
    await assertRefused(
      t,
      { [variable]: String(port) },
      new RegExp(`^Port ${port} is taken .* ${variable} names`),
    );
});

test("a database that cannot be reached is told by its host, never by its password", async (t) => {
  const url = "postgres://me:geheim@127.0.0.1:1/people";
  const expected =
    /^The database postgres:\/\/127\.0\.0\.1:1\/people cannot be used: (?!.*geheim).*ECONNREFUSED.*DATABASE_URL/;
  await assertRefused(t, { DATABASE_URL: url }, expected);
});

test("a session store that cannot be reached is told by its host, never by its password", async (t) => {
  for (const scheme of ["redis", "postgres", "mysql", "mongodb"])
    await assertRefused(
      t,
      { SESSION_STORE: `${scheme}://me:geheim@127.0.0.1:1/0` },
      new RegExp(`^(?!.*geheim)${scheme}://127\\.0\\.0\\.1:1/0 cannot be used\\. .* SESSION_STORE says`),
    );
});

test("a session store that cannot be is told without its password", async (t) => {
  for (const [url, message] of [
    ["redis:me:geheim@host", /no URL of a Redis/],
    ["postgres://me:geheim@host/x#no name", /What follows #/],
    ["memory:x", /Nothing follows memory:/],
  ] as const)
    await assertRefused(
      t,
      { SESSION_STORE: url },
      new RegExp(`^(?!.*geheim).*${message.source}.* SESSION_STORE says`),
    );
});

test("a driver that is not installed is told by its package", async (t) => {
  const without = (name: string) =>
    `--import=data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from "node:module";
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier.split("/", 1)[0] === "${name}") throw new Error("it is not installed");
          return next(specifier, context);
        },
      });`)}`;
  await assertRefused(
    t,
    { NODE_OPTIONS: without("mysql2"), SESSION_STORE: "mysql://127.0.0.1/sessions" },
    /npm install mysql2\. SESSION_STORE says/,
  );
});

test("places that cannot be written to are told", async (t) => {
  // A file where a folder should be stops even an administrator of the machine.
  const file = join(folderFor(t), "file");
  writeFileSync(file, "");
  await assertRefused(
    t,
    { DATABASE_URL: `sqlite:${file}/people.db` },
    /^The database .*file\/people\.db cannot be used: /,
  );
  await assertRefused(t, { SESSION_STORE: `file:${file}/sessions` }, /file\/sessions.* SESSION_STORE says/);
  await assertRefused(
    t,
    { SESSION_STORE: `sqlite:${file}/sessions.db` },
    /file\/sessions\.db.* SESSION_STORE says/,
  );
});

test("a database of a newer version is left alone", async (t) => {
  const settings = settingsIn(folderFor(t));
  const before = await serve(t, settings);
  before.kill("SIGTERM");
  await before.exited;
  const database = new DatabaseSync(settings.DATABASE_URL?.slice("sqlite:".length) ?? "");
  database.exec(
    `insert into kysely_migration (name, timestamp) values ('9999-later', '9999-01-01T00:00:00.000Z')`,
  );
  database.close();
  await assertRefused(t, settings, /^The database .* was last used by a newer version/);
});

test("P6: a start prints a link that makes the first administrator, to people and not into the log", async (t) => {
  const settings = settingsIn(folderFor(t));
  const first = await serve(t, settings);
  const link = new URL(
    /http:\S+$/.exec(first.said.find((line) => line.includes("administrator")) ?? "")?.[0] ?? "",
  );
  const ada = new Browser(first.url);
  const fields = { name: "Ada", newPassword: "seven quiet tickets on a hook" };
  assert.equal((await ada.post(link.pathname, fields)).headers.location, "/admin");
  assert.equal((await ada.get("/admin")).status, 200);
  assert.equal((await new Browser(first.url).get(link.pathname)).status, 404);
  first.kill("SIGTERM");
  assert.equal(await first.exited, 0);
  const secret = link.pathname.split("/").at(-1) ?? "";
  assert.equal(
    first.logged.some((line) => line.includes(secret)),
    false,
  );
  const second = await serve(t, settings);
  assert.equal(
    second.said.some((line) => line.includes("administrator")),
    false,
  );
});
