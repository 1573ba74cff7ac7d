// The trial's application on the real server of Next.js, in this process, so that tests hold its store and its handler.

import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { createServer, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import next from "next";
import type { SessionStore } from "vestiaire";
import { build, root } from "./build.ts";
import { setTrial } from "./trial.ts";

type Answer = (request: Request) => Promise<Response>;

const nothing: Answer = async () => new Response(null, { status: 404 });
const answering = new AsyncLocalStorage<Answer>();

export interface Serving {
  /** A server of the application, whose open route answers like this. */
  listen(answer?: Answer): Promise<{ port: number; close(): void }>;
  close(): Promise<void>;
}

/** Builds and starts the application. `made` is called when it makes a manager. */
export async function serving(store: SessionStore, made: () => void): Promise<Serving> {
  build("test/trial");
  setTrial({ store, made, answer: (request) => (answering.getStore() ?? nothing)(request) });
  const app = next({ dir: `${root}test/trial`, dev: false, quiet: true });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    async listen(answer = nothing) {
      const server = createServer({ ServerResponse: Unvaried }, (request, response) => {
        answering.run(answer, () => void handle(request, response));
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return {
        port: (server.address() as AddressInfo).port,
        close() {
          server.close();
          server.closeAllConnections();
        },
      };
    },
    close: () => app.close(),
  };
}

/** A response without what Next.js itself says in `Vary`, of every response alike. */
class Unvaried extends ServerResponse {
  override setHeader(name: string, value: number | string | readonly string[]): this {
    if (name.toLowerCase() !== "vary") return super.setHeader(name, value);
    const said = [value].flat().filter((part) => !String(part).includes("next-router-state-tree"));
    return said.length === 0 ? this : super.setHeader(name, said.join(", "));
  }
}
