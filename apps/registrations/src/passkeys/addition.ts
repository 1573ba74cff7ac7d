// Adding a passkey to one's account, after a recent sign-in.

import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { isStillIn } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import { requirePerson, requireRecentSignIn, signedInRecently } from "../web/access.ts";
import { readJson } from "../web/forms.ts";
import { notify, page } from "../web/page.ts";
import { type AppEnv, signedIn } from "../web/visit.ts";
import { Attestation, creationOptions } from "./ceremonies.ts";
import { keepChallenge } from "./challenge.ts";
import { addPasskey, passkeysOf } from "./keys.ts";
import { readName } from "./names.ts";
import { newPasskeyPage } from "./pages.ts";
import { checkNewPasskey } from "./passkey-check.ts";

const Wish = z.object({ label: z.string() });
const NewPasskey = z.object({ credential: Attestation });

export function passkeyAdditionRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database } = services;
  return new Hono<AppEnv>()
    .get("/account/passkeys/new", requirePerson, requireRecentSignIn(services), (c) => {
      const about = { title: c.var.t("passkey.new"), section: "account", script: "passkeys.js" } as const;
      return page(c, about, newPasskeyPage(c));
    })
    .post("/account/passkeys/options", requireRecentSignInOfScript(services), async (c) => {
      const { name: label, message } = readName(c.var.t, (await readJson(c, Wish)).label);
      if (label === undefined) return c.json({ message }, 400);
      const person = signedIn(c);
      const options = await creationOptions(c, person, await passkeysOf(database, person.id));
      keepChallenge(c, clock, options.challenge, { kind: "add", label });
      return c.json(options);
    })
    .post("/account/passkeys", requireRecentSignInOfScript(services), async (c) => {
      const { t } = c.var;
      const { credential } = await readJson(c, NewPasskey);
      const made = await checkNewPasskey(services, c, "add", credential);
      if (made === null) return c.json({ message: t("passkey.notAdded") }, 403);
      const { label } = made.purpose;
      const person = signedIn(c);
      const owned = { personId: person.id, label, createdAt: clock.now(), lastUsedAt: null };
      const added = await database.transaction().execute(async (transaction) => {
        const isIn = await isStillIn(transaction, person);
        if (isIn) await addPasskey(transaction, { ...made.key, ...owned });
        const result = isIn ? "done" : "denied";
        await audit.record(c, { action: "passkey.add", result, target: label }, transaction);
        return isIn;
      });
      if (!added) return c.json({ message: t("passkey.notAdded") }, 403);
      notify(c, "done", t("passkey.added", { label }));
      return c.json({ location: "/account" });
    });
}

/** As `requireRecentSignIn`, for scripts: these cannot be sent to a page, so they are told where it is. */
function requireRecentSignInOfScript(services: Services) {
  return createMiddleware<AppEnv>(async (c, next) =>
    c.var.person !== null && signedInRecently(services, c)
      ? next()
      : c.json({ location: "/confirm-identity?next=%2Faccount%2Fpasskeys%2Fnew" }, 401),
  );
}
