// The adapter contract on the servers that Deno and Bun have of their own. The tests beside the adapters run there too,
// but on those runtimes' `node:http`.

import { testAdapter } from "../../src/testing/adapter-contract.ts";
import { type FetchHandler, type FetchServer, fetchOn, honoOn } from "./serve.ts";

/** What is used here of the two global objects, each of which exists on one of the runtimes. */
interface Runtimes {
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; signal: AbortSignal; onListen(): void },
      handler: FetchHandler,
    ): { readonly addr: { readonly port: number }; readonly finished: Promise<void> };
  };
  readonly Bun?: {
    serve(options: { hostname: string; port: number; fetch: FetchHandler; error(): Response }): {
      readonly port: number;
      stop(closeActiveConnections: boolean): Promise<void>;
    };
  };
}

const { Deno, Bun } = globalThis as Runtimes;

const serve: FetchServer = (handler) => {
  if (Bun) {
    // Bun would tell the running test of what its handlers throw.
    const error = () => new Response("failed", { status: 500 });
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: handler, error });
    return { port: server.port, close: () => server.stop(true) };
  }
  if (!Deno) throw new Error("This file is for Deno and Bun. The other runtimes have tests of their own.");
  const closing = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, signal: closing.signal, onListen() {} };
  const server = Deno.serve(options, handler);
  return {
    port: server.addr.port,
    close() {
      closing.abort();
      return server.finished;
    },
  };
};

testAdapter("fetch, on the runtime's own server", fetchOn(serve), { knowsPeer: false });
testAdapter("hono, on the runtime's own server", honoOn(serve), { knowsPeer: false });
