// How many bytes a store and its server exchange for one call: they are counted by a proxy between the two. Payload only,
// without the headers of TCP and IP, and without TLS.

import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import type { SessionStore } from "../packages/vestiaire/src/index.ts";

/** What a read and a write of one key send to the server on this port, and what comes back: a line each. */
export async function onTheWire(
  port: number,
  open: (port: number) => SessionStore,
  userId: string,
): Promise<string[]> {
  const wire = await Wire.to(port);
  const store = open(wire.port);
  const [record] = await store.findByUser(userId, Date.now());
  if (record === undefined) throw new Error("The user has no session.");
  const [key = ""] = Object.keys(record.data);
  const calls: Readonly<Record<string, () => unknown>> = {
    "a read": () => store.find(record.id, Date.now()),
    "a write of one key": () =>
      store.patch(record.id, { set: { [key]: '"A value of 25 characters."' } }, Date.now()),
  };
  const lines: string[] = [];
  for (const [what, call] of Object.entries(calls)) {
    // The first time, statements and scripts are sent.
    await call();
    const { sent, received } = wire;
    await call();
    lines.push(`${what}: ${wire.sent - sent} bytes to the server, ${wire.received - received} back`);
  }
  await store.close?.();
  wire.close();
  return lines;
}

class Wire {
  readonly port: number;
  sent = 0;
  received = 0;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  static async to(target: number): Promise<Wire> {
    const sockets = new Set<Socket>();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const wire = new Wire((server.address() as AddressInfo).port, () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    server.on("connection", (client) => {
      const there = createConnection(target, "127.0.0.1");
      for (const socket of [client, there]) sockets.add(socket.on("error", () => socket.destroy()));
      client.on("data", ({ length }) => (wire.sent += length)).pipe(there);
      there.on("data", ({ length }) => (wire.received += length)).pipe(client);
    });
    return wire;
  }

  close(): void {
    this.#close();
  }
}
