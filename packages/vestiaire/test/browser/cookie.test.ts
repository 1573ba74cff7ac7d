// What only a browser can say: that it accepts the cookie, keeps it from scripts, and forgets it when it is told to.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { type BrowserContext, chromium } from "playwright-core";
import { session } from "../../src/adapters/node.ts";
import type { CookieOptions } from "../../src/core/cookie.ts";
import { memoryStore } from "../../src/stores/memory.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
const pem = readFileSync(new URL("../adapters/localhost.pem", import.meta.url));

/** Runs the visit in a browser of its own, against an HTTPS server whose pages sign in and out. */
async function inBrowser(
  cookie: CookieOptions,
  visit: (context: BrowserContext, url: string) => Promise<void>,
) {
  const withSession = session({ store: memoryStore(), cookie });
  const server = createServer(
    { key: pem, cert: pem },
    withSession((request, response, session) => {
      if (request.url === "/app/in") session.signIn("alice");
      if (request.url === "/app/out") session.signOut();
      response.setHeader("Content-Type", "text/html");
      response.end(`<title>${session.userId ?? "nobody"}</title>`);
    }),
  ).listen(0);
  await once(server, "listening");
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    await visit(context, `https://localhost:${(server.address() as AddressInfo).port}/app`);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

describe("a real browser", {
  skip: CHROMIUM === undefined && "Chromium is missing: apt-get install chromium",
}, () => {
  const scopes: [name: string, options: CookieOptions][] = [
    ["__Host-session", {}],
    ["__Secure-session", { path: "/app", sameSite: "Strict" }],
  ];
  for (const [name, options] of scopes) {
    test(`C1 C8 takes ${name}, hides it from scripts, and forgets it on sign-out`, async () => {
      await inBrowser(options, async (context, url) => {
        const page = await context.newPage();
        await page.goto(`${url}/in`);
        const [cookie] = await context.cookies(url);
        assert.equal(cookie?.name, name);
        assert.ok(cookie?.secure && cookie.httpOnly);
        await page.goto(`${url}/`);
        assert.equal(await page.title(), "alice");
        assert.equal(await page.evaluate("document.cookie"), "");
        await page.goto(`${url}/out`);
        assert.deepEqual(await context.cookies(url), []);
        await page.goto(`${url}/`);
        assert.equal(await page.title(), "nobody");
      });
    });
  }
});
