// How the scenarios of the adapter contract are mounted in Express.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type RequestHandler, type Response } from "express";
import { session } from "../../src/adapters/express.ts";
import type { ScenarioResponse, ServeScenario, TrialData } from "../../src/testing/adapter-contract.ts";
import { listening } from "./serve.ts";

export const express5 = express;
/** It has no types of its own here, and needs none other for what is used of it. */
const express4: typeof express = createRequire(import.meta.url)("express4");

export const VERSIONS = [
  ["Express 5", express5],
  ["Express 4", express4],
] as const;

/** Serves with this version. `before` and `after` stand around the session middleware. */
export function serveExpress(
  version: typeof express,
  { before = [], after = [] }: { before?: RequestHandler[]; after?: RequestHandler[] } = {},
): ServeScenario {
  return (sessions, scenario) => {
    const visits = session<TrialData>(sessions);
    const serve: RequestHandler = async (request, response) => {
      const { method, path } = request;
      await send(response, await scenario(visits.of(request), { method, path }));
    };
    const app = version();
    app.use(...before, visits, ...after);
    if (version === express5) app.use(serve);
    // What handlers reject with, the older version leaves to whoever wrote them.
    else
      app.use((request, response, next) => void Promise.resolve(serve(request, response, next)).catch(next));
    return listening(createServer(app));
  };
}

async function send(response: Response, { status = 200, headers = [], body = "" }: ScenarioResponse) {
  response.status(status);
  // Not Express's own, which add a charset to them.
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (!response.hasHeader("Content-Type")) response.type("text");
  if (typeof body === "string") return void response.send(Buffer.from(body));
  // A client that goes away is no failure of the handler's.
  await pipeline(Readable.from(flushing(response, body)), response).catch(() => {});
}

/** Behind compression, a piece leaves when the response is told to let it go. */
async function* flushing(
  response: Response & { flush?(): void },
  pieces: AsyncIterable<string>,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    yield piece;
    response.flush?.();
  }
}
