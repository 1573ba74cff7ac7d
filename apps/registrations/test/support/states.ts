// The pages that no address leads to: what a form answers, what a moment brings, and what goes wrong. Each is asked for over
// HTTP, in either language, and can then be shown to a real browser.

import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { firstAdministratorLink } from "../../src/accounts/first-administrator.ts";
import type { Language } from "../../src/i18n/translate.ts";
import { startWithLiar } from "../providers/liar.ts";
import { failures } from "../security/failures.ts";
import { type Application, PASSWORD, startApplication } from "./application.ts";
import type { Answer, Browser } from "./browser.ts";
import { idOf } from "./people.ts";
import { NAMES, populate } from "./populated.ts";

/** A page that was answered, by the name of its picture. */
export interface State {
  readonly name: string;
  readonly answer: Answer;
}

type Life = Pick<TestContext, "after">;

/** The states of an application of their own, errors apart. */
export async function statesIn(life: Life, language: Language): Promise<State[]> {
  const { application, answer } = await startWithLiar(life);
  const visitor = () => application.browser({ "Accept-Language": language });
  const states: State[] = [];
  const see = async (name: string, by: Browser, what: Promise<Answer>) =>
    void states.push({ name, answer: await by.follow(await what) });

  const link = await firstAdministratorLink(application.services, "");
  const mary = visitor();
  await mary.post("/sign-up", { name: "Mary Jackson", password: PASSWORD });
  await mary.get("/registrations");
  await see("first-administrator", visitor(), visitor().get(`${link}`));
  await see("first-administrator-own", mary, mary.get(`${link}`));
  await see("registrations-none", mary, mary.get("/registrations"));
  await see("account-deleted", mary, mary.post("/account/delete"));
  await populate(application);

  const newcomer = visitor();
  const back = await answer(newcomer, { claims: { name: "Margaret Hamilton" } });
  await see("choose-name", newcomer, newcomer.get(back));
  await see("name-taken", newcomer, newcomer.post("/providers/choose-name", { name: NAMES.person }));
  const stranger = visitor();
  await see("leaving", stranger, stranger.post("/providers/school", { purpose: "sign-in" }));
  await see("refused", stranger, stranger.get("/providers/school/callback?error=access_denied"));
  const guess = { name: NAMES.person, password: "a guess that is wrong" };
  await see("sign-up-error", stranger, stranger.post("/sign-up", { name: NAMES.person, password: "short" }));
  await see("sign-in-error", stranger, stranger.post("/sign-in", guess));

  const grace = await signedIn(application, visitor(), NAMES.person);
  await see("nothing-chosen", grace, grace.post("/registrations"));
  await see("told-apart", grace, grace.post("/registrations", { sport: ["basketball", "soccer", "chess"] }));
  const change = { currentPassword: "a guess that is wrong", newPassword: "nine loud umbrellas in a row" };
  await see("password-error", grace, grace.post("/account/password", change));

  const ada = await signedIn(application, visitor(), NAMES.administrator);
  await see("admin-link", ada, ada.post("/admin/people", { name: "Radia Perlman" }));
  await see("admin-name-taken", ada, ada.post("/admin/people", { name: "Radia Perlman" }));
  await see("admin-sport-taken", ada, ada.post("/admin/sports", { name: "soccer" }));
  await see("admin-sport-stays", ada, ada.post("/admin/sports/soccer/remove"));
  const nobody = { person: "Nobody At All", for: "soccer" };
  await see("admin-nobody", ada, ada.post("/admin/registrations", nobody));
  await see("admin-nothing-found", ada, ada.get("/admin/people?search=nobody+at+all"));

  const late = async (path: string, fields = {}) => {
    application.clock.advance(6 * 60_000);
    await ada.post(path, fields);
    return ada.post("/confirm-identity", { password: PASSWORD, next: "/resume" });
  };
  const alan = `/admin/people/${await idOf(application, "Alan Turing")}`;
  await see("resume", ada, late(`${alan}/remove`));
  await see("resume-gone", ada, late(`/admin/people/nobody/remove`));
  application.clock.advance(6 * 60_000);
  await see("replaced", ada, ada.post(`${alan}/disable`));
  application.clock.advance(16 * 60_000);
  await see("resume-over", ada, ada.get("/resume"));
  return states;
}

/** Every error, on an application that is broken for some of them. */
export async function errorsIn(life: Life, language: Language): Promise<State[]> {
  const application = await startApplication(life);
  const states: State[] = [];
  for (const [name, provoke] of Object.entries(failures)) {
    const browser = application.browser({ "Accept-Language": language });
    states.push({ name, answer: await provoke(browser, application) });
  }
  return states;
}

/** Shows what was answered as a page of the origin that this page is on. */
export async function show(page: Page, origin: string, { status, headers, body }: Answer): Promise<void> {
  const policy = headers["content-security-policy"];
  const said = { "content-type": headers["content-type"], "content-security-policy": policy };
  await page.unrouteAll();
  // Pages that lead on by themselves stay.
  await page.route(
    (url) => url.origin !== origin,
    (route) => route.abort("aborted"),
  );
  await page.route(`${origin}/shown`, (route) =>
    route.fulfill({ status, headers: JSON.parse(JSON.stringify(said)), body }),
  );
  await page.goto(`${origin}/shown`);
}

async function signedIn({ url }: Application, browser: Browser, name: string): Promise<Browser> {
  const { status } = await browser.post("/sign-in", { name, password: PASSWORD });
  if (status !== 303) throw new Error(`The sign-in of ${name} at ${url} answered ${status}.`);
  return browser;
}
