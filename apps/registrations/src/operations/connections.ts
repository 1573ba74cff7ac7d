// Stops a server without cutting an answer short. Node.js's own `close()` does: it takes a connection for idle as soon as
// its answer is handed over, however much of that has yet to be sent.

import { Server as HttpServer, type ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "vestiaire";

/** Follows the connections of a server. To be made before it listens. */
export class Connections {
  readonly #server: HttpServer;
  /** Each open connection, with the answers it waits for. */
  readonly #open = new Map<Duplex, Set<ServerResponse>>();
  #draining = false;

  constructor(server: HttpServer) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#open.set(socket, new Set());
      socket.once("close", () => this.#open.delete(socket));
    });
    // Before the application: it may answer at once.
    server.prependListener("request", ({ socket }, response) => this.#follow(socket, response));
  }

  /** Whether a part of an answer has been sent, so that no other one may follow. */
  hasBegunToAnswer(socket: Duplex): boolean {
    return [...(this.#open.get(socket) ?? [])].some(({ headersSent }) => headersSent);
  }

  /**
   * Takes no new connections, ends the idle ones, and lets the others have their answers. After so many milliseconds the
   * rest is cut. Answers how many requests that were, once no connection is left.
   */
  drain(clock: Clock, timeout: number): Promise<number> {
    this.#draining = true;
    for (const [socket, answers] of this.#open) {
      if (answers.size === 0) socket.destroy();
      for (const response of answers) sayLast(response);
    }
    return new Promise((resolve) => {
      let cut = 0;
      const cancel = clock.after(timeout, () => {
        for (const [socket, answers] of this.#open) {
          cut += answers.size;
          socket.destroy();
        }
      });
      NetServer.prototype.close.call(this.#server, () => {
        cancel();
        // What Node.js's own would have stopped: the timer that looks for slow clients.
        HttpServer.prototype.close.call(this.#server);
        resolve(cut);
      });
    });
  }

  #follow(socket: Socket, response: ServerResponse): void {
    const answers = this.#open.get(socket);
    answers?.add(response);
    if (this.#draining) sayLast(response);
    response.once("close", () => {
      answers?.delete(response);
      if (this.#draining && answers?.size === 0) socket.destroySoon();
    });
  }
}

/** So that nobody sends another request on a connection that is about to end. */
function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close");
}
