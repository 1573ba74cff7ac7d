// What the security tests look at the application with: its routes, so that none is forgotten; everything that its
// database holds; every page that can be reached by links; and requests that no client would make.

import { connect } from "node:net";
import { createApp } from "../../src/app.ts";
import type { AuditTable } from "../../src/database/schema.ts";
import type { Application } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";

const SAFE = ["GET", "HEAD", "OPTIONS"];

export interface Route {
  readonly method: string;
  /** A path that leads to the route; each parameter is something that there is not. */
  readonly path: string;
}

/** Every route of the application: those that may change something, or the others. */
export function routesOf({ services }: Application, which: "safe" | "unsafe"): Route[] {
  const own = createApp(services).routes.filter(({ path }) => !path.includes("*"));
  const all = own.map(({ method, path }) => ({
    // What is registered for all methods takes POST as well.
    method: method === "ALL" ? "POST" : method,
    path: path.replaceAll(/:\w+(?:\{[^}]*\})?/g, "00000000-0000-4000-8000-000000000000"),
  }));
  const wanted = all.filter(({ method }) => SAFE.includes(method) === (which === "safe"));
  return [...new Map(wanted.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** Every row of every table, by table; `except` leaves some out. */
export async function contentOf({ services }: Application, except: readonly string[] = []) {
  const { database } = services;
  const tables = (await database.introspection.getTables()).map(({ name }) => name);
  const content: Record<string, string[]> = {};
  for (const table of tables.filter((name) => !except.includes(name)).sort()) {
    const rows = await database
      .selectFrom(table as "people")
      .selectAll()
      .execute();
    content[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return content;
}

/** The audit log, oldest first. */
export async function auditOf({ services }: Application): Promise<AuditTable[]> {
  return await services.database.selectFrom("audit").selectAll().orderBy("at").execute();
}

/** The live sessions, signed in or not. */
export async function sessionsOf({ services }: Application) {
  return (await services.sessions.list({ limit: 1_000 })).sessions;
}

/** What a page links to and asks for on this site, in the order of the page. */
export function linksIn({ body }: Answer): string[] {
  const links = [...body.matchAll(/\s(?:href|src)="(\/[^"]*)"/g)].map(([, href = ""]) => unescaped(href));
  return links.map((href) => href.split("#", 1)[0] ?? "");
}

/** The text of an attribute's value. */
export function unescaped(text: string): string {
  const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? "");
}

/** Gets everything that links lead to from these paths, redirects included. Answers by path. */
export async function crawl(browser: Browser, from: readonly string[]): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const ahead = [...from];
  for (let path = ahead.shift(); path !== undefined; path = ahead.shift()) {
    if (answers.has(path)) continue;
    const answer = await browser.get(path);
    answers.set(path, answer);
    ahead.push(
      ...linksIn(answer),
      ...(answer.headers.location === undefined ? [] : [answer.headers.location]),
    );
  }
  return answers;
}

/** Sends exactly these bytes over a connection of their own, and answers what came back until it was closed. */
export function sendRaw({ url }: Application, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "localhost");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
}
