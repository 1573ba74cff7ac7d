// The application as a test meets it: a real server on a free port, with a clock that the test sets, a log that it can
// read, and everything it stores in a folder that goes with the test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import pino from "pino";
import { type ManualClock, manualClock } from "vestiaire/testing";
import { type RunningServer, start } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { Browser } from "./browser.ts";

/** A server under test. */
export interface Application extends RunningServer {
  readonly clock: ManualClock;
  /** What was logged, a line of JSON each. */
  readonly logged: readonly string[];
  /** A browser that has not been here before. */
  browser(headers?: Readonly<Record<string, string>>): Browser;
}

/** Starts the application for a test, with these environment variables beside a test's own defaults. */
export async function startApplication(
  t: Pick<TestContext, "after">,
  environment: Readonly<Record<string, string>> = {},
): Promise<Application> {
  const folder = mkdtempSync(join(tmpdir(), "registrations-"));
  const clock = manualClock(Date.now());
  const logged: string[] = [];
  const log = pino({ level: "info" }, { write: (line) => void logged.push(line) });
  const settings = readSettings({
    PORT: "0",
    METRICS_PORT: "0",
    DATABASE_URL: `sqlite:${join(folder, "registrations.db")}`,
    SESSION_STORE: `file:${join(folder, "sessions")}`,
    // Cheap on purpose: what is tested is who gets in, not how long a guess takes.
    PASSWORD_MEMORY: "64",
    PASSWORD_PASSES: "1",
    SIGN_UPS_PER_HOUR: "1000",
    ...environment,
  });
  const server = await start(settings, { clock, log });
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...server, clock, logged, browser: (headers) => new Browser(server.url, headers) };
}

/** A password that the policy takes. */
export const PASSWORD = "seven quiet tickets on a hook";

/** A browser in which somebody has just signed up. */
export async function signedUp(
  application: Application,
  name: string,
  password = PASSWORD,
): Promise<Browser> {
  const browser = application.browser();
  const { status, headers } = await browser.post("/sign-up", { name, password });
  if (status !== 303) throw new Error(`The sign-up of ${name} answered ${status}.`);
  await browser.get(headers.location ?? "/");
  return browser;
}

/** The person of this name, made an administrator behind the application's back. */
export async function promote({ services }: Application, name: string): Promise<void> {
  await services.database.updateTable("people").set({ administrator: 1 }).where("name", "=", name).execute();
}
