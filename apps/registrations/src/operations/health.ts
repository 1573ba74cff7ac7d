// What watches the server asks it here, on a port of its own that only this machine reaches: whether the process lives,
// whether it can do its work, and its figures.

import { createServer, type Server } from "node:http";
import type { Metrics } from "./metrics.ts";

/** Something that the server cannot work without: settles when it answers, rejects when it fails. */
export type Check = () => Promise<unknown>;

export interface Health {
  readonly metrics: Metrics;
  /** By the names under which `/readyz` tells them. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly isClosing: () => boolean;
}

/** How long a check may take. Whoever asks wants to know now. */
const PATIENCE = 1_000;

/** The server for `/healthz`, `/readyz` and `/metrics`; it does not listen yet. */
export function createHealthServer({ metrics, checks, isClosing }: Health): Server {
  const pages: Readonly<
    Record<string, () => Promise<readonly [status: number, body: string, type?: string]>>
  > = {
    "/healthz": async () => [200, "alive\n"],
    "/readyz": async () => {
      const problems = isClosing() ? ["shutting down"] : await problemsIn(checks);
      return problems.length === 0 ? [200, "ready\n"] : [503, `${problems.join("\n")}\n`];
    },
    "/metrics": async () => [200, await metrics.registry.metrics(), metrics.registry.contentType],
  };
  return createServer(async ({ method, url = "" }, response) => {
    const page = method === "GET" || method === "HEAD" ? pages[url.split("?", 1)[0] ?? ""] : undefined;
    const [status, body, type = "text/plain; charset=utf-8"] = (await page?.()) ?? [404, "not found\n"];
    response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
  });
}

async function problemsIn(checks: Health["checks"]): Promise<string[]> {
  const problems = Object.entries(checks).map(async ([name, check]) => {
    try {
      await within(PATIENCE, check());
      return [];
    } catch (error) {
      return [`${name}: ${reasonOf(error)}`];
    }
  });
  return (await Promise.all(problems)).flat();
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer within a second")), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Some of Node.js's errors have a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as { code?: unknown }).code ?? error.name);
}
