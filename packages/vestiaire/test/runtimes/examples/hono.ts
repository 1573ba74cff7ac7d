// The same server in Hono. An application is a module with a `fetch` already.

import { Hono } from "hono";
import { memoryStore } from "vestiaire";
import { session } from "vestiaire/hono";

interface Visitor {
  name: string;
}

const app = new Hono()
  .use(session<Visitor>({ store: memoryStore() }))
  .get("/", (c) => c.text(`Hello, ${c.var.session.data.name ?? "stranger"}.\n`))
  .post("/login", async (c) => {
    const { name } = await c.req.parseBody();
    if (typeof name !== "string" || name === "") return c.text("Who is there?\n", 400);
    c.var.session.signIn(name).set("name", name);
    return c.redirect("/", 303);
  })
  .post("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/", 303);
  });

export default app;
