// An emulator of DynamoDB for the tests, in this process: dynalite. The real one runs nowhere but at Amazon. The emulator
// has no transactions, no time to live, and does not tell what failed a condition.

import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

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
