// Puts the application together from its settings and serves it. Everything that has to be closed is closed here, in the
// opposite order.

import { createServer, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { sql } from "kysely";
import type { Logger } from "pino";
import { type Clock, createSessions, type Sessions, systemClock } from "vestiaire";
import { openStore } from "vestiaire/open";
import { Passwords } from "./accounts/passwords.ts";
import { Throttle } from "./accounts/throttle.ts";
import { createApp } from "./app.ts";
import { Audit } from "./audit/audit.ts";
import { AuditRetention } from "./audit/retention.ts";
import { openDatabase } from "./database/open.ts";
import { badRequests } from "./operations/bad-requests.ts";
import { Connections } from "./operations/connections.ts";
import { createHealthServer } from "./operations/health.ts";
import { createLog } from "./operations/log.ts";
import { Metrics } from "./operations/metrics.ts";
import { sessionEvents } from "./operations/session-events.ts";
import { explainDatabase, explainListening, explainSessions } from "./operations/start-error.ts";
import type { Services } from "./services.ts";
import type { Settings } from "./settings.ts";
import type { Visit } from "./web/visit.ts";

/** A server that runs. */
export interface RunningServer {
  /** Where browsers on this machine reach it. */
  readonly url: string;
  /** Where `/healthz`, `/readyz` and `/metrics` are, for this machine only. */
  readonly metricsUrl: string;
  readonly services: Services;
  /**
   * Takes no new connections, lets running requests finish, then closes the stores. Answers how many requests were cut
   * because they took longer than `SHUTDOWN_TIMEOUT`. Called again, it answers the same.
   */
  close(): Promise<number>;
}

/** What a test may bring along. */
interface Surroundings {
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Bounds what slow or greedy clients can hold. Milliseconds and bytes. */
const LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // Longer than a proxy keeps a connection it might use again, so that it is never used while it closes.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16 * 1024,
  // The application does, with a page.
  requireHostHeader: false,
};

/** A connection on which nothing moves for so long ends, even in the middle of an answer. */
const STANDSTILL = 120_000;

/** More browsers than anybody has. With one more, whoever signed in first is signed out. */
const SESSIONS_OF_A_PERSON = 50;

/** Starts the application. Throws `StartError` for what can be put right from outside. */
export async function start(settings: Settings, surroundings: Surroundings = {}): Promise<RunningServer> {
  const { clock = systemClock, log = createLog(settings.LOG_LEVEL) } = surroundings;
  const opened = new AsyncDisposableStack();
  try {
    const services = await openServices(settings, clock, log, opened);
    return await serve(services, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function openServices(
  settings: Settings,
  clock: Clock,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<Services> {
  const metrics = new Metrics();
  const database = await openDatabase(settings.DATABASE_URL).catch((error) =>
    explainDatabase(error, settings.DATABASE_URL),
  );
  opened.defer(() => database.destroy());
  const { AUDIT_RETENTION } = settings;
  if (AUDIT_RETENTION !== null) {
    const retention = new AuditRetention(database, clock, log, AUDIT_RETENTION);
    opened.defer(() => retention.close());
  }
  const explain = (error: unknown) => explainSessions(error, settings.SESSION_STORE);
  const sessions = createSessions<Visit>({
    store: await openStore(settings.SESSION_STORE).catch(explain),
    lifetime: settings.SESSION_LIFETIME,
    idleTimeout: settings.SESSION_IDLE_TIMEOUT,
    maxPerUser: SESSIONS_OF_A_PERSON,
    proxies: settings.TRUSTED_PROXIES,
    clock,
    onEvent: sessionEvents(log, metrics),
  });
  opened.defer(() => sessions.close());
  // The store of a server connects, and looks for its driver, when it is first asked.
  await probe(sessions).catch(explain);
  const throttle = new Throttle(database, { clock, signUpsPerHour: settings.SIGN_UPS_PER_HOUR });
  const passwords = new Passwords({ memory: settings.PASSWORD_MEMORY, passes: settings.PASSWORD_PASSES });
  metrics.showWaitingPasswords(passwords);
  return {
    settings,
    clock,
    database,
    sessions,
    passwords,
    throttle,
    audit: new Audit({ database, log, clock, metrics, throttle }),
    metrics,
    log,
  };
}

/** Rejects when the session store does not answer. Every store can be asked this, and it concerns nobody. */
function probe(sessions: Sessions<Visit>): Promise<unknown> {
  return sessions.ofUser("nobody");
}

async function serve(services: Services, opened: AsyncDisposableStack): Promise<RunningServer> {
  const { settings, clock, database, sessions, metrics, log } = services;
  const { HOST, PORT, METRICS_PORT, SHUTDOWN_TIMEOUT } = settings;
  let closing: Promise<number> | null = null;
  const health = createHealthServer({
    metrics,
    checks: {
      database: () => sql`select 1`.execute(database),
      sessions: () => probe(sessions),
    },
    isClosing: () => closing !== null,
  });
  const metricsPort = await listen(health, "METRICS_PORT", METRICS_PORT, "127.0.0.1");
  opened.defer(() => {
    health.close();
    health.closeAllConnections();
  });
  const { errorHandler, watch } = await badRequests(settings);
  const listener = getRequestListener(createApp(services).fetch, { hostname: HOST, errorHandler });
  const server = createServer(LIMITS, listener);
  server.timeout = STANDSTILL;
  const connections = new Connections(server);
  watch(server, connections, log);
  const port = await listen(server, "PORT", PORT, HOST);
  server.on("error", (error) => log.error({ err: error }, "a connection could not be taken"));
  log.info({ port, metricsPort }, "started");

  async function stop(): Promise<number> {
    log.info("stopping");
    const cut = await connections.drain(clock, SHUTDOWN_TIMEOUT);
    if (cut > 0) log.error({ cut }, "cut requests that took longer than SHUTDOWN_TIMEOUT");
    await opened.disposeAsync();
    log.info("stopped");
    return cut;
  }

  return {
    url: `http://localhost:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}`,
    services,
    close: () => (closing ??= stop()),
  };
}

/** Answers the port, which the system chooses for 0. */
function listen(server: Server, variable: string, port: number, host: string): Promise<number> {
  const listening = new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
  return listening.catch((error) => explainListening(error, variable, port, host));
}
