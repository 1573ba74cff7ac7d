// How the scenarios of the adapter contract are mounted in Koa.

import { createServer } from "node:http";
import { Readable } from "node:stream";
import Koa, { type Middleware } from "koa";
import { type SessionState, session } from "../../src/adapters/koa.ts";
import type { ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";
import { listening } from "./serve.ts";

/** The listener. `before` and `after` stand around the session middleware. */
export function koaListener(
  [sessions, scenario]: Parameters<ServeScenario>,
  { before = [], after = [] }: { before?: readonly Middleware[]; after?: readonly Middleware[] } = {},
): ReturnType<Koa["callback"]> {
  const app = new Koa<SessionState<TrialData>>();
  for (const middleware of [...before, session<TrialData>(sessions), ...after]) app.use(middleware);
  app.use(async (ctx) => {
    const { method, path } = ctx;
    const { status = 200, headers = [], body = "" } = await scenario(ctx.state.session, { method, path });
    ctx.status = status;
    // Otherwise a stream would be of a type that is not compressed.
    ctx.type = "text";
    for (const [name, value] of headers) {
      if (/^content-type$/i.test(name)) ctx.set(name, value);
      else ctx.append(name, value);
    }
    ctx.body = typeof body === "string" ? body : Readable.from(body);
  });
  return app.callback();
}

export const serveKoa: ServeScenario = (...of) => listening(createServer(koaListener(of)));
