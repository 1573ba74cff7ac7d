// Step 3: the pages, and nobody behind them yet.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { indexPage } from "./pages/index-page.ts";
import { loginPage } from "./pages/login-page.ts";

const app = new Hono()
  .get("/", (c) => c.html(indexPage(undefined)))
  .get("/login", (c) => c.html(loginPage()));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 5000) }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);
