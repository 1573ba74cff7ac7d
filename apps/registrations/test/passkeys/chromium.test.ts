// Passkeys as people meet them: the pages and their script in a real Chromium, with a virtual authenticator.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type TestContext, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { PASSWORD, startApplication } from "../support/application.ts";
import { chromium } from "../support/chromium.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The application in a browser whose device keeps passkeys. */
async function visit(t: TestContext, options: BrowserContextOptions = {}) {
  const browser = await chromium(t);
  const application = await startApplication(t);
  const context = await browser.newContext({ locale: "en", baseURL: application.url, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  return { application, page, device: await deviceOf(page) };
}

/** A virtual authenticator for this page. */
async function deviceOf(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: (isUserVerified: boolean) =>
      cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    passkeys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    /** Sets the counter back, as a copy of the device would have it. */
    rewind: async () => {
      const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
      for (const credential of credentials) {
        await cdp.send("WebAuthn.removeCredential", {
          authenticatorId,
          credentialId: credential.credentialId,
        });
        await cdp.send("WebAuthn.addCredential", {
          authenticatorId,
          credential: { ...credential, signCount: 0 },
        });
      }
    },
  };
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const at = (page: Page, path: string) => page.waitForURL((url) => url.pathname === path);

async function signUpByPasskey(page: Page, name: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(name);
  await press(page, "Use a passkey instead of a password");
  await at(page, "/registrations");
}

async function signUpByPassword(page: Page, name: string): Promise<void> {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await press(page, "Create the account");
  await at(page, "/registrations");
}

async function addPasskey(page: Page): Promise<void> {
  await page.goto("/account");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByLabel("Name of the passkey").fill("This laptop");
  await press(page, "Continue");
  await at(page, "/account");
}

async function signInByPasskey(page: Page): Promise<void> {
  await page.goto("/sign-in?next=/registrations");
  await press(page, "Sign in with a passkey");
}

const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /./ }).innerText();

async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
  );
  assert.deepEqual(found, [], page.url());
}

test("P11: somebody signs up with a passkey, signs out, and comes back with it alone", async (t) => {
  const { page, device } = await visit(t);
  await signUpByPasskey(page, "Ada");
  assert.match(await page.getByRole("status").innerText(), /Welcome, Ada/);
  const [passkey] = await device.passkeys();
  assert.equal(passkey?.userName, "Ada");
  await press(page, "Sign out");
  await signInByPasskey(page);
  await at(page, "/registrations");
  assert.match(await page.getByRole("banner").innerText(), /Ada/);
});

test("P11: a passkey is added to an account with a password, and confirms who it is", async (t) => {
  const { application, page } = await visit(t);
  await signUpByPassword(page, "Ada");
  await addPasskey(page);
  assert.match(await page.getByRole("status").innerText(), /“This laptop” was added/);
  application.clock.advance(6 * 60_000);
  await page.getByRole("link", { name: "Remove This laptop" }).click();
  await at(page, "/confirm-identity");
  await press(page, "Use a passkey");
  await page.waitForURL(/\/account\/passkeys\/[^/]+\/remove$/);
  await press(page, "Remove the passkey");
  await at(page, "/account");
  await press(page, "Sign out");
  await signInByPasskey(page);
  assert.equal(await alert(page), "This passkey does not open an account here.");
});

test("a device that has a passkey of the account says so", async (t) => {
  const { page } = await visit(t);
  await signUpByPasskey(page, "Ada");
  await page.goto("/account/passkeys/new");
  await press(page, "Continue");
  assert.equal(await alert(page), "This device already has a passkey for your account.");
});

test("P11: a device that cannot tell who holds it opens nothing", async (t) => {
  const { page, device } = await visit(t);
  await signUpByPasskey(page, "Ada");
  await press(page, "Sign out");
  await device.verifies(false);
  await signInByPasskey(page);
  assert.equal(await alert(page), "No passkey was used. Try again when you are ready.");
  await device.verifies(true);
  await press(page, "Sign in with a passkey");
  await at(page, "/registrations");
});

test("P11: a device whose counter went back opens nothing", async (t) => {
  const { page, device } = await visit(t);
  await signUpByPasskey(page, "Ada");
  await press(page, "Sign out");
  await signInByPasskey(page);
  await at(page, "/registrations");
  await press(page, "Sign out");
  await device.rewind();
  await signInByPasskey(page);
  assert.equal(await alert(page), "This passkey does not open an account here.");
});

test("a name that is missing or taken is said before the device is asked", async (t) => {
  const { page, device } = await visit(t);
  await signUpByPassword(page, "Ada");
  await press(page, "Sign out");
  await page.goto("/sign-up");
  await press(page, "Use a passkey instead of a password");
  assert.equal(await page.getByLabel("Name").evaluate((input) => input.matches(":focus:invalid")), true);
  await page.getByLabel("Name").fill("ada");
  await press(page, "Use a passkey instead of a password");
  assert.match(await alert(page), /This name is taken/);
  assert.deepEqual(await device.passkeys(), []);
});

test("where the page was open for too long, its script leads to the confirmation and back", async (t) => {
  const { application, page } = await visit(t);
  await signUpByPassword(page, "Ada");
  await page.goto("/account/passkeys/new");
  application.clock.advance(6 * 60_000);
  await press(page, "Continue");
  await at(page, "/confirm-identity");
  await page.getByLabel("Password").fill(PASSWORD);
  await press(page, "Confirm");
  await at(page, "/account/passkeys/new");
});

test("without JavaScript, or in a browser without passkeys, nothing asks for one", async (t) => {
  for (const javaScriptEnabled of [false, true]) {
    const { page } = await visit(t, { javaScriptEnabled });
    await page.addInitScript("delete PublicKeyCredential.parseRequestOptionsFromJSON");
    await page.goto("/sign-in");
    assert.equal(await page.locator("[data-passkey] button").isVisible(), false);
    await signUpByPassword(page, "Ada");
    await page.goto("/account/passkeys/new");
    assert.equal(await page.locator("[data-passkey] button").isVisible(), false);
    assert.ok(await page.getByText("Passkeys need JavaScript and a recent browser.").isVisible());
  }
});

for (const locale of ["en", "fr"]) {
  test(`axe finds nothing on the pages that speak of passkeys (${locale})`, async (t) => {
    const { page } = await visit(t, { locale });
    await page.goto("/sign-in");
    await page.locator("[data-passkey] button").click();
    await alert(page);
    await assertAccessible(page);
    await page.goto("/sign-up");
    await assertAccessible(page);
    await page.locator("input[name=name]").fill("Ada");
    await page.locator("[data-passkey] button").click();
    await at(page, "/registrations");
    for (const path of ["/account", "/account/passkeys/new", "/confirm-identity"]) {
      await page.goto(path);
      await assertAccessible(page);
    }
    await page.goto("/account");
    await page.locator("a[href$='/remove']").click();
    await assertAccessible(page);
  });
}
