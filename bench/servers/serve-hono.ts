// Puts a Hono application on a free port of this machine; or, when the harness wants to know what it costs without a
// network, measures it right here.

import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { measureDirectly } from "../without-network.ts";
import { report } from "./serve.ts";

type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

export function serveHono(app: { readonly fetch: Fetch }): void {
  if (process.env.BENCH_DIRECT === "1") {
    void measureDirectly(app.fetch).then((direct) => process.send?.(direct, () => process.exit()));
    return;
  }
  const server: ServerType = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, "127.0.0.1", () => report(server.address()));
}
