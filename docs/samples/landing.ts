import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";

interface Visitor {
  name: string;
  cart: string[];
}

export const app = new Hono()
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => {
    const { name = "stranger", cart = [] } = c.var.session.data;
    return c.text(`${name}: ${cart.join(", ") || "nothing yet"}`);
  })
  .post("/cart/:item", (c) => {
    c.var.session.update("cart", (cart = []) => [...cart, c.req.param("item")]);
    return c.redirect("/");
  })
  .post("/sign-in/:name", (c) => {
    const name = c.req.param("name");
    c.var.session.signIn(name).set("name", name);
    return c.redirect("/");
  });
