// Step 8: the same app, with what could still go wrong closed.

// #region imports
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { isRight, signUp } from "./accounts.ts";
import { credentialsOf } from "./credentials.ts";
import { mayTry, wasRight } from "./guesses.ts";
import { passwordPage, signUpPage } from "./pages/credentials-page.ts";
import { registrationsPage } from "./pages/registrations-page.ts";
import { signOutButton } from "./pages/sign-out.ts";
import { allRegistrations } from "./registrations.ts";
import { registrationsRoutes, type Visitor } from "./registrations-routes.ts";
import { sameOrigin } from "./same-origin.ts";

// #endregion imports

// #region guards
const store = fileStore("./sessions");
const proxies = process.env.PROXIES?.split(",") ?? [];
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

const app = new Hono()
  .use(secureHeaders({ contentSecurityPolicy }))
  .use(sameOrigin)
  .use(bodyLimit({ maxSize: 10_000 }))
  .use(session<Visitor>({ store, proxies, idleTimeout: "2h", lifetime: "7d" }))
  // #endregion guards
  // #region index
  .get("/", (c) => {
    const { userId } = c.var.session;
    if (userId === null) return c.redirect("/login");
    const message = c.var.session.take("message");
    const registrations = allRegistrations();
    c.header("Cache-Control", "no-store");
    return c.html(registrationsPage({ userId, registrations, message, signOut: signOutButton }));
  })
  // #endregion index
  .route("/", registrationsRoutes)
  .get("/signup", (c) => c.html(signUpPage()))
  .post("/signup", async (c) => {
    const { name, password } = await credentialsOf(c);
    const problem = await signUp(name, password);
    if (problem !== null) return c.html(signUpPage(problem), 400);
    c.var.session.signIn(name);
    return c.redirect("/");
  })
  .get("/login", (c) => c.html(passwordPage()))
  // #region login
  .post("/login", async (c) => {
    const { name, password } = await credentialsOf(c);
    if (!mayTry(name)) {
      return c.html(passwordPage("Trop d’essais. Réessayez dans un quart d’heure."), 429);
    }
    if (!(await isRight(name, password))) {
      return c.html(passwordPage("Nom ou mot de passe inconnu."), 401);
    }
    wasRight(name);
    c.var.session.signIn(name);
    return c.redirect("/");
  })
  // #endregion login
  // #region logout
  .post("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  });
// #endregion logout

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
