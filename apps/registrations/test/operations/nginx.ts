// A real nginx with the very file that operators get, `deploy/nginx.conf`: only the name, the ports, the certificate, the
// addresses to listen on and how long a failed application is left alone are a test's own.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { folderFor, undoAfter } from "./process.ts";

const NGINX = "/usr/sbin/nginx";

/** Why tests that need nginx are skipped; `false` when it is there. CI must have it. */
export const skipWithoutNginx =
  existsSync(NGINX) || process.env.CI === "true" ? false : `there is no ${NGINX}; install nginx to run this`;

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) =>
          server.once("listening", () => done((server.address() as AddressInfo).port)),
        ),
    ),
  );
  for (const server of servers) server.close();
  return ports;
}

export interface Ports {
  readonly http: number;
  readonly https: number;
  /** Of one application, or of several that share their stores. */
  readonly applications: readonly number[];
}

/** Starts nginx for `localhost` and answers its certificate, made for this test. It stops with the test. */
export function startNginx(t: TestContext, ports: Ports): Buffer {
  const folder = folderFor(t);
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
    "-keyout",
    key,
    "-out",
    certificate,
  ]);
  const file = new URL("../../deploy/nginx.conf", import.meta.url);
  const site = readFileSync(file, "utf8")
    .replace(/^ *listen \[::\].*\n/gm, "")
    .replaceAll("listen 80", `listen 127.0.0.1:${ports.http}`)
    .replaceAll("listen 443", `listen 127.0.0.1:${ports.https}`)
    .replace(/^ *server 127\.0\.0\.1:5000 .*\n/m, (line) =>
      ports.applications
        .map((port) => line.replace("5000", String(port)).replace("fail_timeout=5s", "fail_timeout=1s"))
        .join(""),
    )
    .replaceAll("register.example.org", "localhost")
    .replace("/etc/letsencrypt/live/localhost/fullchain.pem", certificate)
    .replace("/etc/letsencrypt/live/localhost/privkey.pem", key);
  writeFileSync(join(folder, "site.conf"), site);
  const main = join(folder, "nginx.conf");
  writeFileSync(main, mainFile(folder));
  const nginx = (...args: string[]) =>
    run(NGINX, ["-p", folder, "-e", join(folder, "error.log"), "-c", main, ...args]);
  // It goes into the background as soon as it listens.
  nginx();
  undoAfter(t, () => nginx("-s", "stop"));
  return readFileSync(certificate);
}

/** What surrounds a file of /etc/nginx/conf.d/. */
function mainFile(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    ${process.getuid?.() === 0 ? "user root root;" : ""}
    pid ${folder}/nginx.pid;
    events {}
    http {
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}
      include ${folder}/site.conf;
    }`;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`);
}
