// The guard against requests that other sites make with a visitor's cookies. Browsers say themselves where a request
// comes from (W3C Fetch Metadata), so no token has to be hidden in every form.

import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Audit } from "../audit/audit.ts";
import type { AppContext, AppEnv } from "./visit.ts";

/** Whether the request's method promises to change nothing (RFC 9110, 9.2.1). */
export function isSafe(c: AppContext): boolean {
  return ["GET", "HEAD", "OPTIONS"].includes(c.req.method);
}

/**
 * Lets unsafe requests through only from pages of this origin: by `Sec-Fetch-Site`, or by `Origin` where the browser
 * does not send that. With neither: 403. Hono's own guard looks at form content types only, and takes either header.
 */
export function sameOriginOnly(audit: Audit) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!isSafe(c)) {
      const site = c.req.header("sec-fetch-site");
      const own = site === undefined ? c.req.header("origin") === c.var.origin : site === "same-origin";
      if (!own) {
        // The route, not the address: that of a one-time link holds its secret.
        await audit.record(c, { action: "request.cross-site", result: "denied", target: routePath(c, -1) });
        throw new HTTPException(403);
      }
    }
    await next();
  });
}
