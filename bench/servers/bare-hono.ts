// Hono without sessions: what the others add is counted from here.

import { Hono } from "hono";
import { nextValue, page } from "./serve.ts";
import { serveHono } from "./serve-hono.ts";

const app = new Hono()
  .get("/", (c) => c.html(page("visitor 0")))
  .post("/seen", (c) => c.text(String(nextValue())));

serveHono(app);
