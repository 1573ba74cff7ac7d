// Where a visitor goes next, when an address says so.

const SOMEWHERE = "http://this.invalid";

/** Proxies refuse answers whose head is longer than a few kilobytes. */
const LONGEST = 2_000;

/**
 * A path of this site, with its query; `/` for whatever could lead a browser elsewhere (OWASP, Unvalidated Redirects),
 * and for what is too long to be led to.
 */
export function safePath(wanted: unknown): string {
  if (typeof wanted !== "string" || !wanted.startsWith("/") || !URL.canParse(wanted, SOMEWHERE)) return "/";
  const { origin, pathname, search } = new URL(wanted, SOMEWHERE);
  if (origin !== SOMEWHERE || pathname.startsWith("//") || /%(?:0|1|5c|7f)/i.test(pathname)) return "/";
  const path = pathname + search;
  return path.length > LONGEST ? "/" : path;
}
