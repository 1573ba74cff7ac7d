// Step 2, first half: a cookie that says who one is, and is believed.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const app = new Hono()
  .get("/", (c) => {
    const name = getCookie(c, "name");
    return c.text(name ? `Bonjour ${name}.` : "Bonjour. Qui êtes-vous ?");
  })
  .post("/login", async (c) => {
    const { name } = await c.req.parseBody();
    setCookie(c, "name", String(name));
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
