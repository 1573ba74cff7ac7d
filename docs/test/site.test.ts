// The built site, in a real browser: it asks nobody else for anything, it can be read by whoever cannot see it, in the dark
// and on the narrowest phone, and its search finds something. `npm run docs:build` builds it; without that these tests are
// skipped, except in CI.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "../../apps/registrations/test/support/chromium.ts";

const site = fileURLToPath(new URL("../.vitepress/dist/", import.meta.url));
const skip =
  existsSync(join(site, "index.html")) || process.env.CI === "true"
    ? false
    : "the site is not built: npm run docs:build";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIOLATIONS = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200))))`;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

const files = globSync("**/*.html", { cwd: site }).map((file) => file.replaceAll("\\", "/"));
/** One page of each kind, and each that is unlike the others. */
const MAIN = [
  ...[
    "index",
    "start",
    "concepts",
    "security",
    "scale",
    "stores/own",
    "frameworks/index",
    "frameworks/express",
  ],
  ...["api/vestiaire", "decisions/index", "tutorial/04-routes", "fr/index", "fr/tutorial/index"],
].map((name) => `${name}.html`);

/** Serves the site for one test, as any web server would. */
async function serve(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const path = decodeURI(URL.parse(request.url ?? "", "http://localhost")?.pathname ?? "/");
    const file = join(site, path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    return response
      .writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain" })
      .end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function browse(t: TestContext, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await chromium(t);
  const context = await browser.newContext({ baseURL: await serve(t), ...options });
  return context.newPage();
}

test("no page asks another origin for anything", { skip }, async (t) => {
  const page = await browse(t);
  const asked = new Set<string>();
  const failed: string[] = [];
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  page.on("response", (response) => {
    if (response.status() >= 400) failed.push(response.url());
  });
  for (const file of MAIN) await page.goto(`/${file}`);
  await page.waitForLoadState("networkidle");
  assert.deepEqual([...asked], [new URL(page.url()).origin]);
  assert.deepEqual(failed, []);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on the main pages, ${colorScheme}`, { skip }, async (t) => {
    const page = await browse(t, { colorScheme, reducedMotion: "reduce" });
    const found: string[] = [];
    for (const file of MAIN) {
      await page.goto(`/${file}`);
      assert.equal(
        await page.evaluate(() => document.documentElement.classList.contains("dark")),
        colorScheme === "dark",
      );
      await page.evaluate(axe);
      for (const violation of await page.evaluate<string[]>(VIOLATIONS)) found.push(`${file}: ${violation}`);
    }
    assert.deepEqual(found, []);
  });
}

test("no page is wider than a phone of 320 pixels", { skip }, async (t) => {
  const page = await browse(t, { viewport: { width: 320, height: 640 } });
  for (const file of MAIN) {
    await page.goto(`/${file}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, file);
  }
});

for (const [start, words, found] of [
  ["/index.html", "rotation", /rotat/i],
  ["/fr/index.html", "cookie", /cookie/i],
] as const) {
  test(`the search of ${start} finds "${words}", and leads there`, { skip }, async (t) => {
    const page = await browse(t);
    await page.goto(start);
    await page.locator(".DocSearch-Button, .VPNavBarSearch button").first().click();
    await page.locator("#localsearch-input").fill(words);
    await page.locator(".VPLocalSearchBox .result").first().click();
    await page.locator(".VPDoc", { hasText: found }).waitFor();
  });
}

test("every link within the site leads to a place that is there, and every page is led to", { skip }, () => {
  const pages = new Map(files.map((file) => [file, readFileSync(join(site, file), "utf8")]));
  const dead: string[] = [];
  const ledTo = new Set(["index.html", "404.html"]);
  for (const [file, html] of pages) {
    for (const [, href = ""] of html.matchAll(/<a [^>]*href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      const { pathname, hash } = new URL(href, `http://localhost/${file}`);
      const path = decodeURI(pathname.slice(1)).replace(/(^|\/)$/, "$1index.html");
      const page = pages.get(path);
      if (path !== file) ledTo.add(path);
      if (hash === "" ? !existsSync(join(site, path)) : !page?.includes(`id="${decodeURI(hash.slice(1))}"`)) {
        dead.push(`${file}: ${href}`);
      }
    }
  }
  assert.deepEqual([...new Set(dead)], []);
  assert.deepEqual(
    files.filter((file) => !ledTo.has(file)),
    [],
  );
});
