// The library as its users get it: imported by its name. From the repository that is the source; from the built package
// (`npm run check`) it is `dist`, on every runtime that the library supports.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSessions, memoryStore, SessionError } from "vestiaire";
import { session as expressSession } from "vestiaire/express";
import { session as fastifySession } from "vestiaire/fastify";
import { session as fetchSession } from "vestiaire/fetch";
import { fileStore } from "vestiaire/file";
import { session as honoSession } from "vestiaire/hono";
import { session as koaSession } from "vestiaire/koa";
import { session as nodeSession } from "vestiaire/node";
import { openStore } from "vestiaire/open";
import { session as reactRouterSession } from "vestiaire/react-router";
import { sqliteStore } from "vestiaire/sqlite";
import { testStore } from "vestiaire/testing";

const temporary = () => mkdtempSync(join(tmpdir(), "vestiaire-"));

testStore("the memory store", () => ({ store: memoryStore() }));

testStore("the file store", () => {
  const folder = temporary();
  return {
    store: fileStore(join(folder, "sessions")),
    reopen: () => fileStore(join(folder, "sessions")),
    close: () => rmSync(folder, { recursive: true }),
  };
});

testStore("the SQLite store", () => {
  const folder = temporary();
  return {
    store: sqliteStore(join(folder, "sessions.db")),
    reopen: () => sqliteStore(join(folder, "sessions.db")),
    close: () => rmSync(folder, { recursive: true }),
  };
});

describe("the package", () => {
  test("has every entry point, and one class for each error", () => {
    for (const entry of [
      expressSession,
      fastifySession,
      fetchSession,
      honoSession,
      koaSession,
      nodeSession,
      reactRouterSession,
    ]) {
      assert.throws(
        () => entry({} as never),
        (error) => error instanceof SessionError && error.code === "CONFIGURATION",
      );
    }
  });

  test("opens stores by their URL", async () => {
    const store = await openStore("memory:");
    assert.equal(await store.find("0".repeat(32), 0), null);
  });

  test("has a program", () => {
    const library = fileURLToPath(import.meta.resolve("vestiaire"));
    const main = join(library, "..", "cli", `main${extname(library)}`);
    const { status, stdout } = spawnSync(
      process.execPath,
      [...process.execArgv, main, "doctor", "--store", "memory:"],
      {
        encoding: "utf8",
      },
    );
    assert.match(stdout, /Nothing is wrong\.\n$/);
    assert.equal(status, 0);
  });

  test("gives a visitor a session", async () => {
    interface Visitor {
      name: string;
    }
    const sessions = createSessions<Visitor>({ store: memoryStore() });
    const handler = fetchSession(sessions)((request, session) => {
      if (request.method === "POST") session.signIn("alice").set("name", "Alice");
      return new Response(session.data.name ?? "nobody");
    });
    const signIn = await handler(new Request("https://example.org/", { method: "POST" }));
    const cookie = signIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    assert.match(cookie, /^__Host-session=/);
    const page = await handler(new Request("https://example.org/", { headers: { cookie } }));
    assert.equal(await page.text(), "Alice");
    await sessions.close();
  });
});
