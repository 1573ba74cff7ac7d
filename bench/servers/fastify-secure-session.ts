// Fastify with @fastify/secure-session, which keeps the whole session in an encrypted cookie.

import secureSession from "@fastify/secure-session";
import fastify from "fastify";
import { NOBODY, nextValue, page, report } from "./serve.ts";

declare module "@fastify/secure-session" {
  interface SessionData {
    name: string;
    seen: number;
  }
}

const app = fastify();
await app.register(secureSession, { key: Buffer.alloc(32, 1), cookie: { path: "/" } });
app.get("/", (request, reply) => {
  const name = request.session.get("name");
  return name ? reply.type("text/html").send(page(name)) : reply.code(401).type("text/plain").send(NOBODY);
});
app.get("/seen", (request, reply) => reply.type("text/plain").send(String(request.session.get("seen"))));
app.post<{ Querystring: { name: string } }>("/login", (request, reply) => {
  request.session.regenerate();
  request.session.set("name", request.query.name);
  return reply.type("text/plain").send("signed in");
});
app.post("/seen", (request, reply) => {
  const value = nextValue();
  request.session.set("seen", value);
  return reply.type("text/plain").send(String(value));
});

await app.listen({ port: 0, host: "127.0.0.1" });
report(app.server.address());
