// The way to a provider and back in a real browser: our policy lets it through, and cookies come along.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/chromium.ts";
import { startWithProviders } from "./provider.ts";

for (const javaScriptEnabled of [true, false]) {
  test(`P10: a real browser signs up by a provider ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const browser = await chromium(t);
    const { application, google } = await startWithProviders(t);
    const context = await browser.newContext({ javaScriptEnabled, locale: "en" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on(
      "console",
      (message) => message.text().includes("Content Security Policy") && complaints.push(message.text()),
    );
    await page.goto(`${application.url}/sign-up`);
    await page.getByRole("button", { name: "Continue with Google" }).click();
    await page.waitForURL(`${google}/interaction/*`);
    await page.getByLabel("Who?").fill("ada");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${application.url}/providers/choose-name`);
    assert.equal(await page.getByLabel("Name").inputValue(), "ada of the web");
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.waitForURL(`${application.url}/registrations`);
    assert.match((await page.textContent("main")) ?? "", /Welcome, ada of the web/);
    assert.deepEqual(complaints, []);
  });
}
