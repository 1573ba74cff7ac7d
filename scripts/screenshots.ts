// `npm run screenshots`: pictures of the application's pages, in both themes, into `docs/screenshots`, and the page that
// shows them. The people on them are made up; the pages are the real ones, from servers that are started for it.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startApplication } from "../apps/registrations/test/support/application.ts";
import { chromium } from "../apps/registrations/test/support/chromium.ts";
import { type Onlooker, populate, signInAs } from "../apps/registrations/test/support/populated.ts";
import { show, statesIn } from "../apps/registrations/test/support/states.ts";

/** The pages that there are pictures of, by their name in the tests, in the order in which they are shown. */
const TITLES: Readonly<Record<string, string>> = {
  home: "The start page",
  "sign-up": "Sign up",
  "sign-up-error": "A form that has to be put right",
  "sign-in": "Sign in",
  unsent: "A form was sent after the session had ended",
  leaving: "On the way to a provider",
  "choose-name": "Back from a provider, as somebody new",
  "registrations-none": "One’s own registrations, before the first",
  registrations: "One’s own registrations",
  "told-apart": "What came of each sport that was chosen",
  "take-back": "Taking one back",
  account: "The account, with its devices",
  password: "Changing the password",
  "new-passkey": "Adding a passkey",
  "remove-passkey": "Removing a passkey",
  unlink: "Unlinking a provider",
  "sign-out-others": "Signing out all other devices",
  "delete-account": "Deleting the account",
  "account-deleted": "The account is deleted",
  "confirm-identity": "Confirming who one is",
  resume: "A form that came too late for that",
  "signed-out": "Signed out",
  reset: "A one-time link: choosing a new password",
  "link-over": "A one-time link that is over",
  "not-found": "Nothing here",
  "first-administrator": "The first administrator",
  "first-administrator-own": "The first administrator, signed in already",
  "admin-overview": "Back office: overview",
  "admin-people": "Back office: people",
  "admin-link": "Back office: a one-time link for somebody new",
  "admin-person": "Back office: one person",
  "admin-person-disabled": "Back office: a disabled account",
  "admin-disable": "Back office: disabling an account",
  "admin-promote": "Back office: making an administrator",
  "admin-remove-person": "Back office: removing a person",
  "admin-registrations": "Back office: registrations",
  "admin-remove-registration": "Back office: removing a registration",
  "admin-sessions": "Back office: who is signed in",
  "admin-sports": "Back office: sports",
  "admin-sport": "Back office: one sport",
  "admin-audit": "Back office: the audit log",
};

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const onlookers: readonly Onlooker[] = ["nobody", "person", "administrator"];
const closing: (() => unknown)[] = [];
const life = {
  after: (close: () => unknown) => void closing.unshift(close),
  skip: (why?: string) => console.error(why),
};
const taken = new Set<string>();

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
try {
  const application = await startApplication(life, {
    OIDC_PROVIDERS: "google",
    OIDC_GOOGLE_CLIENT_ID: "client",
    OIDC_GOOGLE_CLIENT_SECRET: "secret",
  });
  const browser = await chromium(life);
  const pages = await populate(application);
  const states = await statesIn(life, "en");
  for (const colorScheme of ["light", "dark"] as const) {
    const open = async (by: Onlooker) => {
      const context = await browser.newContext({
        baseURL: application.url,
        colorScheme,
        locale: "en-GB",
        viewport: { width: by === "administrator" ? 1200 : 860, height: 600 },
      });
      await signInAs(context, by);
      return context.newPage();
    };
    const shoot = async (page: Awaited<ReturnType<typeof open>>, name: string) => {
      if (TITLES[name] === undefined) return;
      await page.screenshot({ path: `${folder}${name}-${colorScheme}.png`, fullPage: true });
      console.log(`docs/screenshots/${name}-${colorScheme}.png`);
      taken.add(name);
    };
    for (const by of onlookers) {
      const page = await open(by);
      for (const { name, path } of pages.filter((one) => one.by === by)) {
        await page.goto(path);
        await shoot(page, name);
      }
    }
    const [narrow, wide] = [await open("nobody"), await open("administrator")];
    for (const { name, answer } of states) {
      const page = name.startsWith("admin-") ? wide : narrow;
      await show(page, application.url, answer);
      await shoot(page, name);
    }
  }
} finally {
  for (const close of closing) await close();
}

const missing = Object.keys(TITLES).filter((name) => !taken.has(name));
if (missing.length > 0) throw new Error(`There is no page ${missing.join(", ")}.`);
const sections = Object.entries(TITLES).map(([name, title]) =>
  [
    `## ${title}`,
    "",
    "| light | dark |",
    "|---|---|",
    `| ${["light", "dark"].map((look) => `![${title}, ${look}](screenshots/${name}-${look}.png)`).join(" | ")} |`,
    "",
  ].join("\n"),
);
const head =
  "# The application, in pictures\n\nMade by `npm run screenshots`, from the real pages; the people are made up.\n";
writeFileSync(new URL("../docs/screenshots.md", import.meta.url), [head, ...sections].join("\n"));
