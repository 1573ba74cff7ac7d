// What the settings say of whoever runs the site.

import { z } from "zod";

/** What the site is called. */
export const siteName = z
  .string()
  .trim()
  .min(1, "must not be blank")
  .max(60, "must be at most 60 characters long")
  .regex(/^[^\p{C}]+$/u, "must be plain text");

/** Where people turn to: what a link leads to, and what it says. */
interface Contact {
  readonly href: string;
  readonly text: string;
}

/** Whom its visitors can ask; `null` for nobody. */
export const contact = z.string().transform((text, context): Contact | null => {
  if (text === "") return null;
  if (z.email().safeParse(text).success) return { href: `mailto:${text}`, text };
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol))
    return { href: url.href, text: (url.host + url.pathname).replace(/\/$/, "") };
  context.addIssue('must be an e-mail address, or a URL such as "https://example.org/contact"');
  return z.NEVER;
});
