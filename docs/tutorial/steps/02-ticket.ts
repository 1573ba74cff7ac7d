// Step 2, second half: a session made by hand. The cookie means nothing
// by itself; what it stands for stays here.

import { randomBytes } from "node:crypto";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const sessions = new Map<string, { name: string }>();

const app = new Hono()
  .get("/", (c) => {
    const session = sessions.get(getCookie(c, "session") ?? "");
    return c.text(session ? `Bonjour ${session.name}.` : "Bonjour. Qui êtes-vous ?");
  })
  .post("/login", async (c) => {
    const { name } = await c.req.parseBody();
    const ticket = randomBytes(24).toString("base64url");
    sessions.set(ticket, { name: String(name) });
    setCookie(c, "session", ticket, { httpOnly: true, sameSite: "Lax" });
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
