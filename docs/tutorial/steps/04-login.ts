// Step 4: the login app. A name, a session in a file, and the way out.

// #region imports
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { indexPage } from "./pages/index-page.ts";
import { loginPage } from "./pages/login-page.ts";

interface Visitor {
  name: string;
}
// #endregion imports

// #region index
const app = new Hono()
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => {
    const { name } = c.var.session.data;
    return name ? c.html(indexPage(name)) : c.redirect("/login");
  })
  // #endregion index
  // #region login
  .get("/login", (c) => c.html(loginPage()))
  .post("/login", async (c) => {
    const { name } = await c.req.parseBody();
    if (typeof name === "string" && name.trim()) {
      c.var.session.signIn(name.trim()).set("name", name.trim());
    }
    return c.redirect("/");
  })
  // #endregion login
  // #region logout
  .get("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
// #endregion logout
