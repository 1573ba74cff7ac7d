// Stands in for the client half of `node:http` inside workerd. Workerd's own is made of `fetch` and shows no socket, while
// the adapter contract looks at the bytes as they come. HTTP/1.1, one connection for each request, over a real socket.

import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";

interface RequestOptions {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Keeps no connections, so it has none to close. */
export class Agent {
  destroy(): void {}
}

export function request(options: RequestOptions): ClientRequest {
  return new ClientRequest(options);
}

/** Emits `socket`, then `response` or `error`. */
class ClientRequest extends EventEmitter {
  readonly #options: RequestOptions;
  readonly #socket: Socket;

  constructor(options: RequestOptions) {
    super();
    this.#options = options;
    this.#socket = connect(options.port, options.host);
    this.#socket.on("error", (error) => this.emit("error", error));
  }

  end(body = ""): void {
    const { host, port, method, path, headers } = this.#options;
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const fields = Object.entries(headers);
    if (!names.includes("host")) fields.push(["Host", `${host}:${port}`]);
    if (body !== "" || method === "POST") fields.push(["Content-Length", String(Buffer.byteLength(body))]);
    fields.push(["Connection", "close"]);
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
    this.#respond().catch((error: unknown) => this.emit("error", error));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #respond(): Promise<void> {
    const heard = new EventEmitter();
    this.emit("socket", heard);
    const input = new Input(this.#socket, () => heard.emit("data"));
    const [, status] = (await input.line()).split(" ");
    const rawHeaders: string[] = [];
    for (let line = await input.line(); line !== ""; line = await input.line()) {
      const colon = line.indexOf(":");
      rawHeaders.push(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const statusCode = Number(status);
    const empty = this.#options.method === "HEAD" || statusCode === 204 || statusCode === 304;
    const body = Readable.from(empty ? [] : bodyOf(input, rawHeaders), { objectMode: false });
    this.emit("response", Object.assign(body, { statusCode, rawHeaders }));
  }
}

async function* bodyOf(input: Input, rawHeaders: readonly string[]): AsyncGenerator<Uint8Array> {
  const header = (name: string) => {
    const index = rawHeaders.findIndex((text, place) => place % 2 === 0 && text.toLowerCase() === name);
    return index < 0 ? undefined : rawHeaders[index + 1];
  };
  const length = header("content-length");
  if (length !== undefined) return yield* input.bytes(Number(length));
  if (header("transfer-encoding") !== "chunked") return yield* input.rest();
  for (let size = -1; size !== 0; ) {
    size = Number.parseInt(await input.line(), 16);
    yield* input.bytes(size);
    await input.line();
  }
}

/** What comes in on a socket, by lines and by lengths. Throws when it ends too early. */
class Input {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #heard: () => void;
  #buffer = Buffer.alloc(0);

  constructor(socket: Socket, heard: () => void) {
    this.#chunks = socket[Symbol.asyncIterator]();
    this.#heard = heard;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf("\r\n");
      if (end >= 0)
        return this.#take(end + 2)
          .toString("latin1")
          .slice(0, -2);
      await this.#need();
    }
  }

  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#buffer.length === 0) await this.#need();
      const part = this.#take(Math.min(left, this.#buffer.length));
      left -= part.length;
      yield part;
    }
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    do yield this.#take(this.#buffer.length);
    while (await this.#more());
  }

  #take(count: number): Buffer {
    const part = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return part;
  }

  async #need(): Promise<void> {
    if (!(await this.#more())) throw new Error("the connection closed before the answer was over");
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#heard();
    this.#buffer = Buffer.concat([this.#buffer, value]);
    return true;
  }
}
