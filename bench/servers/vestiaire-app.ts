// The login application on Vestiaire. The server files beside this one give it their stores.

import { Hono } from "hono";
import { session } from "../../packages/vestiaire/src/adapters/hono.ts";
import type { SessionStore } from "../../packages/vestiaire/src/index.ts";
import { NOBODY, nextValue, page, type Visitor } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

export function serveVestiaire(store: SessionStore): void {
  const app = new Hono()
    .use(session<Visitor>({ store }))
    .get("/", (c) => {
      const { name } = c.var.session.data;
      return name ? c.html(page(name)) : c.text(NOBODY, 401);
    })
    .get("/seen", (c) => c.text(String(c.var.session.data.seen)))
    .post("/login", (c) => {
      const name = c.req.query("name") ?? "";
      c.var.session.signIn(name).set("name", name);
      return c.text("signed in");
    })
    .post("/seen", (c) => {
      const value = nextValue();
      c.var.session.set("seen", value);
      return c.text(String(value));
    });
  serveHono(app);
}
