// The session cookie: reading it out of a request's header, and writing it so that a browser accepts it, keeps it from
// scripts and from other sites, and can be told to forget it. RFC 6265bis rules; so do its name prefixes.

import { ConfigurationError } from "./errors.ts";

/** How the cookie is made. The defaults are right for almost everybody. */
export interface CookieOptions {
  /** Default `"session"`; over HTTPS it becomes `"__Host-session"`, unless `domain` or another `path` rules that out. */
  readonly name?: string;
  /**
   * `"auto"` (default): `Secure` with its prefixed name over HTTPS, the plain name over plain HTTP, never one for the
   * other. `true`: always as over HTTPS. `false`: always as over plain HTTP; for tests and closed networks.
   */
  readonly secure?: "auto" | boolean;
  /** Default `"Lax"`. `"None"` needs `secure: true`. */
  readonly sameSite?: "Strict" | "Lax" | "None";
  /** Default `"/"`. */
  readonly path?: string;
  /** Default none: this host alone. With a domain, every one of its hosts sees the cookie and can overwrite it. */
  readonly domain?: string;
}

/** No cookie of that name; one; or something that must not be chosen from. */
export type CookieReading =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly value: string }
  | { readonly kind: "ambiguous" };

const NONE: CookieReading = { kind: "none" };
const AMBIGUOUS: CookieReading = { kind: "ambiguous" };

/** RFC 6265bis 5.5: no user agent keeps a cookie for longer. In seconds. */
const MAX_AGE_LIMIT = 400 * 86_400;
/** RFC 6265bis 5.6: user agents ignore longer ones. */
const MAX_BYTES = 4_096;

/**
 * Finds the cookie of exactly this name in a `Cookie` header. Two of them are `ambiguous`, in whichever order: one was
 * tossed in from elsewhere, and nothing says which.
 */
export function readCookie(header: string | null | undefined, name: string): CookieReading {
  if (!header?.includes(name)) return NONE;
  let found: CookieReading = NONE;
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    if (found !== NONE) return AMBIGUOUS;
    found = { kind: "one", value: pair.slice(equals + 1).trim() };
  }
  return found;
}

/** One cookie under its two names, checked when it is made. */
export class SessionCookie {
  readonly #plain: { readonly name: string; readonly attributes: string };
  readonly #secure: { readonly name: string; readonly attributes: string };
  readonly #mode: "auto" | boolean;

  /** Throws {@link ConfigurationError} for options that contradict each other or that browsers would not accept. */
  constructor(options: CookieOptions = {}) {
    const { name = "session", secure = "auto", sameSite = "Lax", path = "/", domain } = options;
    checkOptions({ name, secure, sameSite, path, domain });
    this.#mode = secure;
    const scope = `; Path=${path}${domain === undefined ? "" : `; Domain=${domain}`}; HttpOnly; SameSite=${sameSite}`;
    const prefixed = /^__(Host|Secure)-/i.test(name);
    const prefix = prefixed ? "" : domain === undefined && path === "/" ? "__Host-" : "__Secure-";
    this.#plain = { name, attributes: scope };
    this.#secure = { name: prefix + name, attributes: `${scope}; Secure` };
    const longest = this.write("x".repeat(65), true, MAX_AGE_LIMIT * 1_000);
    if (longest.length > MAX_BYTES) {
      throw new ConfigurationError(
        `The cookie would be ${longest.length} bytes; browsers drop more than ${MAX_BYTES}. Shorten its name, path or domain.`,
      );
    }
  }

  /** Whether a request that came `encrypted` gets the `Secure` cookie. */
  isSecure(encrypted: boolean): boolean {
    return this.#mode === "auto" ? encrypted : this.#mode;
  }

  /** Whether the request's protocol decides. */
  get followsRequest(): boolean {
    return this.#mode === "auto";
  }

  read(header: string | null | undefined, secure: boolean): CookieReading {
    return readCookie(header, secure ? this.#secure.name : this.#plain.name);
  }

  /** The `Set-Cookie` value. Without `maxAge` (milliseconds) the cookie goes when the browser closes. */
  write(token: string, secure: boolean, maxAge?: number): string {
    const { name, attributes } = secure ? this.#secure : this.#plain;
    if (maxAge === undefined) return `${name}=${token}${attributes}`;
    const seconds = Math.min(Math.floor(maxAge / 1_000), MAX_AGE_LIMIT);
    return `${name}=${token}; Max-Age=${seconds}${attributes}`;
  }

  /** The `Set-Cookie` value that removes the cookie; everything but value and age as it was set. */
  clear(secure: boolean): string {
    return this.write("", secure, 0);
  }
}

interface Checked {
  readonly name: string;
  readonly secure: "auto" | boolean;
  readonly sameSite: string;
  readonly path: string;
  readonly domain: string | undefined;
}

function checkOptions({ name, secure, sameSite, path, domain }: Checked): void {
  const refuse = (reason: string): never => {
    throw new ConfigurationError(`cookie: ${reason}`);
  };
  // RFC 9110 5.6.2: a token.
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) refuse(`${JSON.stringify(name)} is no cookie name.`);
  if (!/^\/[\x20-\x3a\x3c-\x7e]*$/.test(path)) refuse(`path must start with "/" and hold no ";".`);
  if (domain !== undefined && !/^[A-Za-z0-9.-]+$/.test(domain)) refuse("domain must be a host name.");
  if (!["Strict", "Lax", "None"].includes(sameSite)) refuse(`sameSite must be "Strict", "Lax" or "None".`);
  if (sameSite === "None" && secure !== true)
    refuse(`sameSite "None" needs secure: true; browsers drop it otherwise.`);
  // Browsers match the prefixes whatever their case, and then demand what they promise.
  const host = /^__Host-/i.test(name);
  if (host || /^__Secure-/i.test(name)) {
    if (secure !== true) refuse(`a name with the prefix ${name.slice(0, host ? 7 : 9)} needs secure: true.`);
  }
  if (host && (domain !== undefined || path !== "/"))
    refuse(`a name with the prefix __Host- allows no domain, and only the path "/".`);
}
