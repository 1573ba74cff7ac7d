// An emulator of DynamoDB for the tests, in this process: dynalite. The real one runs nowhere but at Amazon. The emulator
// has no transactions, no time to live, and does not tell what failed a condition. What stands in front of it can be away,
// silent or throttled, which the emulator itself cannot.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { OutageServer, Refusal } from "../../src/testing/outage-contract.ts";
import { freePort } from "./service.ts";

const dynalite = createRequire(import.meta.url)("dynalite") as (options: { createTableMs: number }) => Server;

// The SDK signs its requests for the emulator, too.
process.env.AWS_ACCESS_KEY_ID ??= "nobody";
process.env.AWS_SECRET_ACCESS_KEY ??= "nothing";

export interface Dynalite {
  readonly port: number;
  stop(): void;
}

/** An empty one, on a port of its own or on this one. */
export async function startDynalite(port = 0): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A URL for `dynamodbStore`, with a table that no other test has. */
export function tableUrl(port: number): string {
  const endpoint = encodeURIComponent(`http://127.0.0.1:${port}`);
  return `dynamodb://eu-west-3/test-${crypto.randomUUID()}?endpoint=${endpoint}`;
}

const AMAZON_JSON = { "Content-Type": "application/x-amz-json-1.0" };
const THROTTLED = JSON.stringify({
  __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  message: "The level of configured provisioned throughput for the table was exceeded.",
});

/** A server in front of the emulator. */
export class DynamodbFront {
  readonly port: number;
  /** The port of the emulator behind it. */
  target: number;
  #server: Server | null = null;
  #throttled = false;
  #resumed = Promise.withResolvers<void>();

  private constructor(port: number, target: number) {
    this.port = port;
    this.target = target;
    this.#resumed.resolve();
  }

  /** One on a port of its own, in front of the emulator on this port. */
  static async to(target: number): Promise<DynamodbFront> {
    const front = new DynamodbFront(await freePort(), target);
    await front.control.start();
    return front;
  }

  /** It, as the outage contract wants it. The emulator behind it goes on, and keeps its data. */
  readonly control: OutageServer = {
    stop: () => this.stop(),
    kill: () => this.stop(),
    start: async () => {
      const answer = (request: IncomingMessage, response: ServerResponse) =>
        void this.#answer(request, response).catch(() => response.destroy());
      this.#server = createServer(answer).listen(this.port, "127.0.0.1");
      await once(this.#server, "listening");
    },
    pause: () => {
      this.#resumed = Promise.withResolvers();
    },
    resume: () => this.#resumed.resolve(),
  };

  /** Refuses writes, as beyond the capacity that was paid for. */
  readonly throttling: Refusal = {
    begin: () => {
      this.#throttled = true;
    },
    end: () => {
      this.#throttled = false;
    },
  };

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = "", "x-amz-target": target = "", "x-amz-date": date = "" } = request.headers;
    const body = await text(request);
    await this.#resumed.promise;
    if (this.#throttled && /\.(?:Put|Update|Delete)Item$/.test(String(target))) {
      response.writeHead(400, AMAZON_JSON).end(THROTTLED);
      return;
    }
    const answer = await fetch(`http://127.0.0.1:${this.target}`, {
      method: "POST",
      headers: {
        ...AMAZON_JSON,
        Authorization: authorization,
        "X-Amz-Target": String(target),
        "X-Amz-Date": String(date),
      },
      body,
    });
    response.writeHead(answer.status, AMAZON_JSON).end(await answer.text());
  }
}
