// What is wrong with a page, for those who look at every one: by axe, for whoever cannot see it or cannot use a mouse, and
// on the narrowest phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe says is wrong, a line for each place. It is evaluated from outside, since the pages' CSP lets no script in. */
const VIOLATIONS = `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`;

/** Fails where axe finds something in the page. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe);
  assert.deepEqual(await page.evaluate(VIOLATIONS), [], what);
}

/** Fails where the page is wider than a phone of 320 pixels, which its window is. */
export async function assertNarrow(page: Page, what: string): Promise<void> {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, what);
}
