// Step 7: whoever signs in proves that the name is theirs.

// #region imports
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { isRight, signUp } from "./accounts.ts";
import { credentialsOf } from "./credentials.ts";
import { passwordPage, signUpPage } from "./pages/credentials-page.ts";
import { registrationsPage } from "./pages/registrations-page.ts";
import { signOutLink } from "./pages/sign-out.ts";
import { allRegistrations } from "./registrations.ts";
import { registrationsRoutes, type Visitor } from "./registrations-routes.ts";

// #endregion imports

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
  // #region credentials
  .get("/signup", (c) => c.html(signUpPage()))
  .post("/signup", async (c) => {
    const { name, password } = await credentialsOf(c);
    const problem = await signUp(name, password);
    if (problem !== null) return c.html(signUpPage(problem), 400);
    c.var.session.signIn(name);
    return c.redirect("/");
  })
  .get("/login", (c) => c.html(passwordPage()))
  .post("/login", async (c) => {
    const { name, password } = await credentialsOf(c);
    if (!(await isRight(name, password))) {
      return c.html(passwordPage("Nom ou mot de passe inconnu."), 401);
    }
    c.var.session.signIn(name);
    return c.redirect("/");
  })
  // #endregion credentials
  .get("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
