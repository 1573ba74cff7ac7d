// The login app on Hono.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const app = new Hono();
app.use(methodNotAllowed({ app }));

app
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => {
    const { name } = c.var.session.data;
    return name ? c.html(indexPage(name)) : c.redirect("/login");
  })
  .get("/login", (c) => c.html(loginPage()))
  .post("/login", bodyLimit({ maxSize: 10_000 }), async (c) => {
    const { name } = await c.req.parseBody().catch(() => ({ name: "" }));
    if (typeof name === "string" && name.trim()) c.var.session.signIn(name.trim()).set("name", name.trim());
    return c.redirect("/");
  })
  .get("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });

listening(serve({ fetch: app.fetch, port }));
