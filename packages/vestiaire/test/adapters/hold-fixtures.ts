// A server whose responses are held, another one of plain `node:http`, and a socket to look at what each of them sends.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { type HeadCommit, holdHead } from "../../src/adapters/hold-head.ts";
import type { FailureReply } from "../../src/adapters/options.ts";
import { Wire } from "../../src/testing/adapter-cases-client.ts";
import { Latch } from "../../src/testing/adapter-cases-fixtures.ts";

export type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

export const GET = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
export const KEPT_ALIVE = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** A commit that has nothing to add. */
export const NOTHING = { cookie: null, used: false } as const;

export const UNAVAILABLE: FailureReply = {
  status: 503,
  headers: { "Content-Type": "text/plain", "Retry-After": "1" },
  body: "unavailable\n",
};

/** Until whatever can happen without the outside has happened. */
export async function turns(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A connection to a server of this listener; both are closed after the test. */
export async function wireTo(t: TestContext, listener: RequestListener): Promise<Wire> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const wire = new Wire(connect((server.address() as AddressInfo).port, "127.0.0.1"));
  t.after(() => {
    wire.close();
    server.close().closeAllConnections();
  });
  return wire;
}

/** Everything that a plain server sends for this request. */
export async function plainly(t: TestContext, handler: Handler, request = GET): Promise<string> {
  const wire = await wireTo(t, (incoming, response) => void handler(response, incoming));
  wire.send(request);
  return wire.closed();
}

/** The same with the head held until `commit` has answered. */
export async function heldly(
  t: TestContext,
  handler: Handler,
  request = GET,
  commit: HeadCommit["commit"] = () => NOTHING,
): Promise<string> {
  const wire = await wireTo(t, (incoming, response) => {
    holdHead(response, { commit, replyTo: () => UNAVAILABLE });
    void handler(response, incoming);
  });
  wire.send(request);
  return wire.closed();
}

export interface Holding {
  readonly wire: Wire;
  readonly response: ServerResponse;
  /** Until the commit is asked for. */
  readonly committing: Promise<void>;
  /** The statuses that a commit was asked for with. */
  readonly statuses: readonly number[];
  /** Lets the commit be done, or fail. */
  settle(error?: Error): void;
}

/** A response whose commit waits for the test. Answers once the handler was called. */
export async function holding(t: TestContext, handler: Handler, request = GET): Promise<Holding> {
  const latch = new Latch();
  const statuses: number[] = [];
  let failure: Error | undefined;
  const called = Promise.withResolvers<ServerResponse>();
  const wire = await wireTo(t, (incoming, response) => {
    holdHead(response, {
      async commit(status) {
        statuses.push(status);
        await latch.wait();
        if (failure) throw failure;
        return NOTHING;
      },
      replyTo: () => UNAVAILABLE,
    });
    void handler(response, incoming);
    called.resolve(response);
  });
  wire.send(request);
  return {
    wire,
    response: await called.promise,
    committing: latch.reached,
    statuses,
    settle(error) {
      failure = error;
      latch.open();
    },
  };
}

/** An answer's head and body; what differs between any two runs is left out. */
export function withoutDate(answer: string): string {
  return answer.replaceAll(/^Date: .*\r\n/gim, "");
}
