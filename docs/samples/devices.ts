// A list of devices, and the way out of all the others.

// #region app
import { Hono } from "hono";
import { createSessions } from "vestiaire";
import { session } from "vestiaire/hono";
import { sqliteStore } from "vestiaire/sqlite";

interface Visitor {
  device: string;
}

export const sessions = createSessions<Visitor>({ store: sqliteStore("./sessions.db") });

export const app = new Hono()
  .use(session(sessions))
  .post("/sign-in/:user", (c) => {
    c.var.session.signIn(c.req.param("user")).set("device", c.req.header("User-Agent") ?? "unknown");
    return c.redirect("/devices");
  })
  .get("/devices", async (c) => {
    const { userId, id: own } = c.var.session;
    if (userId === null) return c.text("Please sign in", 401);
    const devices = await sessions.ofUser(userId);
    return c.json(devices.map(({ id, data, lastSeenAt }) => ({ id, own: id === own, ...data, lastSeenAt })));
  })
  .post("/devices/end-others", async (c) => {
    const { userId } = c.var.session;
    if (userId === null) return c.text("Please sign in", 401);
    const ended = await sessions.endAllOf(userId, { except: c.var.session });
    return c.text(`${ended.length} ended`);
  });
// #endregion app
