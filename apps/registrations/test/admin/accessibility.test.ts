// The pages of the back office that only its links and forms lead to, in a real browser: axe finds nothing in them, and
// none is wider than a phone. `browser/pages.test.ts` looks at those that have an address of their own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startApplication } from "../support/application.ts";
import { chromium } from "../support/chromium.ts";
import { populate, signInAs } from "../support/populated.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function assertFine(page: Page, what: string): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
  );
  assert.deepEqual(found, [], what);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, what);
}

test("what the back office asks, hands out and complains about is fine for everybody", async (t) => {
  const browser = await chromium(t);
  const application = await startApplication(t);
  await populate(application);
  const context = await browser.newContext({
    baseURL: application.url,
    locale: "en-GB",
    viewport: { width: 320, height: 640 },
  });
  await signInAs(context, "administrator");
  const page = await context.newPage();
  const steps: [what: string, from: string, act: (on: Page) => Promise<void>][] = [
    ["promote a person", "/admin/people", (on) => person(on, "Make an administrator")],
    ["remove a person", "/admin/people", (on) => person(on, "Remove")],
    [
      "remove a registration",
      "/admin/registrations",
      (on) =>
        on
          .getByRole("link", { name: /^Remove/ })
          .first()
          .click(),
    ],
    ["a sport", "/admin/sports", (on) => on.getByRole("link", { name: "Soccer" }).click()],
    [
      "a sport that stays",
      "/admin/sports/soccer/remove",
      (on) => on.getByRole("button", { name: "Remove" }).click(),
    ],
    ["a taken name", "/admin/sports", (on) => add(on, "soccer")],
    ["a person's link", "/admin/people", (on) => add(on, "Radia Perlman")],
    ["nobody", "/admin/registrations", (on) => register(on, "Nobody At All")],
  ];
  for (const [what, from, act] of steps) {
    await page.goto(from);
    await act(page);
    await page.waitForLoadState();
    await assertFine(page, what);
  }
  assert.match(await page.locator(".error-summary").innerText(), /Nobody has this name/);
});

async function person(page: Page, action: string): Promise<void> {
  await page.getByRole("link", { name: "Grace Hopper" }).click();
  await page.getByRole("link", { name: action, exact: true }).click();
}

async function add(page: Page, name: string): Promise<void> {
  await page.locator("#field-name").fill(name);
  await page.getByRole("button", { name: "Add" }).click();
}

async function register(page: Page, name: string): Promise<void> {
  await page.locator("#field-person").fill(name);
  await page.getByRole("button", { name: "Register" }).click();
}
