// What goes wrong gets a page that says so, in the visitor's language: whether a handler, the framework or the session
// layer refused. A page never shows what happened inside; the log does, under the request's id.

import type { ErrorHandler, NotFoundHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import { ContentionError, SessionTooLargeError, StoreError } from "vestiaire";
import type { Audit } from "../audit/audit.ts";
import { isUnavailable } from "../database/open.ts";
import { translate } from "../i18n/translate.ts";
import { errorPage } from "../pages/error-page.ts";
import { layout } from "../pages/layout.ts";
import { frameOf } from "./page.ts";
import { isSafe } from "./same-origin.ts";
import type { AppContext, AppEnv } from "./visit.ts";

/** Puts a page in place of every bare error. Outermost, so that it sees them all. Scripts, which send JSON, get JSON. */
export const errorPages = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const { status, headers } = c.res;
  if (status < 400 || /^(?:text\/html|application\/json)\b/.test(headers.get("content-type") ?? "")) return;
  c.res = await friendly(c, status);
});

async function friendly(c: AppContext, status: number): Promise<Response> {
  if (c.req.header("content-type")?.startsWith("application/json")) {
    return new Response(JSON.stringify({ error: status }), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  }
  const language = c.var.language ?? "en";
  const t = c.var.t ?? translate(language);
  const { title, content } = errorPage(t, status, c.var.requestId);
  const page = await layout({ ...frameOf(c, []), language, t }, { title }, content);
  return new Response(String(page), { status, headers: { "Content-Type": "text/html; charset=UTF-8" } });
}

/** What Hono answers to an error: its own status where it has one, 503 where the database is away, else 500. */
export function answerTo(log: Logger): ErrorHandler<AppEnv> {
  return (error, c) => {
    if (error instanceof HTTPException && error.status < 500) return error.getResponse();
    // A late form that is to wait in the session, and has no room there.
    if (error instanceof SessionTooLargeError) return c.body(null, 413);
    const unavailable = isUnavailable(error) || isSessionFailure(error);
    log.error(
      { requestId: c.var.requestId, err: error },
      unavailable ? "a store failed" : "a handler failed",
    );
    if (!unavailable) return c.body(null, 500);
    return c.body(null, 503, { "Retry-After": "2" });
  };
}

/** What Hono answers where it has no route. Another method than ours, tried on a registration, is an event. */
export function nothingThere(audit: Audit): NotFoundHandler<AppEnv> {
  return async (c) => {
    const [, id] = /^\/registrations\/([^/]+)/.exec(c.req.path) ?? [];
    if (id !== undefined && !isSafe(c))
      await audit.record(c, {
        action: "access.denied",
        result: "denied",
        target: `registration ${id}`,
        detail: c.req.method,
      });
    return c.body(null, 404);
  };
}

function isSessionFailure(error: unknown): boolean {
  return error instanceof StoreError || error instanceof ContentionError;
}
