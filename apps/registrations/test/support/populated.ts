// The application with people in it, and the list of its pages: for the tests that look at every page, and for the
// pictures of them in the documentation.

import type { BrowserContext } from "playwright-core";
import { createLink } from "../../src/accounts/one-time-links.ts";
import { type Application, PASSWORD, promote, signedUp } from "./application.ts";

/** Who looks at a page. */
export type Onlooker = "nobody" | "person" | "administrator";

/** A page, by the name of its picture. */
export interface SomePage {
  readonly name: string;
  readonly path: string;
  readonly by: Onlooker;
}

const NAMES = { person: "Grace Hopper", administrator: "Ada Lovelace" } as const;
const MINUTE = 60_000;

/** Fills the application with a few people, their registrations and some history, and answers its pages. */
export async function populate(application: Application): Promise<SomePage[]> {
  const { database } = application.services;
  for (const [name, sports] of [
    ["Alan Turing", ["ultimate-frisbee"]],
    ["Katherine Johnson", ["basketball", "soccer"]],
    ["Edsger Dijkstra", []],
    ["Barbara Liskov", ["soccer"]],
    [NAMES.person, ["soccer", "ultimate-frisbee"]],
    [NAMES.administrator, ["basketball"]],
  ] as const) {
    const browser = await signedUp(application, name);
    if (sports.length > 0) await browser.post("/registrations", { sport: sports });
    application.clock.advance(7 * MINUTE);
  }
  await application.browser().post("/sign-in", { name: NAMES.person, password: "a guess that is wrong" });
  await promote(application, NAMES.administrator);
  await database.updateTable("people").set({ disabledAt: 0 }).where("name", "=", "Edsger Dijkstra").execute();
  const people = await database.selectFrom("people").select(["id", "name"]).execute();
  const idOf = (name: string) => people.find((person) => person.name === name)?.id ?? "";
  const ticket = await database
    .selectFrom("registrations")
    .select("id")
    .where("personId", "=", idOf(NAMES.person))
    .executeTakeFirstOrThrow();
  const secret = await createLink(
    database,
    { purpose: "reset", personId: idOf(NAMES.person) },
    application.clock.now(),
  );
  return [
    { name: "home", path: "/", by: "nobody" },
    { name: "sign-up", path: "/sign-up", by: "nobody" },
    { name: "sign-in", path: "/sign-in", by: "nobody" },
    { name: "signed-out", path: "/signed-out", by: "nobody" },
    { name: "reset", path: `/reset/${secret}`, by: "nobody" },
    { name: "not-found", path: "/nothing-here", by: "nobody" },
    { name: "registrations", path: "/registrations", by: "person" },
    { name: "take-back", path: `/registrations/${ticket.id}/take-back`, by: "person" },
    { name: "account", path: "/account", by: "person" },
    { name: "password", path: "/account/password", by: "person" },
    { name: "new-passkey", path: "/account/passkeys/new", by: "person" },
    { name: "delete-account", path: "/account/delete", by: "person" },
    { name: "confirm-identity", path: "/confirm-identity", by: "person" },
    { name: "admin-overview", path: "/admin", by: "administrator" },
    { name: "admin-people", path: "/admin/people", by: "administrator" },
    { name: "admin-person", path: `/admin/people/${idOf(NAMES.person)}`, by: "administrator" },
    { name: "admin-registrations", path: "/admin/registrations", by: "administrator" },
    { name: "admin-sessions", path: "/admin/sessions", by: "administrator" },
    { name: "admin-sports", path: "/admin/sports", by: "administrator" },
    { name: "admin-audit", path: "/admin/audit", by: "administrator" },
  ];
}

/** Signs the browser in as the onlooker. */
export async function signInAs(context: BrowserContext, by: Onlooker): Promise<void> {
  if (by === "nobody") return;
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.locator("#field-name").fill(NAMES[by]);
  await page.locator("#field-password").fill(PASSWORD);
  await page.locator("#field-password").press("Enter");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.close();
}
