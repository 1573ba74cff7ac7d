// What any session of this kind has to do, and nothing more: read the cookie's header, hash the secret in it, look
// something up, and say that the response varies. What Vestiaire costs beyond it is Vestiaire's own.

import { hash } from "node:crypto";
import { Hono } from "hono";
import { NOBODY, nextValue, page } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const names = new Map<string, string>();
const seen = new Map<string, number>();

const app = new Hono<{ Variables: { key: string } }>()
  .use(async (c, next) => {
    const cookie = c.req.raw.headers.get("cookie") ?? "";
    c.set("key", hash("sha256", cookie.slice("session=".length), "base64url"));
    await next();
    c.res.headers.append("Vary", "Cookie");
  })
  .get("/", (c) => {
    const name = names.get(c.var.key);
    return name ? c.html(page(name)) : c.text(NOBODY, 401);
  })
  .get("/seen", (c) => c.text(String(seen.get(c.var.key))))
  .post("/login", (c) => {
    const name = c.req.query("name") ?? "";
    const token = crypto.randomUUID();
    names.set(hash("sha256", token, "base64url"), name);
    c.header("Set-Cookie", `session=${token}`);
    return c.text("signed in");
  })
  .post("/seen", (c) => {
    const value = nextValue();
    seen.set(c.var.key, value);
    return c.text(String(value));
  });

serveHono(app);
