// The first page's program: a visitor's name and cart.

// #region program
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";

interface Visitor {
  name: string;
  cart: string[];
}

const app = new Hono()
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => {
    const { name = "stranger", cart = [] } = c.var.session.data;
    return c.text(`Hello, ${name}. In your cart: ${cart.join(", ") || "nothing"}.`);
  })
  .post("/cart/:item", (c) => {
    const item = c.req.param("item");
    c.var.session.update("cart", (cart = []) => [...cart, item]);
    return c.redirect("/");
  })
  .post("/sign-in/:name", (c) => {
    const name = c.req.param("name");
    c.var.session.signIn(name).set("name", name);
    return c.redirect("/");
  })
  .post("/sign-out", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });

export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
// #endregion program
