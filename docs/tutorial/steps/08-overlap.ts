// Step 8, on the side: requests of one visitor that overlap. They wait
// at a gate until somebody opens it.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";

interface Visitor {
  clicks: number;
  colour: string;
  size: string;
}

let gate = Promise.withResolvers<void>();
let waiting = 0;
function throughTheGate(): Promise<void> {
  waiting++;
  return gate.promise;
}

const app = new Hono()
  .get("/waiting", (c) => c.text(String(waiting)))
  .post("/open", (c) => {
    gate.resolve();
    gate = Promise.withResolvers();
    waiting = 0;
    return c.text("La porte est ouverte.\n");
  })
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", (c) => c.json({ userId: c.var.session.userId, ...c.var.session.data }))
  .post("/login", (c) => {
    c.var.session.signIn("Alice");
    return c.redirect("/");
  })
  .post("/logout", (c) => {
    c.var.session.signOut();
    return c.redirect("/");
  })
  .post("/colour", async (c) => {
    await throughTheGate();
    c.var.session.set("colour", "rouge");
    return c.redirect("/");
  })
  .post("/size", async (c) => {
    await throughTheGate();
    c.var.session.set("size", "M");
    return c.redirect("/");
  })
  .post("/click-lost", async (c) => {
    await throughTheGate();
    c.var.session.set("clicks", (c.var.session.data.clicks ?? 0) + 1);
    return c.redirect("/");
  })
  .post("/click-counted", async (c) => {
    await throughTheGate();
    c.var.session.update("clicks", (clicks = 0) => clicks + 1);
    return c.redirect("/");
  });

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
