// #region socket
import { createServer } from "node:http";
import { createSessions, memoryStore } from "vestiaire";
import { session, upgrade } from "vestiaire/node";
import { WebSocketServer } from "ws";

interface Visitor {
  messages: number;
}

export const sessions = createSessions<Visitor>({ store: memoryStore() });
const sockets = new WebSocketServer({ noServer: true });

export const server = createServer(
  session(sessions)((_request, response, session) => {
    session.signIn("ada");
    response.end("signed in");
  }),
);

server.on(
  "upgrade",
  upgrade(sessions, (request, socket, head, session) => {
    if (session.userId === null) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", async () => {
        session.update("messages", (messages = 0) => messages + 1).touch();
        await session.save();
        webSocket.send(`${session.data.messages}`);
      });
    });
  }),
);
// #endregion socket
