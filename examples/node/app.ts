// The login app on plain node:http.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/node";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const withSession = session<Visitor>({ store: fileStore("./sessions") });

const server = createServer(
  withSession(async (request, response, session) => {
    const path = request.url?.split("?")[0];
    const method = request.method === "HEAD" ? "GET" : request.method;
    const allowed = path === "/login" ? "GET, HEAD, POST" : "GET, HEAD";

    if (path !== "/" && path !== "/login" && path !== "/logout") {
      response.writeHead(404).end("Not Found");
    } else if (!allowed.includes(method ?? "")) {
      response.writeHead(405, { Allow: allowed }).end("Method Not Allowed");
    } else if (path === "/") {
      const { name } = session.data;
      if (name) show(response, indexPage(name));
      else redirect(response, "/login");
    } else if (path === "/logout") {
      session.signOut();
      redirect(response, "/");
    } else if (method === "GET") {
      show(response, loginPage());
    } else if (!(Number(request.headers["content-length"]) <= 10_000)) {
      response.writeHead(413).end("Payload Too Large");
    } else {
      const name = (await formOf(request)).get("name");
      if (typeof name === "string" && name.trim()) session.signIn(name.trim()).set("name", name.trim());
      redirect(response, "/");
    }
  }),
);

async function formOf(request: IncomingMessage): Promise<FormData> {
  const headers = { "Content-Type": request.headers["content-type"] ?? "" };
  const body = new Response(Readable.toWeb(request) as ReadableStream, { headers });
  return body.formData().catch(() => new FormData());
}

function show(response: ServerResponse, page: { toString(): string }): void {
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(String(page));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { Location: location }).end();
}

listening(server.listen(port));
