// The login app on React Router, with its routes as objects.

import { serve } from "@hono/node-server";
import { createStaticHandler, isRouteErrorResponse, type MiddlewareFunction, redirect } from "react-router";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/react-router";
import { indexPage } from "../pages/index-page.ts";
import { loginPage } from "../pages/login-page.ts";
import { listening, port } from "../server.ts";

interface Visitor {
  name: string;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const { queryRoute } = createStaticHandler([
  {
    path: "/",
    middleware: [allow("GET, HEAD"), visits],
    loader({ context }) {
      const { name } = visits.of(context).data;
      return name ? html(indexPage(name)) : redirect("/login");
    },
  },
  {
    path: "/login",
    middleware: [allow("GET, HEAD, POST"), visits],
    loader: () => html(loginPage()),
    async action({ request, context }) {
      if (!(Number(request.headers.get("Content-Length") ?? NaN) <= 10_000))
        return new Response("Payload Too Large", { status: 413 });
      const name = (await request.formData().catch(() => new FormData())).get("name");
      if (typeof name === "string" && name.trim())
        visits.of(context).signIn(name.trim()).set("name", name.trim());
      return redirect("/");
    },
  },
  {
    path: "/logout",
    middleware: [allow("GET, HEAD"), visits],
    loader({ context }) {
      visits.of(context).signOut();
      return redirect("/");
    },
  },
]);

function allow(methods: string): MiddlewareFunction {
  const refusal = { status: 405, headers: { Allow: methods } };
  return ({ request }, next) =>
    methods.split(", ").includes(request.method) ? next() : new Response("Method Not Allowed", refusal);
}

function html(page: { toString(): string }): Response {
  return new Response(String(page), { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

async function fetch(request: Request): Promise<Response> {
  try {
    return await queryRoute(request, { generateMiddlewareResponse: (query) => query(request) });
  } catch (error) {
    if (isRouteErrorResponse(error)) return new Response(error.statusText, { status: error.status });
    throw error;
  }
}

listening(serve({ fetch, port }));
