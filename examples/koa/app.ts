// The login app on Koa.

import { Readable } from "node:stream";
import Router from "@koa/router";
import Koa, { type Request } from "koa";
import { fileStore } from "vestiaire/file";
import { type SessionState, session } from "vestiaire/koa";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const router = new Router<SessionState<Visitor>>()
  .get("/", (ctx) => {
    const { name } = ctx.state.session.data;
    if (name) ctx.body = String(indexPage(name));
    else ctx.redirect("/login");
  })
  .get("/login", (ctx) => {
    ctx.body = String(loginPage());
  })
  .post("/login", async (ctx) => {
    if (!(ctx.request.length <= 10_000)) ctx.throw(413);
    const name = (await formOf(ctx.request)).get("name");
    if (typeof name === "string" && name.trim())
      ctx.state.session.signIn(name.trim()).set("name", name.trim());
    ctx.redirect("/");
  })
  .get("/logout", (ctx) => {
    ctx.state.session.signOut();
    ctx.redirect("/");
  });

/** Also of a multipart form, which `@koa/bodyparser` does not read. */
async function formOf({ req, headers }: Request): Promise<FormData> {
  const form = new Response(Readable.toWeb(req) as ReadableStream, {
    headers: { "Content-Type": headers["content-type"] ?? "" },
  });
  return form.formData().catch(() => new FormData());
}

const app = new Koa()
  .use(session<Visitor>({ store: fileStore("./sessions") }))
  .use(router.routes())
  .use(router.allowedMethods());

listening(app.listen(port));
