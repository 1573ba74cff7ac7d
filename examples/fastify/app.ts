// The login app on Fastify.

import { type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { session } from "vestiaire/fastify";
import { fileStore } from "vestiaire/file";
import { indexPage } from "../pages/index-page.ts";
import type { Html } from "../pages/layout.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const app = fastify({ bodyLimit: 10_000 });

app.register(visits);

app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, formOf);

app.get("/", (request, reply) => {
  const { name } = visits.of(request).data;
  return name ? show(reply, indexPage(name)) : reply.redirect("/login");
});

app.get("/login", (_request, reply) => show(reply, loginPage()));

app.post<{ Body?: FormData }>("/login", (request, reply) => {
  const name = request.body?.get("name");
  if (typeof name === "string" && name.trim()) {
    visits.of(request).signIn(name.trim()).set("name", name.trim());
  }
  return reply.redirect("/");
});

app.get("/logout", (request, reply) => {
  visits.of(request).signOut();
  return reply.redirect("/");
});

app.setNotFoundHandler(({ url }, reply) => {
  const [path = ""] = url.split("?");
  const allowed = ["GET", "HEAD", "POST"].filter((method) => app.hasRoute({ method, url: path }));
  if (allowed.length === 0) return reply.code(404).send("Not Found");
  return reply.code(405).header("Allow", allowed.join(", ")).send("Method Not Allowed");
});

async function formOf({ headers }: FastifyRequest, body: Buffer<ArrayBuffer>): Promise<FormData> {
  const form = new Response(body, { headers: { "Content-Type": headers["content-type"] ?? "" } });
  return form.formData().catch(() => new FormData());
}

function show(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type("text/html; charset=utf-8").send(String(page));
}

listening(app.server);
await app.listen({ port });
