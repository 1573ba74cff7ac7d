// The servers of the adapter tests, inside workerd: it listens before the worker starts, on as many sockets as a case
// ever needs at once, and each request goes to whatever handler its socket was given last.

import { type FetchHandler, fetchOn, honoOn } from "../serve.ts";

const handlers = new Map<number, FetchHandler>();
let ports: readonly number[] = [];

/** Told by whoever started workerd. */
export function listenOn(given: readonly number[]): void {
  ports = given;
}

/** Answers a request that came in on the socket of this place. */
export function answer(place: number, request: Request): Response | Promise<Response> {
  return handlers.get(place)?.(request) ?? new Response("no handler\n", { status: 500 });
}

export function fetchServer(handler: FetchHandler) {
  const place = ports.findIndex((_port, index) => !handlers.has(index));
  const port = ports[place];
  if (port === undefined) throw new Error("the case needs more servers than workerd has sockets");
  handlers.set(place, handler);
  return { port, close: () => handlers.delete(place) };
}

export const serveFetch = fetchOn(fetchServer);
export const serveHono = honoOn(fetchServer);
