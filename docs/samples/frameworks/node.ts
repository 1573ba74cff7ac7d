import { createServer } from "node:http";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/node";

interface Visitor {
  visits: number;
}

const withSession = session<Visitor>({ store: fileStore("./sessions") });

export const server = createServer(
  withSession(async (_request, response, session) => {
    session.update("visits", (visits = 0) => visits + 1);
    await session.save();
    response.end(`Visit ${session.data.visits}`);
  }),
).listen(process.env.PORT ?? 3000);
