// The system's Chromium, for what only a real browser can show. Where there is none those tests are skipped, except
// in CI.

import { existsSync } from "node:fs";
import type { TestContext } from "node:test";
import { type Browser, chromium as playwright } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** A browser, closed with the test. Without Chromium the test is skipped and ends here, by a throw; in CI it fails. */
export async function chromium(t: Pick<TestContext, "after" | "skip">): Promise<Browser> {
  if (executablePath === undefined) {
    const missing = "Chromium is missing: apt-get install chromium";
    if (process.env.CI !== "true") t.skip(missing);
    throw new Error(missing);
  }
  const browser = await playwright.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  t.after(() => browser.close());
  return browser;
}
