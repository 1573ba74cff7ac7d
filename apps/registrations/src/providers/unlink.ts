// Taking a provider's identity off one's account, after being asked. The last way in stays.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Transaction } from "kysely";
import { countWaysIn } from "../accounts/ways-in.ts";
import type { Schema } from "../database/schema.ts";
import type { Services } from "../services.ts";
import type { ProviderSettings } from "../settings-providers.ts";
import { requirePerson, requireRecentSignIn } from "../web/access.ts";
import { notify } from "../web/page.ts";
import { type AppContext, type AppEnv, signedIn } from "../web/visit.ts";
import { type Identity, identitiesOf, isAt, providerLabel } from "./identities.ts";
import { unlinkPage } from "./pages.ts";

export function unlinkRoutes(services: Services): Hono<AppEnv> {
  const { audit, database, settings } = services;

  /** The identity of the address; 404, and an event, when it is not this person's own. */
  async function ownIdentity(c: AppContext) {
    const id = c.req.param("id") ?? "";
    const identity = (await identitiesOf(database, signedIn(c).id)).find((own) => own.id === id);
    if (identity !== undefined) return { identity, provider: providerLabel(settings.providers, identity) };
    await audit.record(c, { action: "access.denied", result: "denied", target: `identity ${id}` });
    throw new HTTPException(404);
  }

  return new Hono<AppEnv>()
    .use("/identities/:id/unlink", requirePerson, requireRecentSignIn(services))
    .get("/identities/:id/unlink", async (c) => unlinkPage(c, await ownIdentity(c)))
    .post("/identities/:id/unlink", async (c) => {
      const { identity, provider } = await ownIdentity(c);
      const unlinked = await database.transaction().execute(async (transaction) => {
        const done = await unlinkIdentity(transaction, signedIn(c).id, identity, settings.providers);
        const result = done ? "done" : "denied";
        await audit.record(c, { action: "provider.unlink", result, target: provider }, transaction);
        return done;
      });
      if (unlinked) notify(c, "done", c.var.t("provider.unlinked", { provider }));
      else notify(c, "failed", c.var.t("provider.lastWayIn", { provider }));
      return c.redirect("/account", 303);
    });
}

/**
 * Takes an identity from its person. False, and nothing changed, when it is their last way in: a password, a passkey, or
 * an identity at one of the `providers` that there are. Begins the transaction.
 */
export async function unlinkIdentity(
  on: Transaction<Schema>,
  personId: string,
  identity: Identity,
  providers: readonly ProviderSettings[],
): Promise<boolean> {
  const counted = providers.some((provider) => isAt(provider, identity)) ? 1 : 0;
  if ((await countWaysIn(on, personId, providers)) === counted) return false;
  await on
    .deleteFrom("identities")
    .where("issuer", "=", identity.issuer)
    .where("subject", "=", identity.subject)
    .where("personId", "=", personId)
    .execute();
  return true;
}
