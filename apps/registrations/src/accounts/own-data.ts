// What is kept about a person: they can take it with them, and they can have it deleted.

import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Translate } from "../i18n/translate.ts";
import { actions, buttonLink, confirmation, pageHead, section } from "../pages/components.ts";
import { button, postForm } from "../pages/forms.ts";
import type { Markup } from "../pages/layout.ts";
import type { Services } from "../services.ts";
import { requireRecentSignIn } from "../web/access.ts";
import { notify, page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { clearOtherSessions } from "./clear-sessions.ts";
import { dataOf } from "./data-export.ts";
import { removePerson } from "./people.ts";

/** For a minute, a browser in which an account was deleted. No session is made for that. */
const DELETED = "account-deleted";

/** The routes `/account/data` and `/account/delete`. */
export function ownDataRoutes(services: Services): Hono<AppEnv> {
  const { audit, database } = services;
  const recent = requireRecentSignIn(services);
  return new Hono<AppEnv>()
    .post("/data", recent, async (c) => {
      const data = await dataOf(services, signedIn(c));
      await audit.record(c, { action: "account.download", result: "done" });
      return c.body(JSON.stringify(data, null, 2), 200, {
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Disposition": 'attachment; filename="my-data.json"',
      });
    })
    .use("/delete", recent)
    .get("/delete", (c) => deletePage(c))
    .post("/delete", async (c) => {
      const person = signedIn(c);
      const removed = await database.transaction().execute(async (transaction) => {
        const removed = await removePerson(transaction, person.id);
        const result = removed ? "done" : "denied";
        await audit.record(c, { action: "account.delete", result }, transaction);
        return removed;
      });
      if (!removed) {
        notify(c, "failed", c.var.t("deleteAccount.last"));
        return c.redirect("/account", 303);
      }
      c.var.session.signOut();
      await clearOtherSessions(services, c, person.id);
      setCookie(c, DELETED, "1", { path: "/account/deleted", maxAge: 60, httpOnly: true, sameSite: "Lax" });
      return c.redirect("/account/deleted", 303);
    });
}

/** The part of the account page about one's data. */
export function ownDataSection(t: Translate): Markup {
  return section(
    { id: "data", title: t("ownData.title"), lead: t("ownData.lead") },
    actions(
      postForm("/account/data", button(t("ownData.download"), "quiet")),
      buttonLink("/account/delete", t("deleteAccount.submit"), "quiet-danger"),
    ),
  );
}

function deletePage(c: AppContext) {
  const { t } = c.var;
  const content = confirmation({
    title: t("deleteAccount.title"),
    consequence: t("deleteAccount.consequence"),
    action: "/account/delete",
    confirm: t("deleteAccount.submit"),
    cancel: { href: "/account", text: t("form.cancel") },
  });
  return page(c, { title: t("deleteAccount.title"), section: "account" }, content);
}

/** Says that the account is no more, to the browser in which it was just deleted. Leads everybody else home. */
export async function accountDeletedPage(c: AppContext) {
  const { t, person } = c.var;
  if (person !== null || getCookie(c, DELETED) === undefined) return c.redirect("/", 303);
  const content = html`${pageHead(t("deleteAccount.done"), t("deleteAccount.doneLead"))}
      ${actions(buttonLink("/", t("error.home")))}`;
  return page(c, { title: t("deleteAccount.done") }, content);
}
