// Requests and responses of the Fetch standard, as the core and the browser need them. Shared by the adapters whose
// framework speaks it.

import type { Commit } from "../core/manager.ts";
import type { SessionRequest } from "../core/request.ts";
import { type FailureReply, varyWithCookie } from "./options.ts";

/** What Node.js knows of a request, under a platform that is built on it. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** A request as the core sees it, and the end of its exchange, which the platform tells only in part. */
export class WebRequest implements SessionRequest {
  readonly #request: Request;
  readonly #incoming: NodeRequest | undefined;
  #listeners: (() => void)[] | null = null;

  /** `incoming` is the same request as Node.js has it. Its headers are cheaper to read, and its peer is known. */
  constructor(request: Request, incoming?: NodeRequest) {
    this.#request = request;
    this.#incoming = incoming;
  }

  get remoteAddress(): string | undefined {
    return this.#incoming?.socket.remoteAddress;
  }

  get method(): string {
    return this.#request.method;
  }

  get encrypted(): boolean {
    return this.#request.url.startsWith("https:");
  }

  header(name: string): string | null | undefined {
    if (this.#incoming === undefined) return this.#request.headers.get(name);
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  onClose(listener: () => void): void {
    if (this.#request.signal.aborted) {
      listener();
      return;
    }
    if (this.#listeners === null) {
      this.#listeners = [];
      this.#request.signal.addEventListener("abort", () => this.over(), { once: true });
    }
    this.#listeners.push(listener);
  }

  /** The response as it is to leave; where somebody waits for the end of the exchange, its end will be told. */
  answer(response: Response): Response {
    if (this.#listeners === null) return response;
    // Platforms tell of clients that went away, but not of bodies that were sent.
    if (response.body !== null && this.method !== "HEAD") {
      return new Response(
        tellingTheEnd(response.body, () => this.over()),
        response,
      );
    }
    this.over();
    return response;
  }

  /** Tells whoever waits that the exchange is over: nothing of it is to be answered here any more. */
  over(): void {
    for (const listener of this.#listeners?.splice(0) ?? []) listener();
  }
}

/** The same body; `over` is called when it was read, broke off, or is wanted no more. */
function tellingTheEnd(body: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        over();
      },
      cancel(reason) {
        over();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The response with what the commit adds. The same object where that is no cookie, and its headers can be changed. */
export function withCommit(response: Response, commit: Commit): Response {
  if (!commit.used && commit.cookie === null) return response;
  // A handler may give many visitors one object, and none of them another's cookie. An upgrade's cannot be copied.
  if (commit.cookie !== null && response.status !== 101) return copyWith(response, commit);
  try {
    writeHead(response.headers, commit);
    return response;
  } catch (error) {
    // Redirects made by `Response.redirect`, and responses that came from `fetch`, have immutable headers.
    if (!(error instanceof TypeError)) throw error;
    return copyWith(response, commit);
  }
}

function copyWith(response: Response, commit: Commit): Response {
  const copy = new Response(response.body, response);
  writeHead(copy.headers, commit);
  return copy;
}

function writeHead(headers: Headers, { cookie, used }: Commit): void {
  if (used) headers.set("Vary", varyWithCookie(headers.get("Vary")));
  if (cookie === null) return;
  headers.append("Set-Cookie", cookie);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
}

/** The failure, in the place of a response if there is one, whose source may let go: nobody will read it. */
export function webFailure({ status, headers, body }: FailureReply, instead?: Response): Response {
  instead?.body?.cancel().catch(() => {});
  return new Response(body, { status, headers });
}
