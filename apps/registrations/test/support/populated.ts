// The application with people in it, and the list of its pages: for the tests that look at every page, and for the
// pictures of them in the documentation.

import type { BrowserContext } from "playwright-core";
import { createLink } from "../../src/accounts/one-time-links.ts";
import { identitiesOf } from "../../src/providers/identities.ts";
import { type Application, PASSWORD, promote, signedUp } from "./application.ts";

/** Who looks at a page. */
export type Onlooker = "nobody" | "person" | "administrator";

/** A page, by the name of its picture. */
export interface SomePage {
  readonly name: string;
  readonly path: string;
  readonly by: Onlooker;
}

export const NAMES = { person: "Grace Hopper", administrator: "Ada Lovelace" } as const;
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
  const now = application.clock.now();
  const owned = { personId: idOf(NAMES.person), createdAt: now, lastUsedAt: now };
  const key = { id: "a-key", publicKey: "", counter: 0, transports: "[]", label: "My telephone" };
  await database
    .insertInto("passkeys")
    .values({ ...key, ...owned })
    .execute();
  const google = { issuer: "https://accounts.google.com", subject: "1", label: "grace@example.org" };
  await database
    .insertInto("identities")
    .values({ ...google, ...owned })
    .execute();
  const [identity] = await identitiesOf(database, idOf(NAMES.person));
  const secret = await createLink(database, { purpose: "reset", personId: idOf(NAMES.person) }, now);
  const person = `/admin/people/${idOf(NAMES.person)}`;
  return [
    { name: "home", path: "/", by: "nobody" },
    { name: "sign-up", path: "/sign-up", by: "nobody" },
    { name: "sign-in", path: "/sign-in", by: "nobody" },
    { name: "unsent", path: "/sign-in?next=%2Fregistrations&unsent=on", by: "nobody" },
    { name: "signed-out", path: "/signed-out", by: "nobody" },
    { name: "reset", path: `/reset/${secret}`, by: "nobody" },
    { name: "link-over", path: "/reset/used-long-ago", by: "nobody" },
    { name: "not-found", path: "/nothing-here", by: "nobody" },
    { name: "registrations", path: "/registrations", by: "person" },
    { name: "take-back", path: `/registrations/${ticket.id}/take-back`, by: "person" },
    { name: "account", path: "/account", by: "person" },
    { name: "password", path: "/account/password", by: "person" },
    { name: "new-passkey", path: "/account/passkeys/new", by: "person" },
    { name: "remove-passkey", path: "/account/passkeys/a-key/remove", by: "person" },
    { name: "unlink", path: `/providers/identities/${identity?.id}/unlink`, by: "person" },
    { name: "sign-out-others", path: "/account/devices/end-others", by: "person" },
    { name: "delete-account", path: "/account/delete", by: "person" },
    { name: "confirm-identity", path: "/confirm-identity", by: "person" },
    { name: "admin-overview", path: "/admin", by: "administrator" },
    { name: "admin-people", path: "/admin/people", by: "administrator" },
    { name: "admin-person", path: person, by: "administrator" },
    { name: "admin-person-own", path: `/admin/people/${idOf(NAMES.administrator)}`, by: "administrator" },
    { name: "admin-person-disabled", path: `/admin/people/${idOf("Edsger Dijkstra")}`, by: "administrator" },
    { name: "admin-disable", path: `${person}/disable`, by: "administrator" },
    { name: "admin-promote", path: `${person}/promote`, by: "administrator" },
    { name: "admin-demote", path: `${person}/demote`, by: "administrator" },
    { name: "admin-remove-person", path: `${person}/remove`, by: "administrator" },
    { name: "admin-end-sessions", path: `${person}/sessions/end`, by: "administrator" },
    { name: "admin-registrations", path: "/admin/registrations", by: "administrator" },
    {
      name: "admin-remove-registration",
      path: `/admin/registrations/${ticket.id}/remove`,
      by: "administrator",
    },
    { name: "admin-sessions", path: "/admin/sessions", by: "administrator" },
    { name: "admin-sports", path: "/admin/sports", by: "administrator" },
    { name: "admin-sport", path: "/admin/sports/basketball", by: "administrator" },
    { name: "admin-remove-sport", path: "/admin/sports/basketball/remove", by: "administrator" },
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
