// Every page that has an address, looked at: by axe for whoever cannot see it or cannot use a mouse, and on the narrowest phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startApplication } from "../support/application.ts";
import { chromium } from "../support/chromium.ts";
import { type Onlooker, populate, signInAs } from "../support/populated.ts";
import { assertAccessible, assertNarrow } from "./looks.ts";

/** A provider that is never reached: only its button is looked at. */
const PROVIDER = {
  OIDC_PROVIDERS: "google",
  OIDC_GOOGLE_CLIENT_ID: "client",
  OIDC_GOOGLE_CLIENT_SECRET: "secret",
};
const ONLOOKERS: readonly Onlooker[] = ["nobody", "person", "administrator"];

for (const look of [
  { colorScheme: "light", locale: "en-GB" },
  { colorScheme: "dark", locale: "fr-FR" },
] as const) {
  test(`axe finds nothing on any page, ${look.colorScheme}, ${look.locale}`, async (t) => {
    const browser = await chromium(t);
    const application = await startApplication(t, PROVIDER);
    const pages = await populate(application);
    for (const by of ONLOOKERS) {
      const context = await browser.newContext({ baseURL: application.url, ...look });
      await signInAs(context, by);
      const page = await context.newPage();
      for (const { name, path } of pages.filter((one) => one.by === by)) {
        await page.goto(path);
        const { pathname, search } = new URL(page.url());
        assert.equal(pathname + search, path, name);
        await assertAccessible(page, name);
      }
    }
  });
}

test("no page is wider than a phone of 320 pixels", async (t) => {
  const browser = await chromium(t);
  const application = await startApplication(t, PROVIDER);
  const pages = await populate(application);
  for (const by of ONLOOKERS) {
    const context = await browser.newContext({
      baseURL: application.url,
      viewport: { width: 320, height: 640 },
      locale: "fr-FR",
    });
    await signInAs(context, by);
    const page = await context.newPage();
    for (const { name, path } of pages.filter((one) => one.by === by)) {
      await page.goto(path);
      await assertNarrow(page, name);
    }
  }
});
