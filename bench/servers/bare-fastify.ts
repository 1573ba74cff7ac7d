// Fastify without sessions.

import fastify from "fastify";
import { nextValue, page, report } from "./serve.ts";

const app = fastify();
app.get("/", (_request, reply) => reply.type("text/html").send(page("visitor 0")));
app.post("/seen", (_request, reply) => reply.type("text/plain").send(String(nextValue())));

await app.listen({ port: 0, host: "127.0.0.1" });
report(app.server.address());
