// The pages that only a form, a moment or a mishap leads to, looked at like those of `pages.test.ts`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startApplication } from "../support/application.ts";
import { chromium } from "../support/chromium.ts";
import { errorsIn, show, statesIn } from "../support/states.ts";
import { assertAccessible, assertNarrow } from "./looks.ts";

for (const { colorScheme, language } of [
  { colorScheme: "light", language: "en" },
  { colorScheme: "dark", language: "fr" },
] as const) {
  for (const [what, find] of Object.entries({ "form or moment": statesIn, mishap: errorsIn })) {
    test(`axe finds nothing on a page that a ${what} leads to, nor is it wider than a phone, ${language}`, async (t) => {
      const browser = await chromium(t);
      // Only its style sheets are asked for.
      const { url } = await startApplication(t);
      const page = await browser.newPage({ colorScheme });
      const states = await find(t, language);
      assert.ok(states.length > 10);
      for (const { name, answer } of states) {
        assert.match(answer.headers["content-type"] ?? "", /^text\/html/, name);
        await page.setViewportSize({ width: 860, height: 600 });
        await show(page, url, answer);
        assert.equal(await page.locator("html").getAttribute("lang"), language, name);
        await assertAccessible(page, name);
        await page.setViewportSize({ width: 320, height: 640 });
        await assertNarrow(page, name);
      }
    });
  }
}
