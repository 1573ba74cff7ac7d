// Hono with hono-sessions in memory.

import { Hono } from "hono";
import { MemoryStore, type Session, sessionMiddleware } from "hono-sessions";
import { NOBODY, nextValue, page, type Visitor } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const app = new Hono<{ Variables: { session: Session<Visitor>; session_key_rotation: boolean } }>()
  .use(
    sessionMiddleware({ store: new MemoryStore(), expireAfterSeconds: 86_400, cookieOptions: { path: "/" } }),
  )
  .get("/", (c) => {
    const name = c.var.session.get("name");
    return name ? c.html(page(name)) : c.text(NOBODY, 401);
  })
  .get("/seen", (c) => c.text(String(c.var.session.get("seen"))))
  .post("/login", (c) => {
    c.set("session_key_rotation", true);
    c.var.session.set("name", c.req.query("name") ?? "");
    return c.text("signed in");
  })
  .post("/seen", (c) => {
    const value = nextValue();
    c.var.session.set("seen", value);
    return c.text(String(value));
  });

serveHono(app);
