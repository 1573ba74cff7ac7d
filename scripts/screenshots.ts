// `npm run screenshots`: a picture of every page of the application, in both themes, into `docs/screenshots`. The people
// on them are made up; the pages are the real ones, from a server that is started for it.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startApplication } from "../apps/registrations/test/support/application.ts";
import { chromium } from "../apps/registrations/test/support/chromium.ts";
import { type Onlooker, populate, signInAs } from "../apps/registrations/test/support/populated.ts";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const onlookers: readonly Onlooker[] = ["nobody", "person", "administrator"];
const closing: (() => unknown)[] = [];
const life = {
  after: (close: () => unknown) => void closing.unshift(close),
  skip: (why?: string) => console.error(why),
};

mkdirSync(folder, { recursive: true });
try {
  const application = await startApplication(life, {
    OIDC_PROVIDERS: "google",
    OIDC_GOOGLE_CLIENT_ID: "client",
    OIDC_GOOGLE_CLIENT_SECRET: "secret",
  });
  const browser = await chromium(life);
  const pages = await populate(application);
  for (const colorScheme of ["light", "dark"] as const) {
    for (const by of onlookers) {
      const context = await browser.newContext({
        baseURL: application.url,
        colorScheme,
        locale: "en-GB",
        viewport: { width: by === "administrator" ? 1200 : 860, height: 600 },
      });
      await signInAs(context, by);
      const page = await context.newPage();
      for (const { name, path } of pages.filter((one) => one.by === by)) {
        await page.goto(path);
        await page.screenshot({ path: `${folder}${name}-${colorScheme}.png`, fullPage: true });
        console.log(`docs/screenshots/${name}-${colorScheme}.png`);
      }
    }
  }
} finally {
  for (const close of closing) await close();
}
