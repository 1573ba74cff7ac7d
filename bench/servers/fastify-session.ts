// Fastify with @fastify/session in memory.

import cookie from "@fastify/cookie";
import session from "@fastify/session";
import fastify from "fastify";
import { NOBODY, nextValue, page, report } from "./serve.ts";

declare module "fastify" {
  interface Session {
    name: string;
    seen: number;
  }
}

const app = fastify();
await app.register(cookie);
await app.register(session, {
  secret: "bench".repeat(8),
  cookie: { secure: false },
  saveUninitialized: false,
});
app.get("/", (request, reply) => {
  const { name } = request.session;
  return name ? reply.type("text/html").send(page(name)) : reply.code(401).type("text/plain").send(NOBODY);
});
app.get("/seen", (request, reply) => reply.type("text/plain").send(String(request.session.seen)));
app.post<{ Querystring: { name: string } }>("/login", async (request, reply) => {
  await request.session.regenerate();
  request.session.name = request.query.name;
  return reply.type("text/plain").send("signed in");
});
app.post("/seen", (request, reply) => {
  const value = nextValue();
  request.session.seen = value;
  return reply.type("text/plain").send(String(value));
});

await app.listen({ port: 0, host: "127.0.0.1" });
report(app.server.address());
