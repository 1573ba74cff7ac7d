// Registering and taking back. The session says who does it, never the form.

import { Hono } from "hono";
import type { SessionEnv } from "vestiaire/hono";
import { register, sports, takeBack } from "./registrations.ts";

export interface Visitor {
  /** What the next page has to say, once. */
  message: string;
}

export const registrationsRoutes = new Hono<SessionEnv<Visitor>>()
  .post("/register", async (c) => {
    const { session } = c.var;
    if (session.userId === null) return c.redirect("/login");
    const { sport } = await c.req.parseBody();
    if (typeof sport !== "string" || !sports.includes(sport)) {
      return c.text("Ce sport n’existe pas.", 400);
    }
    register(session.userId, sport);
    session.set("message", `Vous êtes inscrit : ${sport}.`);
    return c.redirect("/");
  })
  .post("/deregister", async (c) => {
    const { session } = c.var;
    if (session.userId === null) return c.redirect("/login");
    const { id } = await c.req.parseBody();
    if (!takeBack(String(id), session.userId)) return c.notFound();
    session.set("message", "Votre inscription est retirée.");
    return c.redirect("/");
  });
