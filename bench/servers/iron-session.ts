// Hono with iron-session, which keeps the whole session in an encrypted cookie.

import { type Context, Hono } from "hono";
import { getIronSession, webCookies } from "iron-session";
import { NOBODY, nextValue, page, type Visitor } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const options = { password: "bench".repeat(8), cookieName: "session", cookieOptions: { secure: false } };

const sessionOf = (c: Context, headers = new Headers()) =>
  getIronSession<Visitor>(webCookies(c.req.raw, headers), options);

async function saving(c: Context, changes: Partial<Visitor>): Promise<void> {
  const headers = new Headers();
  const session = await sessionOf(c, headers);
  Object.assign(session, changes);
  await session.save();
  for (const cookie of headers.getSetCookie()) c.header("Set-Cookie", cookie, { append: true });
}

const app = new Hono()
  .get("/", async (c) => {
    const { name } = await sessionOf(c);
    return name ? c.html(page(name)) : c.text(NOBODY, 401);
  })
  .get("/seen", async (c) => c.text(String((await sessionOf(c)).seen)))
  .post("/login", async (c) => {
    await saving(c, { name: c.req.query("name") ?? "" });
    return c.text("signed in");
  })
  .post("/seen", async (c) => {
    const value = nextValue();
    await saving(c, { seen: value });
    return c.text(String(value));
  });

serveHono(app);
