// The login app on h3.

import type { Server } from "node:http";
import { assertMethod, H3, HTTPError, html, raw, redirect, serve } from "h3";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/h3";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const app = new H3()
  .use("/", (event) => assertMethod(event, "GET", true))
  .use("/login", (event) => assertMethod(event, ["GET", "POST"], true))
  .use("/logout", (event) => assertMethod(event, "GET", true))
  .use(visits)
  .get("/", (event) => {
    const { name } = visits.of(event).data;
    return name ? html(raw(String(indexPage(name)))) : redirect("/login");
  })
  .get("/login", () => html(raw(String(loginPage()))))
  .post("/login", async (event) => {
    if (!(Number(event.req.headers.get("content-length") ?? NaN) <= 10_000))
      throw new HTTPError({ status: 413 });
    const name = (await event.req.formData().catch(() => new FormData())).get("name");
    if (typeof name === "string" && name.trim())
      visits.of(event).signIn(name.trim()).set("name", name.trim());
    return redirect("/");
  })
  .get("/logout", (event) => {
    visits.of(event).signOut();
    return redirect("/");
  });

listening(serve(app, { port, silent: true }).node?.server as Server);
