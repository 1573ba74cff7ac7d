// The login app on Elysia.

import type { Server } from "node:http";
import { node } from "@elysiajs/node";
import { Elysia } from "elysia";
import { session } from "vestiaire/elysia";
import { fileStore } from "vestiaire/file";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const html = (page: { toString(): string }) =>
  new Response(String(page), { headers: { "Content-Type": "text/html; charset=utf-8" } });
const redirect = (location: string) => new Response(null, { status: 302, headers: { Location: location } });
const notAllowed = (allow: string) => () =>
  new Response("Method Not Allowed", { status: 405, headers: { Allow: allow } });

new Elysia({ adapter: node() })
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .get("/", ({ session }) => {
    const { name } = session.data;
    return name ? html(indexPage(name)) : redirect("/login");
  })
  .get("/login", () => html(loginPage()))
  .post(
    "/login",
    async ({ headers, request, session, status }) => {
      if (!(Number(headers["content-length"]) <= 10_000)) return status(413);
      const name = (await request.formData().catch(() => new FormData())).get("name");
      if (typeof name === "string" && name.trim()) session.signIn(name.trim()).set("name", name.trim());
      return redirect("/");
    },
    { parse: "none" },
  )
  .get("/logout", ({ session }) => {
    session.signOut();
    return redirect("/");
  })
  .all("/", notAllowed("GET, HEAD"))
  .all("/login", notAllowed("GET, HEAD, POST"))
  .all("/logout", notAllowed("GET, HEAD"))
  .listen(port, (server) => {
    // The Node adapter's server, for which Elysia has no type.
    const { raw } = server as unknown as { raw: { node: { server: Server } } };
    listening(raw.node.server);
  });
