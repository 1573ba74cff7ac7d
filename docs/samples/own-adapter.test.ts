import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { session } from "vestiaire/node";
import { testAdapter } from "vestiaire/testing";

testAdapter("my framework", async (sessions, scenario) => {
  const server = createServer(
    session(sessions)(async (request, response, session) => {
      const path = request.url?.split("?", 1)[0] ?? "";
      const answer = await scenario(session, { method: request.method ?? "", path });
      const { status = 200, headers = [], body = "" } = answer;
      response.writeHead(status, headers.flat());
      if (typeof body === "string") response.end(body);
      else await pipeline(Readable.from(body), response).catch(() => {});
    }),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
});
