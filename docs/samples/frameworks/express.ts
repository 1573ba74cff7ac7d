import express from "express";
import { session } from "vestiaire/express";
import { fileStore } from "vestiaire/file";

interface Visitor {
  visits: number;
}

const visits = session<Visitor>({ store: fileStore("./sessions") });

const app = express();
app.use(visits);
app.get("/", async (request, response) => {
  const session = visits.of(request);
  session.update("visits", (count = 0) => count + 1);
  await session.save();
  response.send(`Visit ${session.data.visits}`);
});

export const server = app.listen(Number(process.env.PORT ?? 3000));
