// Hono with React Router's file sessions.

import { createFileSessionStorage } from "@react-router/node";
import { type Context, Hono } from "hono";
import { folder, NOBODY, nextValue, page, type Visitor } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const storage = createFileSessionStorage<Visitor>({
  dir: `${folder}/sessions`,
  cookie: { name: "session", secrets: ["bench".repeat(8)], path: "/", httpOnly: true, sameSite: "lax" },
});

const sessionOf = (c: Context) => storage.getSession(c.req.header("cookie"));

const app = new Hono()
  .get("/", async (c) => {
    const name = (await sessionOf(c)).get("name");
    return name ? c.html(page(name)) : c.text(NOBODY, 401);
  })
  .get("/seen", async (c) => c.text(String((await sessionOf(c)).get("seen"))))
  .post("/login", async (c) => {
    const session = await storage.getSession();
    session.set("name", c.req.query("name") ?? "");
    c.header("Set-Cookie", await storage.commitSession(session));
    return c.text("signed in");
  })
  .post("/seen", async (c) => {
    const value = nextValue();
    const session = await sessionOf(c);
    session.set("seen", value);
    c.header("Set-Cookie", await storage.commitSession(session));
    return c.text(String(value));
  });

serveHono(app);
