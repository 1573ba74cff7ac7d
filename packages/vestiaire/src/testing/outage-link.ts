// A connection that a test can cut. It stands between a store and its server, and can close in the middle of a reply or
// swallow replies. It also listens in, so that a test can tell whether something was sent twice.

import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";

/** What the link does with the bytes that the server sends. */
type Fate = "pass" | "swallow" | { readonly cutAfter: number; struck(): void };

export class FaultyLink {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What came from the client, for each connection that ever was. */
  readonly #requests: { text: string }[] = [];
  #fate: Fate = "pass";

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** A link on a port of its own, in front of a port of this machine. */
  static async to(target: number): Promise<FaultyLink> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const link = new FaultyLink(server);
    server.on("connection", (client) => link.#join(client, createConnection(target, "127.0.0.1")));
    return link;
  }

  /** From now on, and until `pass`, replies reach nobody; requests still reach the server. */
  swallow(): void {
    this.#fate = "swallow";
  }

  /** The next reply breaks off after this many bytes, and its connection with it. Resolves once that has happened. */
  cutAfter(bytes: number): Promise<void> {
    return new Promise((struck) => {
      this.#fate = { cutAfter: bytes, struck };
    });
  }

  pass(): void {
    this.#fate = "pass";
  }

  /** Closes every connection at once. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** How often this was sent to the server so far. */
  heard(text: string): number {
    return this.#requests.reduce((sum, request) => sum + request.text.split(text).length - 1, 0);
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
    const request = { text: "" };
    this.#requests.push(request);
    client.on("data", (chunk) => {
      request.text += chunk.toString("latin1");
      server.write(chunk);
    });
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
    fate.struck();
  }
}
