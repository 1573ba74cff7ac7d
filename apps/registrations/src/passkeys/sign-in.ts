// Signing in with a passkey, without typing a name; and confirming who one is, which is the same for who is signed in.

import { Hono } from "hono";
import { z } from "zod";
import { enter } from "../accounts/entrance.ts";
import type { Services } from "../services.ts";
import { readJson } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import type { AppEnv } from "../web/visit.ts";
import { Assertion, requestOptions } from "./ceremonies.ts";
import { keepChallenge } from "./challenge.ts";
import { passkeysOf } from "./keys.ts";
import { checkPasskey } from "./passkey-check.ts";

const Proof = z.object({ credential: Assertion, next: z.string() });

export function passkeySignInRoutes(services: Services): Hono<AppEnv> {
  const { audit, clock, database, throttle } = services;
  return new Hono<AppEnv>()
    .post("/sign-in/passkey/options", async (c) => {
      const { address, person, t } = c.var;
      const seconds = await throttle.proof(address);
      if (seconds > 0) {
        const action = person === null ? "sign-in" : "identity.confirm";
        await audit.record(c, { action, result: "denied", detail: "passkey: throttled" });
        c.header("Retry-After", String(seconds));
        return c.json({ message: t("signIn.wait", { minutes: Math.ceil(seconds / 60) }) }, 429);
      }
      const own = person === null ? [] : await passkeysOf(database, person.id);
      if (person !== null && own.length === 0) return c.json({ message: t("passkey.none") }, 409);
      const options = await requestOptions(c, own);
      keepChallenge(c, clock, options.challenge, { kind: "sign-in" });
      return c.json(options);
    })
    .post("/sign-in/passkey", async (c) => {
      const { credential, next } = await readJson(c, Proof);
      const person = await checkPasskey(services, c, credential);
      if (person === null) return c.json({ message: c.var.t("passkey.refused") }, 403);
      await enter(services, c, person, { method: "passkey" });
      return c.json({ location: safePath(next) });
    });
}
