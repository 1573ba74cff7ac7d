// What cannot be read as a request never gets to the application: Node.js and its adapter answer it themselves, with
// neither a page nor a header. Here they are given pages for that. Nobody's language is known yet, so each is in both.

import { type Server, STATUS_CODES } from "node:http";
import { RequestError } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import { pageInEveryLanguage } from "../pages/error-page.ts";
import type { Settings } from "../settings.ts";
import { protectiveHeaders, uncached } from "../web/headers.ts";
import type { Connections } from "./connections.ts";

const MALFORMED = 400;

/** What Node.js's errors mean; every other one is {@link MALFORMED}. */
const MEANINGS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The pages of a server. */
export interface BadRequests {
  /** For the adapter: answers a request that is none. */
  readonly errorHandler: (error: unknown) => Promise<Response>;
  /** Has the server answer with pages what it cannot read. */
  watch(server: Server, connections: Connections, log: Logger): void;
}

export async function badRequests(settings: Settings): Promise<BadRequests> {
  const site = { name: settings.SITE_NAME, contact: settings.CONTACT };
  const app = new Hono()
    .use(protectiveHeaders(settings))
    .use(uncached)
    .get("/:status{\\d+}", async (c) => {
      const page = String(await pageInEveryLanguage(Number(c.req.param("status")), site));
      return c.newResponse(page, { headers: { "Content-Type": "text/html; charset=UTF-8" } });
    });
  const answers = new Map<number, Buffer>();
  for (const status of [MALFORMED, ...Object.values(MEANINGS)])
    answers.set(status, await written(status, await app.request(`/${status}`)));
  return {
    async errorHandler(error) {
      if (!(error instanceof RequestError)) return new Response(null, { status: 500 });
      const { headers, body } = await app.request(`/${MALFORMED}`);
      return new Response(body, { status: MALFORMED, headers });
    },
    watch(server, connections, log) {
      // 100-continue apart, which Node.js does itself, nothing has to be refused for what it expects (RFC 9110, 10.1.1).
      server.on("checkExpectation", (request, response) => server.emit("request", request, response));
      server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
        const status = MEANINGS[error.code ?? ""] ?? MALFORMED;
        const answer = answers.get(status);
        if (!socket.writable || connections.hasBegunToAnswer(socket)) {
          socket.destroy(error);
          return;
        }
        log.info({ status, code: error.code }, "a request could not be read");
        socket.end(answer, () => socket.destroy());
      });
    },
  };
}

/** An answer as it goes over the wire, and the last one there. */
async function written(status: number, { headers, body }: Response): Promise<Buffer> {
  const content = Buffer.from(await new Response(body).arrayBuffer());
  const fields = [...headers, ["Connection", "close"], ["Content-Length", content.length]];
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...fields.map((field) => field.join(": "))];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), content]);
}
