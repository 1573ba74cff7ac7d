import { memoryStore } from "vestiaire";
import { session } from "vestiaire/fetch";

interface Visitor {
  visits: number;
}

const withSession = session<Visitor>({ store: memoryStore() });

export default {
  fetch: withSession(async (_request, session) => {
    session.update("visits", (visits = 0) => visits + 1);
    await session.save();
    return new Response(`Visit ${session.data.visits}`);
  }),
};
