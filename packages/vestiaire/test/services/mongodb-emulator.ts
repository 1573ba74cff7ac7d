// An EMULATOR of MongoDB, for machines that have none: the wire protocol as the driver speaks it, and just the commands
// and operators that the store uses. Whatever else is asked of it, it refuses. It has no replica set, uses no index and
// removes nothing that has expired. `node mongodb-emulator.ts PORT FOLDER` runs it; what it acknowledged is in FOLDER.

import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Collections } from "./mongodb-emulator/collections.ts";
import { EmulatedServer } from "./mongodb-emulator/commands.ts";
import { errorReply } from "./mongodb-emulator/errors.ts";
import { commandIn, type Request, replyTo, takeRequests, wantsReply } from "./mongodb-emulator/wire.ts";

const [port, folder = "."] = process.argv.slice(2);
const server = new EmulatedServer(new Collections(join(folder, "collections.json")));

createServer((socket) => {
  let arrived: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const { requests, rest } = takeRequests(Buffer.concat([arrived, Buffer.from(chunk)]));
    arrived = rest;
    for (const request of requests) serve(socket, request);
  });
}).listen(Number(port), "127.0.0.1");

function serve(socket: Socket, request: Request): void {
  let answer: Parameters<typeof replyTo>[1];
  try {
    answer = server.answer(commandIn(request));
  } catch (error) {
    answer = errorReply(error);
  }
  if (wantsReply(request)) socket.write(replyTo(request, answer));
}
