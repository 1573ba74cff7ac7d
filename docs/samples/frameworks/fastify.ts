import fastify from "fastify";
import { session } from "vestiaire/fastify";
import { fileStore } from "vestiaire/file";

interface Visitor {
  visits: number;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const app = fastify();
app.register(visits);
app.get("/", async (request) => {
  const session = visits.of(request);
  session.update("visits", (count = 0) => count + 1);
  await session.save();
  return `Visit ${session.data.visits}`;
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
export const { server } = app;
