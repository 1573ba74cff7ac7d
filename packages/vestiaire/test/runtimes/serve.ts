// The scenarios of the adapter contract on a runtime's own server, whichever takes a fetch function.

import { Hono } from "hono";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import type { ScenarioResponse, ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";

export type FetchHandler = (request: Request) => Response | Promise<Response>;
export type FetchServer = (handler: FetchHandler) => ReturnType<ServeScenario>;

export function webResponse({ status = 200, headers = [], body = "" }: ScenarioResponse): Response {
  const empty = status === 204 || status === 304;
  return new Response(empty ? null : typeof body === "string" ? body : streamOf(body), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

function streamOf(body: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}

export const fetchOn =
  (serve: FetchServer): ServeScenario =>
  (sessions, scenario) => {
    const withSession = fetchSession<TrialData>(sessions);
    return serve(
      withSession(async (request, session) => {
        const { method, url } = request;
        return webResponse(await scenario(session, { method, path: new URL(url).pathname }));
      }),
    );
  };

export const honoOn =
  (serve: FetchServer): ServeScenario =>
  (sessions, scenario) => {
    const app = new Hono().use(honoSession<TrialData>(sessions)).all("*", async (c) => {
      const { method, path } = c.req;
      return webResponse(await scenario(c.var.session, { method, path }));
    });
    return serve(app.fetch);
  };
