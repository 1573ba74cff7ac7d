// The login application on Express with express-session. The server files beside this one give it their stores.

import express from "express";
import session, { type Store } from "express-session";
import { NOBODY, nextValue, page, report } from "./serve.ts";

declare module "express-session" {
  interface SessionData {
    name: string;
    seen: number;
  }
}

/** Without a store: express-session's own, in memory. */
export function serveExpressSession(store?: Store): void {
  const app = express();
  // As its documentation advises; its defaults (both true) write on every read.
  app.use(
    session({ secret: "bench".repeat(8), resave: false, saveUninitialized: false, ...(store && { store }) }),
  );
  app.get("/", (request, response) => {
    const { name } = request.session;
    if (name) response.type("html").send(page(name));
    else response.status(401).type("text").send(NOBODY);
  });
  app.get("/seen", (request, response) => {
    response.type("text").send(String(request.session.seen));
  });
  app.post("/login", (request, response, next) => {
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.name = String(request.query.name);
      response.type("text").send("signed in");
    });
  });
  app.post("/seen", (request, response) => {
    const value = nextValue();
    request.session.seen = value;
    response.type("text").send(String(value));
  });
  const server = app.listen(0, "127.0.0.1", () => report(server.address()));
}
