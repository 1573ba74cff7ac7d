// Step 1: a public sheet, from which anybody can take anybody off.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { html } from "hono/html";

const names = new Set(["Alice", "Bob"]);

const app = new Hono()
  .get("/", (c) =>
    c.html(html`<!doctype html>
      <title>Inscriptions</title>
      <h1>Inscriptions</h1>
      <form action="/register" method="post">
        <input name="name" placeholder="Nom">
        <button>S’inscrire</button>
      </form>
      <ul>
        ${[...names].map(
          (name) => html`<li>
            <form action="/deregister" method="post">
              ${name}
              <input name="name" type="hidden" value="${name}">
              <button>Désinscrire</button>
            </form>
          </li>`,
        )}
      </ul>`),
  )
  .post("/register", async (c) => {
    const { name } = await c.req.parseBody();
    if (typeof name === "string" && name.trim()) names.add(name.trim());
    return c.redirect("/");
  })
  .post("/deregister", async (c) => {
    const { name } = await c.req.parseBody();
    names.delete(String(name));
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
