// The login app on Express.

import express, { type Request, type RequestHandler } from "express";
import { session } from "vestiaire/express";
import { fileStore } from "vestiaire/file";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const app = express();
app.use(visits);

app
  .route("/")
  .get((request, response) => {
    const { name } = visits.of(request).data;
    if (name) response.send(String(indexPage(name)));
    else response.redirect("/login");
  })
  .all(onlyAllow("GET, HEAD"));

app
  .route("/login")
  .get((_request, response) => response.send(String(loginPage())))
  .post(express.raw({ type: () => true, limit: 10_000 }), async (request, response) => {
    const name = (await formOf(request)).get("name");
    if (typeof name === "string" && name.trim())
      visits.of(request).signIn(name.trim()).set("name", name.trim());
    response.redirect("/");
  })
  .all(onlyAllow("GET, HEAD, POST"));

app
  .route("/logout")
  .get((request, response) => {
    visits.of(request).signOut();
    response.redirect("/");
  })
  .all(onlyAllow("GET, HEAD"));

/** Also of a multipart form, which `express.urlencoded` does not read. */
async function formOf({ body, headers }: Request): Promise<FormData> {
  const form = new Response(body, { headers: { "Content-Type": headers["content-type"] ?? "" } });
  return form.formData().catch(() => new FormData());
}

function onlyAllow(methods: string): RequestHandler {
  return (_request, response) => void response.set("Allow", methods).sendStatus(405);
}

listening(app.listen(port));
