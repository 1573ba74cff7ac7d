// The style sheet, the pictures and the scripts. They are read once, at start, and their URLs carry a hash of their
// content: browsers keep them for good, and a new version has a new URL.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { Hono } from "hono";

const TYPES = new Map([
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const folder = new URL("../assets/", import.meta.url);
const urls = new Map<string, string>();
const served = new Map<string, Asset>();

for (const name of readdirSync(folder)) {
  const type = TYPES.get(extname(name));
  if (type === undefined) throw new Error(`assets: no media type is known for ${name}`);
  const body = readFileSync(new URL(name, folder));
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  const url = `/assets/${hash}/${name}`;
  urls.set(name, url);
  served.set(url, { body, type });
}

/** The URL of a file of `src/assets`. Throws when there is no such file. */
export function asset(name: string): string {
  const url = urls.get(name);
  if (url === undefined) throw new Error(`assets: there is no ${name}`);
  return url;
}

/** Serves the assets. Belongs before whatever reads sessions: assets are the same for everybody. */
export const assets = new Hono().get("/assets/*", (c) => {
  const found = served.get(c.req.path);
  if (found === undefined) return c.notFound();
  return c.body(found.body, 200, {
    "Content-Type": found.type,
    "Cache-Control": "public, max-age=31536000, immutable",
  });
});
