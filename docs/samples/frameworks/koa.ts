import Koa from "koa";
import { fileStore } from "vestiaire/file";
import { type SessionState, session } from "vestiaire/koa";

interface Visitor {
  visits: number;
}

const app = new Koa<SessionState<Visitor>>();
app.use(session<Visitor>({ store: fileStore("./sessions") }));
app.use(async (ctx) => {
  const { session } = ctx.state;
  session.update("visits", (visits = 0) => visits + 1);
  await session.save();
  ctx.body = `Visit ${session.data.visits}`;
});

export const server = app.listen(process.env.PORT ?? 3000);
