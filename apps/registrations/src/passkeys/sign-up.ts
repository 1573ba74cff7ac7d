// Making an account that has a passkey instead of a password.

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { enter } from "../accounts/entrance.ts";
import { addPerson, findCredentials } from "../accounts/people.ts";
import type { Services } from "../services.ts";
import { readJson } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { notify } from "../web/page.ts";
import type { AppContext, AppEnv } from "../web/visit.ts";
import { Attestation, creationOptions } from "./ceremonies.ts";
import { keepChallenge } from "./challenge.ts";
import { addPasskey } from "./keys.ts";
import { readName } from "./names.ts";
import { checkNewPasskey } from "./passkey-check.ts";

const Wish = z.object({ name: z.string() });
const NewAccount = z.object({ credential: Attestation, next: z.string() });

export function passkeySignUpRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, throttle } = services;

  async function taken(c: AppContext, name: string) {
    await audit.record(c, { action: "sign-up", result: "failed", target: name, detail: "passkey" });
    return c.json({ message: c.var.t("account.nameTaken") }, 409);
  }

  return (
    new Hono<AppEnv>()
      // The name is settled before there is a passkey: an authenticator would keep one that leads nowhere.
      .post("/sign-up/passkey/options", async (c) => {
        const { t } = c.var;
        const { name, message } = readName(t, (await readJson(c, Wish)).name);
        if (name === undefined) return c.json({ message }, 400);
        const seconds = await throttle.signUp(c.var.address);
        if (seconds > 0) {
          await audit.record(c, { action: "sign-up", result: "denied", detail: "passkey: throttled" });
          c.header("Retry-After", String(seconds));
          return c.json({ message: t("signIn.wait", { minutes: Math.ceil(seconds / 60) }) }, 429);
        }
        if ((await findCredentials(database, name)) !== null) return taken(c, name);
        const id = randomUUID();
        const options = await creationOptions(c, { id, name }, []);
        keepChallenge(c, clock, options.challenge, { kind: "sign-up", id, name });
        return c.json(options);
      })
      .post("/sign-up/passkey", async (c) => {
        const { t } = c.var;
        const { credential, next } = await readJson(c, NewAccount);
        const made = await checkNewPasskey(services, c, "sign-up", credential);
        if (made === null) return c.json({ message: t("passkey.notAdded") }, 403);
        const { id, name } = made.purpose;
        const person = await database.transaction().execute(async (transaction) => {
          const now = clock.now();
          const added = await addPerson(transaction, { id, name, passwordHash: null, now });
          if (added === null) return null;
          const label = t("passkey.firstLabel");
          await addPasskey(transaction, {
            ...made.key,
            personId: id,
            label,
            createdAt: now,
            lastUsedAt: null,
          });
          await audit.record(
            c,
            { action: "sign-up", result: "done", actor: added, detail: "passkey" },
            transaction,
          );
          return added;
        });
        if (person === null) return taken(c, name);
        await enter(services, c, person, { method: "passkey" });
        notify(c, "done", t("signUp.done", { name: person.name }));
        return c.json({ location: safePath(next) });
      })
  );
}
