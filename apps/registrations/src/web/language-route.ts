// The language switch.

import { Hono } from "hono";
import { z } from "zod";
import { languages } from "../i18n/translate.ts";
import { readForm } from "./forms.ts";
import { chooseLanguage } from "./language.ts";
import { safePath } from "./navigation.ts";
import type { AppEnv } from "./visit.ts";

const Choice = z.object({ language: z.enum(languages), next: z.unknown().optional().transform(safePath) });

export function languageRoute(): Hono<AppEnv> {
  return new Hono<AppEnv>().post("/language", async (c) => {
    const form = await readForm(c, Choice);
    if (form.valid) chooseLanguage(c, form.values.language);
    return c.redirect(form.valid ? form.values.next : "/", 303);
  });
}
