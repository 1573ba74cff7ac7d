// Looks at the settings of a session cookie, written on one line, as the library would when a server starts.

import { type CookieOptions, SessionCookie } from "../core/cookie.ts";
import { ConfigurationError } from "../core/errors.ts";
import { type Finding, finding } from "../core/inspection.ts";
import { UsageError } from "./command.ts";

const NAMES = ["name", "secure", "sameSite", "path", "domain"];

/** `text` is `name=…,secure=…,sameSite=…,path=…,domain=…`, any of them left out; `secure` alone means `true`. */
export function inspectCookie(text: string): readonly Finding[] {
  const options = optionsIn(text);
  try {
    new SessionCookie(options);
  } catch (error) {
    if (error instanceof ConfigurationError) return [finding("problem", "cookie", error.message)];
    throw error;
  }
  const doubts = doubtsAbout(options);
  return doubts.length > 0
    ? doubts
    : [finding("ok", "cookie", "Browsers accept the cookie, and keep it safe.")];
}

function optionsIn(text: string): CookieOptions {
  const options: Record<string, string | boolean> = {};
  for (const pair of text.split(",").filter((part) => part !== "")) {
    const [name = "", ...rest] = pair.split("=");
    if (!NAMES.includes(name))
      throw new UsageError(`--cookie knows ${NAMES.join(", ")}, as in --cookie name=sid,secure.`);
    const value = rest.length === 0 ? "true" : rest.join("=");
    options[name] = value === "true" || value === "false" ? value === "true" : value;
  }
  // What it holds is checked by the cookie itself.
  return options as CookieOptions;
}

function doubtsAbout({ secure, sameSite, domain }: CookieOptions): Finding[] {
  const found: Finding[] = [];
  const doubt = (message: string) => found.push(finding("warning", "cookie", message));
  if (secure === false) {
    doubt(
      "Without secure the cookie also travels over plain HTTP, where others can take it. Leave secure away, or set it to true.",
    );
  }
  if (sameSite === "None") {
    doubt(
      "With sameSite=None every other site can send requests with this cookie: check each request's Origin.",
    );
  }
  if (domain !== undefined) {
    doubt(
      `Every host below ${domain} gets this cookie, and can set another in its place. Leave domain away unless they share sessions.`,
    );
  }
  return found;
}
