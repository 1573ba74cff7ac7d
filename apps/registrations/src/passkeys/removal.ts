// Removing a passkey from one's account, after a recent sign-in and being asked. The last way in stays.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { countWaysIn } from "../accounts/ways-in.ts";
import type { Services } from "../services.ts";
import { requirePerson, requireRecentSignIn } from "../web/access.ts";
import { notify, page } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { findPasskey, type Passkey, removePasskey } from "./keys.ts";
import { removalPage } from "./pages.ts";

export function passkeyRemovalRoutes(services: Services): Hono<AppEnv> {
  const { audit, database, settings } = services;

  /** The passkey that the path names. Throws 404, and records it, when it is not this person's own. */
  async function ownPasskey(c: AppContext): Promise<Passkey> {
    const id = c.req.param("id") ?? "";
    const passkey = await findPasskey(database, id);
    if (passkey?.personId === signedIn(c).id) return passkey;
    await audit.record(c, { action: "access.denied", result: "denied", target: `passkey ${id}` });
    throw new HTTPException(404);
  }

  return new Hono<AppEnv>()
    .use("/account/passkeys/:id/remove", requirePerson, requireRecentSignIn(services))
    .get("/account/passkeys/:id/remove", async (c) => {
      const about = { title: c.var.t("passkey.removeTitle"), section: "account" } as const;
      return page(c, about, removalPage(c.var.t, await ownPasskey(c)));
    })
    .post("/account/passkeys/:id/remove", async (c) => {
      const { id, label, personId } = await ownPasskey(c);
      const removed = await database.transaction().execute(async (transaction) => {
        const isLast = (await countWaysIn(transaction, personId, settings.providers)) === 1;
        if (!isLast) await removePasskey(transaction, id);
        const result = isLast ? "denied" : "done";
        await audit.record(c, { action: "passkey.remove", result, target: label }, transaction);
        return !isLast;
      });
      if (removed) notify(c, "done", c.var.t("passkey.removed", { label }));
      else notify(c, "failed", c.var.t("passkey.lastWayIn", { label }));
      return c.redirect("/account", 303);
    });
}
