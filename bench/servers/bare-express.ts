// Express without sessions.

import express from "express";
import { nextValue, page, report } from "./serve.ts";

const app = express();
app.get("/", (_request, response) => {
  response.type("html").send(page("visitor 0"));
});
app.post("/seen", (_request, response) => {
  response.type("text").send(String(nextValue()));
});

const server = app.listen(0, "127.0.0.1", () => report(server.address()));
