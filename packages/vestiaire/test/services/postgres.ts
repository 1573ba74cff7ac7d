// The PostgreSQL of the tests: `DATABASE_URL`, else what listens on the standard port of this machine, else one that is
// started for them. Those that stop, pause or fill it always start their own.

import { spawnSync } from "node:child_process";
import { chownSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { findBinary, listens, type ServerKind, Service } from "./service.ts";

const STANDARD_PORT = 5_432;
// Debian keeps them off the path, in a folder for each version. The newest comes first.
const BINARIES = ["postgres", ...globSync("/usr/lib/postgresql/*/bin/postgres").sort().reverse()];
const HOW_TO_GET =
  "PostgreSQL is not installed: apt-get install postgresql, or name a running one in DATABASE_URL";

/** A server that survives being killed, with these arguments beside the usual ones. */
export function postgresServer(extra: readonly string[] = []): ServerKind {
  const user = serverUser();
  return {
    binaries: BINARIES,
    howToGet: HOW_TO_GET,
    user,
    // `SIGTERM` would wait for every client to leave.
    stopSignal: "SIGINT",
    prepare(binary, folder) {
      if (user !== undefined) chownSync(folder, user.uid, user.gid);
      const initdb = join(dirname(binary === "postgres" ? pathOf(binary) : binary), "initdb");
      const options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
      const { status, stderr } = spawnSync(initdb, [...options, join(folder, "data")], {
        encoding: "utf8",
        ...user,
      });
      if (status !== 0) throw new Error(`initdb failed. ${stderr}`);
    },
    arguments: (port, folder) => [
      ...["-D", join(folder, "data"), "-p", String(port), "-h", "127.0.0.1", "-k", folder],
      // Processes are killed here, not machines.
      ...["-c", "fsync=off", "-c", "shared_buffers=16MB", ...extra],
    ],
    ready: async (port) => {
      await sql(urlOf(port), "select 1");
    },
  };
}

/** The address of the server on this port of this machine. */
export function urlOf(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why there can be no server here, for `skip`; `false` when there can. With `CI=true` there must. */
export async function noPostgres(): Promise<string | false> {
  const running = process.env.DATABASE_URL !== undefined || (await listens(STANDARD_PORT));
  return running ? false : noPostgresServer();
}

/** The same for tests that start their own. */
export function noPostgresServer(): string | false {
  return findBinary(BINARIES) !== null || process.env.CI === "true" ? false : HOW_TO_GET;
}

/** A server for tests that only use it. Throws, with how to get it, where there is none. */
export async function somePostgres(): Promise<TestServer> {
  const url = process.env.DATABASE_URL;
  if (url !== undefined) return { url, stop: async () => {} };
  if (await listens(STANDARD_PORT)) return { url: urlOf(STANDARD_PORT), stop: async () => {} };
  const service = await Service.start(postgresServer());
  return { url: urlOf(service.port), stop: () => service.stop() };
}

/** Runs a statement over a connection of its own. */
export async function sql(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string) => Number(spawnSync("id", [option, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: idOf("-u"), gid: idOf("-g") };
}

function pathOf(binary: string): string {
  return spawnSync("sh", ["-c", `command -v ${binary}`], { encoding: "utf8" }).stdout.trim();
}
