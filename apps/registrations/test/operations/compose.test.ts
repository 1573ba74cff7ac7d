// compose.yaml cannot be started by a test. What it names can be looked up: settings, services and files. The same goes
// for the Caddyfile, which does what nginx.conf does.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readSettings, settingsList } from "../../src/settings.ts";

const ROOT = new URL("../../../../", import.meta.url);
const DEPLOY = "apps/registrations/deploy";

const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

const compose = read("compose.yaml");

test("compose.yaml gives the application settings that it has and takes", () => {
  const [, block = ""] = /^x-application:.*?^ {2}environment:\n(.*?)^ {2}\w/ms.exec(compose) ?? [];
  const settings = Object.fromEntries(
    [...block.matchAll(/^ {4}(\w+): "?(.*?)"?$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  assert.ok(Object.keys(settings).length > 3);
  const known = new Set<string>(settingsList.map(({ name }) => name));
  for (const name of Object.keys(settings)) assert.ok(known.has(name), name);
  const { DATABASE_URL, SESSION_STORE } = readSettings(settings);
  for (const url of [DATABASE_URL, SESSION_STORE])
    assert.match(compose, new RegExp(`^ {2}${new URL(url).hostname}:\n`, "m"));
});

test("compose.yaml names files that are there, and nginx-compose.conf services that are", () => {
  const files = [...compose.matchAll(/(?:dockerfile: |- \.\/)([\w./-]+)/g)].map(([, path = ""]) => path);
  assert.deepEqual(files, ["apps/registrations/Dockerfile", `${DEPLOY}/nginx-compose.conf`]);
  for (const path of files) assert.ok(existsSync(new URL(path, ROOT)), path);
  const servers = [...read(`${DEPLOY}/nginx-compose.conf`).matchAll(/^ {2}server ([\w-]+):5000 /gm)];
  assert.equal(servers.length, 2);
  for (const [, service] of servers)
    assert.match(compose, new RegExp(`^ {2}${service}: \\*application$`, "m"));
});

test("nginx-compose.conf passes requests on exactly as nginx.conf does", () => {
  const [forPublic, forCompose] = ["nginx.conf", "nginx-compose.conf"].map((name) => {
    const lines = read(`${DEPLOY}/${name}`).split("\n");
    const inside = lines.slice(lines.indexOf("  location / {"));
    return inside.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  });
  assert.ok((forPublic?.length ?? 0) > 10);
  assert.deepEqual(forCompose, forPublic);
});

test("with the application away, Caddy says what nginx says, with the same headers", () => {
  const [nginx, caddy] = [read(`${DEPLOY}/nginx.conf`), read(`${DEPLOY}/Caddyfile`)];
  const texts = [...nginx.matchAll(/^map \$status \$(\w+) \{\n {2}default "(.*?)";$/gm)];
  assert.equal(texts.length, 4);
  const [, page = ""] = /return 200 '(.*?)'/s.exec(nginx) ?? [];
  const filled = texts.reduce(
    (text, [, name, what = ""]) => text.replace(new RegExp(`\\$${name}\\b`, "g"), what),
    page,
  );
  assert.ok(
    filled.startsWith("<!doctype html>") && caddy.includes(`respond \`${filled}\` {err.status_code}`),
  );
  const headers = [...nginx.matchAll(/^ {4}add_header ([\w-]+ .+?) always;$/gm)];
  assert.equal(headers.length, 8);
  for (const [, header = ""] of headers) assert.ok(caddy.includes(`\n\t\t\t${header}\n`), header);
});
