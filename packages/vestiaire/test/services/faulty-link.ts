// A connection that a test can cut. It stands between a store and its server, and can close in the middle of a reply,
// swallow replies, or refuse newcomers.

import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

/** What the proxy does with the bytes that the server sends. */
type Fate = "pass" | "swallow" | { readonly cutAfter: number };

export class FaultyLink {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #fate: Fate = "pass";

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** A proxy on a port of its own, in front of a port of this machine. */
  static async to(target: number): Promise<FaultyLink> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new FaultyLink(server);
    server.on("connection", (client) => proxy.#join(client, createConnection(target, "127.0.0.1")));
    return proxy;
  }

  /** From now on, and until `pass`, replies reach nobody; requests still reach the server. */
  swallow(): void {
    this.#fate = "swallow";
  }

  /** The next reply breaks off after this many bytes, and its connection with it. */
  cutAfter(bytes: number): void {
    this.#fate = { cutAfter: bytes };
  }

  pass(): void {
    this.#fate = "pass";
  }

  /** Closes every connection at once. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => server.write(chunk));
    server.on("data", (chunk) => this.#reply(client, Buffer.from(chunk)));
  }

  #reply(client: Socket, chunk: Buffer): void {
    const fate = this.#fate;
    if (fate === "swallow") return;
    if (fate === "pass") {
      client.write(chunk);
      return;
    }
    this.#fate = "pass";
    client.end(chunk.subarray(0, fate.cutAfter), () => client.destroy());
  }
}
