// As much of a browser as the tests over HTTP need: it keeps cookies, sends what browsers send with their requests, and
// does not follow redirects, so that a test sees each answer. It speaks plain `node:http`, which leaves every header to it.

import { type IncomingHttpHeaders, request } from "node:http";
import { type RequestOptions, request as secureRequest } from "node:https";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Fields = Readonly<Record<string, string | readonly string[]>>;
type Headers = Readonly<Record<string, string>>;

export class Browser {
  readonly #origin: string;
  readonly #headers: Headers;
  readonly #options: RequestOptions;
  readonly cookies = new Map<string, string>();

  /** `options` say how to connect: which certificates count, and from which address. */
  constructor(origin: string, headers: Headers = {}, options: RequestOptions = {}) {
    this.#origin = origin;
    this.#headers = headers;
    this.#options = options;
  }

  get(path: string, headers: Headers = {}): Promise<Answer> {
    return this.send("GET", path, headers);
  }

  /** Submits a form of this site. */
  post(path: string, fields: Fields = {}, headers: Headers = {}): Promise<Answer> {
    const body = new URLSearchParams(
      Object.entries(fields).flatMap(([name, values]) =>
        [values].flat().map((value) => [name, value] as [string, string]),
      ),
    );
    return this.send(
      "POST",
      path,
      { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", ...headers },
      body.toString(),
    );
  }

  /** Sends JSON, as a script of this site does. */
  postJson(path: string, value: unknown): Promise<Answer> {
    const headers = { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" };
    return this.send("POST", path, headers, JSON.stringify(value));
  }

  /** Follows redirects of this site until there is a page. */
  async follow(answer: Answer): Promise<Answer> {
    let current = answer;
    while (current.status === 303) current = await this.get(current.headers.location ?? "/");
    return current;
  }

  /** Sends just this, with the cookies. An empty value leaves a header out. */
  send(method: string, path: string, headers: Headers = {}, body = ""): Promise<Answer> {
    const all = {
      "Accept-Language": "en",
      "User-Agent": USER_AGENT,
      Cookie: this.#cookieHeader(),
      ...this.#headers,
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    const ask = this.#origin.startsWith("https:") ? secureRequest : request;
    return new Promise((resolve, reject) => {
      const asked = ask(
        new URL(path, this.#origin),
        { ...this.#options, method, headers: sent, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            this.#keep(response.headers["set-cookie"] ?? []);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            });
          });
        },
      );
      asked.on("error", reject);
      asked.end(body);
    });
  }

  #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
