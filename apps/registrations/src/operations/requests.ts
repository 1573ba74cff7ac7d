// One line in the log for every request, under an id that its error page shows too. It names the route, not the address:
// addresses can carry what nobody should read, such as the secret of a one-time link.

import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type { Services } from "../services.ts";
import { trustIn } from "../web/origin.ts";
import type { AppEnv } from "../web/visit.ts";

/** Sets `requestId`, and logs and counts the request when its answer is ready. */
export function logRequests({ log, metrics, settings }: Services) {
  const trusts = trustIn(settings.TRUSTED_PROXIES);
  return createMiddleware<AppEnv & { Bindings: HttpBindings }>(async (c, next) => {
    const { remoteAddress = "" } = c.env.incoming.socket;
    const given = c.req.header("x-request-id") ?? "";
    const requestId = trusts(remoteAddress) && isId(given) ? given : randomUUID();
    c.set("requestId", requestId);
    const start = performance.now();
    await next();
    const { method } = c.req;
    const { status } = c.res;
    // The last that matched is the handler; where there was none, the middleware of that part of the site.
    const route = routePath(c, -1);
    const milliseconds = performance.now() - start;
    metrics.requests.inc({ method, route, status });
    metrics.requestSeconds.observe({ method, route }, milliseconds / 1_000);
    const rounded = Math.round(milliseconds * 10) / 10;
    log.info({ requestId, method, route, status, milliseconds: rounded, address: c.var.address }, "request");
  });
}

/** What proxies make: nothing that could be mistaken for anything else in a log or on a page. */
function isId(text: string): boolean {
  return /^[\w-]{8,64}$/.test(text);
}
