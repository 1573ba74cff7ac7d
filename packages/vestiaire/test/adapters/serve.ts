// How the scenarios of the adapter contract are mounted in each framework. What the author of an adapter writes is about
// as long as one of these.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { session as nodeSession } from "../../src/adapters/node.ts";
import type { ScenarioResponse, ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";

// Made for these tests alone, good for a hundred years, and trusted by nobody.
const pem = readFileSync(new URL("localhost.pem", import.meta.url));
export const certificate = { key: pem, cert: pem } as const;

/** Waits for a server to listen on a free port; answers as the contract wants it. */
export async function listening(server: Server & { closeAllConnections?(): void }) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close() {
      server.close();
      server.closeAllConnections?.();
    },
  };
}

export function webResponse({ status = 200, headers = [], body = "" }: ScenarioResponse): Response {
  const empty = status === 204 || status === 304;
  return new Response(empty ? null : typeof body === "string" ? body : streamOf(body), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

function streamOf(body: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(body, { objectMode: false })) as ReadableStream<Uint8Array>;
}

/** Fetch has no server of its own: this one takes any fetch function. */
export function fetchServer(handler: (request: Request) => Response | Promise<Response>) {
  return listening(createServer(getRequestListener(handler)));
}

export const serveFetch: ServeScenario = (sessions, scenario) => {
  const withSession = fetchSession<TrialData>(sessions);
  return fetchServer(
    withSession(async (request, session) => {
      const { method, url } = request;
      return webResponse(await scenario(session, { method, path: new URL(url).pathname }));
    }),
  );
};

export const serveHono: ServeScenario = (sessions, scenario) => {
  const app = new Hono().use(honoSession<TrialData>(sessions)).all("*", async (c) => {
    const { method, path } = c.req;
    return webResponse(await scenario(c.var.session, { method, path }));
  });
  return fetchServer(app.fetch);
};

/** A listener for plain `node:http`, and whatever calls its listeners in the same way. */
export function nodeListener(...[sessions, scenario]: Parameters<ServeScenario>): RequestListener {
  const withSession = nodeSession<TrialData>(sessions);
  return withSession(async (request, response, session) => {
    const path = request.url?.split("?", 1)[0] ?? "";
    const answer = await scenario(session, { method: request.method ?? "", path });
    const { status = 200, headers = [], body = "" } = answer;
    response.writeHead(status, headers.flat());
    if (typeof body === "string") response.end(body);
    // A client that goes away is no failure of the handler's.
    else await pipeline(Readable.from(body), response).catch(() => {});
  });
}

export const serveNode: ServeScenario = (sessions, scenario) =>
  listening(createServer(nodeListener(sessions, scenario)));
