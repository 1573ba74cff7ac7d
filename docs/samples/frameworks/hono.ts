import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";

interface Visitor {
  visits: number;
}

const app = new Hono().use(session<Visitor>({ store: fileStore("./sessions") })).get("/", async (c) => {
  c.var.session.update("visits", (visits = 0) => visits + 1);
  await c.var.session.save();
  return c.text(`Visit ${c.var.session.data.visits}`);
});

export const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) });
