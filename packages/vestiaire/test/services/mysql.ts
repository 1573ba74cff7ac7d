// The MySQL or MariaDB of the tests: `MYSQL_URL`, else what listens on the standard port of this machine, else a MariaDB
// that is started for them. Those that stop or pause it always start their own.

import { spawnSync } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { findBinary, listens, type ServerKind, Service } from "./service.ts";

const STANDARD_PORT = 3_306;
// Debian keeps it off the path of ordinary users.
const BINARIES = ["mariadbd", "/usr/sbin/mariadbd"];
const HOW_TO_GET =
  "MariaDB is not installed: apt-get install mariadb-server, or name a running one in MYSQL_URL";

/** Who may do everything but what takes an administrator. */
export const ORDINARY = "visitor";

// One statement a line. Names of hosts are not looked up, so the users are made for the address.
const SETUP = `create database if not exists test;
create user if not exists 'root'@'127.0.0.1';
grant all on *.* to 'root'@'127.0.0.1' with grant option;
create user if not exists '${ORDINARY}'@'127.0.0.1';
grant all on test.* to '${ORDINARY}'@'127.0.0.1';
`;

/** A server that survives being killed, with these arguments beside the usual ones. */
export function mariadbServer(...extra: readonly string[]): ServerKind {
  const user = serverUser();
  return {
    binaries: BINARIES,
    howToGet: HOW_TO_GET,
    user,
    prepare(_binary, folder) {
      if (user !== undefined) chownSync(folder, user.uid, user.gid);
      writeFileSync(join(folder, "setup.sql"), SETUP);
      const options = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"];
      const { status, stderr } = spawnSync(
        "mariadb-install-db",
        [...options, `--datadir=${join(folder, "data")}`],
        { encoding: "utf8", cwd: folder, ...user },
      );
      if (status !== 0) throw new Error(`mariadb-install-db failed. ${stderr}`);
    },
    arguments: (port, folder) => [
      ...["--no-defaults", `--datadir=${join(folder, "data")}`, `--init-file=${join(folder, "setup.sql")}`],
      ...["--bind-address=127.0.0.1", `--port=${port}`, `--socket=${join(folder, "socket")}`],
      ...["--skip-name-resolve", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", ...extra],
    ],
    ready: async (port) => {
      await sql(urlOf(port), "select 1 from mysql.user where user = ? having count(*) > 0", [ORDINARY]);
    },
  };
}

/** The address of the server on this port of this machine. */
export function urlOf(port: number, user = "root"): string {
  return `mysql://${user}@127.0.0.1:${port}/test`;
}

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why there can be no server here, for `skip`; `false` when there can. With `CI=true` there must. */
export async function noMysql(): Promise<string | false> {
  const running = process.env.MYSQL_URL !== undefined || (await listens(STANDARD_PORT));
  return running ? false : noMariadb();
}

/** The same for tests that start their own. */
export function noMariadb(): string | false {
  return findBinary(BINARIES) !== null || process.env.CI === "true" ? false : HOW_TO_GET;
}

/** A server for tests that only use it. Throws, with how to get it, where there is none. */
export async function someMysql(): Promise<TestServer> {
  const url = process.env.MYSQL_URL;
  if (url !== undefined) return { url, stop: async () => {} };
  if (await listens(STANDARD_PORT)) return { url: urlOf(STANDARD_PORT), stop: async () => {} };
  const service = await Service.start(mariadbServer());
  return { url: urlOf(service.port), stop: () => service.stop() };
}

/** Runs a statement over a connection of its own. */
export async function sql(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
  connection.on("error", () => {});
  try {
    const [answer] = await connection.query(text, [...values]);
    return Array.isArray(answer) ? (answer as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}

/** MariaDB refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string) => Number(spawnSync("id", [option, "mysql"], { encoding: "utf8" }).stdout);
  return { uid: idOf("-u"), gid: idOf("-g") };
}
