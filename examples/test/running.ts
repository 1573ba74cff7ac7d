// Starts an example as its own process, as a user would, and talks to it over HTTP.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface Reply {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
  readonly allow: string | null;
  readonly body: string;
}

/** A running example in a folder of its own. */
export class Running {
  readonly #process: ChildProcess;
  readonly url: string;
  readonly folder: string;

  private constructor(process: ChildProcess, url: string, folder: string) {
    this.#process = process;
    this.url = url;
    this.folder = folder;
  }

  static async start(script: string, folder = mkdtempSync(join(tmpdir(), "login-app-"))): Promise<Running> {
    const app = fileURLToPath(new URL(`../${script}`, import.meta.url));
    const child = spawn(process.execPath, ["--conditions=source", app], {
      cwd: folder,
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /http:\/\/localhost:\d+/.exec(line)?.[0];
      if (url) return new Running(child, url, folder);
    }
    throw new Error(`${script} ended before it listened`);
  }

  async stop({ keepFolder = false } = {}): Promise<void> {
    this.#process.kill();
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, "exit");
    if (!keepFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  /** One request, over a connection of its own. */
  async ask(
    method: string,
    path: string,
    options: { cookie?: string; form?: BodyInit; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const form = new Response(options.form ?? null);
    const body = Buffer.from(await form.arrayBuffer());
    const request = httpRequest(this.url + path, {
      method,
      agent: false,
      headers: {
        ...options.headers,
        ...(options.cookie !== undefined && { Cookie: options.cookie }),
        ...(options.form !== undefined && {
          "Content-Type": form.headers.get("content-type") ?? "",
          "Content-Length": body.length,
        }),
      },
    });
    // A server that refuses a body need not read it to its end.
    request.on("error", () => {});
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      location: response.headers.location ?? null,
      cookies: response.headers["set-cookie"] ?? [],
      allow: response.headers.allow ?? null,
      body: await text(response),
    };
  }

  /** Signs in, and answers the cookie as a browser would send it. */
  async signIn(name: string, cookie?: string): Promise<string> {
    const form = new URLSearchParams({ name });
    const { cookies } = await this.ask("POST", "/login", cookie === undefined ? { form } : { form, cookie });
    return cookies[0]?.split(";")[0] ?? "";
  }

  /** The files that hold sessions: their paths, inodes and contents. */
  sessionFiles(): { path: string; inode: number; text: string }[] {
    const folder = join(this.folder, "sessions", "sessions");
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, inode: statSync(path).ino, text: readFileSync(path, "utf8") }));
  }
}
