// Signing in and out with a name and a password.

import { Hono } from "hono";
import { z } from "zod";
import type { Services } from "../services.ts";
import { readForm, says } from "../web/forms.ts";
import { safePath } from "../web/navigation.ts";
import { page } from "../web/page.ts";
import type { AppEnv } from "../web/visit.ts";
import { enter } from "./entrance.ts";
import { checkSignIn, messageFor, statusFor } from "./password-check.ts";
import { signedOutPage, signInPage } from "./sign-in-pages.ts";

/** What the sign-in form sends. */
export const Credentials = z.object({
  name: z.string().min(1, says("account.nameRequired")).max(200, says("form.tooLong")),
  password: z.string().min(1, says("account.passwordRequired")).max(4_096, says("form.tooLong")),
  remember: z.literal("on").optional(),
  next: z.unknown().optional().transform(safePath),
});

export function signInRoutes(services: Services): Hono<AppEnv> {
  const { audit, settings } = services;
  return new Hono<AppEnv>()
    .get("/sign-in", async (c) => {
      if (c.var.person !== null) return c.redirect(safePath(c.req.query("next")), 303);
      return signInPage(c, settings.providers, { next: safePath(c.req.query("next")) });
    })
    .post("/sign-in", async (c) => {
      const form = await readForm(c, Credentials);
      if (!form.valid) {
        const given = { ...form.given, next: safePath(form.given.next) };
        return signInPage(c, settings.providers, given, form.errors);
      }
      const { name, remember, next } = form.values;
      const check = await checkSignIn(services, c, form.values);
      if (check.outcome === "right") {
        const way = { method: "password", persistent: remember === "on" } as const;
        if (await enter(services, c, check.person, way)) return c.redirect(next, 303);
      }
      const error = messageFor(c, check, c.var.t("signIn.wrong"));
      return signInPage(c, settings.providers, { name, next }, { "": error }, statusFor(c, check));
    })
    .post("/sign-out", async (c) => {
      if (c.var.person !== null) await audit.record(c, { action: "sign-out", result: "done" });
      c.var.session.signOut();
      if (settings.CLEAR_SITE_DATA && c.var.origin.startsWith("https:"))
        c.header("Clear-Site-Data", '"cache", "storage"');
      return c.redirect("/signed-out", 303);
    })
    .get("/signed-out", (c) => page(c, { title: c.var.t("signedOut.title") }, signedOutPage(c.var.t)));
}
