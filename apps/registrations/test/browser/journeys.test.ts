// What people do, in a real browser, from the first page to the last.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { PASSWORD, promote, startApplication } from "../support/application.ts";
import { chromium } from "../support/chromium.ts";

/** The application, and visitors to it, each with a browser profile of their own. */
async function opened(t: TestContext) {
  const browser = await chromium(t);
  const application = await startApplication(t);
  const visitor = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: "en-GB", baseURL: application.url, ...options });
    context.setDefaultTimeout(15_000);
    return context.newPage();
  };
  return { application, visitor };
}

async function signUp(page: Page, name: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create the account" }).click();
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).last().click();
}

async function registerFor(page: Page, ...sports: string[]): Promise<void> {
  await page.goto("/registrations");
  for (const sport of sports) await page.getByLabel(sport).check();
  await page.getByRole("button", { name: "Register" }).click();
}

const tickets = (page: Page) => page.locator(".ticket .title").allInnerTexts();

test("without JavaScript, somebody signs up, registers, takes back and signs out", async (t) => {
  const { visitor } = await opened(t);
  const page = await visitor({ javaScriptEnabled: false });
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await signUp(page, "Ada");
  await registerFor(page, "Soccer", "Ultimate Frisbee");
  assert.deepEqual(await tickets(page), ["Soccer", "Ultimate Frisbee"]);
  await page.locator(".ticket", { hasText: "Soccer" }).getByRole("link", { name: "Take back" }).click();
  await page.getByRole("button", { name: "Take it back" }).click();
  assert.deepEqual(await tickets(page), ["Ultimate Frisbee"]);
  assert.match(await page.getByRole("status").innerText(), /Soccer/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto("/registrations");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});

test("a form that is edited to name somebody else's registration does nothing to it", async (t) => {
  const { visitor } = await opened(t);
  const [ada, grace] = [await visitor(), await visitor()];
  await signUp(ada, "Ada");
  await registerFor(ada, "Soccer");
  const path = await ada.getByRole("link", { name: "Take back" }).getAttribute("href");
  await signUp(grace, "Grace");
  await registerFor(grace, "Basketball");
  await grace.getByRole("link", { name: "Take back" }).click();
  await grace
    .locator(`form[action$="/take-back"]`)
    .evaluate((form, action) => form.setAttribute("action", action), `${path}`);
  await grace.getByRole("button", { name: "Take it back" }).click();
  assert.match(await grace.locator("h1").innerText(), /nothing here/);
  await grace.goto(`${path}`);
  assert.match(await grace.locator("h1").innerText(), /nothing here/);
  await ada.goto("/registrations");
  assert.deepEqual(await tickets(ada), ["Soccer"]);
});

test("another site's page cannot make a visitor's browser take anything back", async (t) => {
  const { application, visitor } = await opened(t);
  const ada = await visitor();
  await signUp(ada, "Ada");
  await registerFor(ada, "Soccer");
  const path = await ada.getByRole("link", { name: "Take back" }).getAttribute("href");
  // To a browser, 127.0.0.1 is another site than localhost.
  const lure = `<form method="post" action="${application.url}${path}"><button>Win a prize</button></form>`;
  const elsewhere = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(lure));
  elsewhere.listen(0, "127.0.0.1");
  t.after(() => elsewhere.close());
  await once(elsewhere, "listening");
  await ada.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  await ada.getByRole("button").click();
  await ada.waitForURL(/take-back/);
  assert.match(await ada.locator("h1").innerText(), /not yours to do/);
  await ada.goto(`${application.url}/registrations`);
  assert.deepEqual(await tickets(ada), ["Soccer"]);
});

test("a device that is ended from another is out with its next click", async (t) => {
  const { visitor } = await opened(t);
  const [laptop, phone] = [await visitor(), await visitor()];
  await signUp(laptop, "Ada");
  await signIn(phone, "Ada");
  await phone.goto("/registrations");
  await laptop.goto("/account");
  await laptop.getByRole("link", { name: "Sign out all others" }).click();
  await laptop.getByRole("button", { name: "Sign out all others" }).click();
  await phone.getByLabel("Soccer").check();
  await phone.getByRole("button", { name: "Register" }).click();
  assert.equal(new URL(phone.url()).pathname, "/sign-in");
  await laptop.goto("/registrations");
  assert.equal(new URL(laptop.url()).pathname, "/registrations");
});

test("the back office asks again who one is, and a form that came too late goes on afterwards", async (t) => {
  const { application, visitor } = await opened(t);
  const page = await visitor();
  await signUp(page, "Ada");
  await promote(application, "Ada");
  await page.goto("/admin/sports");
  await page.getByLabel("Name").first().fill("Fencing");
  application.clock.advance(6 * 60_000);
  await page.getByRole("button", { name: "Add" }).click();
  assert.match(await page.locator("h1").innerText(), /Is it you/);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "Do it" }).click();
  await page.goto("/admin/sports");
  assert.match(await page.locator("main").innerText(), /Fencing/);
});

test("a tab that was open before a demotion can do nothing more", async (t) => {
  const { application, visitor } = await opened(t);
  const page = await visitor();
  await signUp(page, "Ada");
  await promote(application, "Ada");
  await page.goto("/admin/sports");
  await page.getByLabel("Name").first().fill("Fencing");
  await application.services.database.updateTable("people").set({ administrator: 0 }).execute();
  await page.getByRole("button", { name: "Add" }).click();
  assert.match(await page.locator("h1").innerText(), /not yours to do/);
  const sports = await application.services.database.selectFrom("sports").select("name").execute();
  assert.equal(sports.length, 3);
});

test("pages speak the browser's language, and the other one after a press of the switch", async (t) => {
  const { visitor } = await opened(t);
  const page = await visitor({ locale: "fr-FR" });
  await page.goto("/sign-in?next=%2Fregistrations");
  assert.equal(await page.locator("html").getAttribute("lang"), "fr");
  assert.equal(await page.locator("h1").innerText(), "Se connecter");
  await page.getByRole("button", { name: "English" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.locator("h1").innerText(), "Sign in");
  assert.equal(new URL(page.url()).search, "?next=%2Fregistrations");
});

test("the sign-in is done with the keyboard alone, and a mistake is announced and takes the focus", async (t) => {
  const { visitor } = await opened(t);
  const page = await visitor();
  await signUp(page, "Ada");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto("/sign-in");
  await page.getByLabel("Name").focus();
  await page.keyboard.type("Ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type("not the password at all");
  await page.keyboard.press("Enter");
  await page.locator(".error-summary").waitFor();
  assert.match(await page.locator(".error-summary").innerText(), /do not go together/);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "alert");
});
