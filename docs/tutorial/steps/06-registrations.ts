// Step 6: people take back their own registrations, and nobody else's.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { loginPage } from "./pages/login-page.ts";
import { registrationsPage } from "./pages/registrations-page.ts";
import { signOutLink } from "./pages/sign-out.ts";
import { allRegistrations } from "./registrations.ts";
import { registrationsRoutes, type Visitor } from "./registrations-routes.ts";

const app = new Hono()
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => {
    const { userId } = c.var.session;
    if (userId === null) return c.redirect("/login");
    const message = c.var.session.take("message");
    const registrations = allRegistrations();
    return c.html(registrationsPage({ userId, registrations, message, signOut: signOutLink }));
  })
  .route("/", registrationsRoutes)
  .get("/login", (c) => c.html(loginPage()))
  .post("/login", async (c) => {
    const { name } = await c.req.parseBody();
    if (typeof name === "string" && name.trim()) c.var.session.signIn(name.trim());
    return c.redirect("/");
  })
  .get("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
