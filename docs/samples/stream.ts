// #region stream
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { createSessions, memoryStore } from "vestiaire";
import { session } from "vestiaire/hono";

export const sessions = createSessions<{ name: string }>({ store: memoryStore() });

export const app = new Hono()
  .use(session(sessions))
  .post("/sign-in/:name", (c) => {
    const name = c.req.param("name");
    c.var.session.signIn(name).set("name", name);
    return c.text("signed in");
  })
  .get("/news", (c) => {
    const { signal, userId } = c.var.session;
    if (userId === null) return c.text("Please sign in", 401);
    return streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: `Welcome, ${userId}` });
      await new Promise((over) => {
        signal.addEventListener("abort", over);
        stream.onAbort(() => over(undefined));
      });
      if (!stream.aborted) await stream.writeSSE({ event: "signed-out", data: "" });
    });
  });
// #endregion stream
