// Websockets that have their visitor's session: over a real server, with the package ws at both ends.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type TestContext, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { type UpgradeHandler, type UpgradeOptions, upgrade } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/core/manager.ts";
import type { SessionsOptions } from "../../src/core/options.ts";
import type { Session } from "../../src/core/session.ts";
import { Site } from "../../src/testing/adapter-cases-client.ts";
import { COMMON, cookieFrom, HOUR, idOf, routes } from "../../src/testing/adapter-cases-fixtures.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import type { TrialData } from "../../src/testing/adapter-contract.ts";
import { type ManualClock, manualClock } from "../../src/testing/clock.ts";
import { listening, nodeListener } from "./serve.ts";

/** What a client may ask for over its socket. */
const COMMANDS: Readonly<Record<string, (session: Session<TrialData>) => unknown>> = {
  who: ({ userId }) => userId ?? "nobody",
  write: (session) => session.set("late", "yes").save(),
  touch: (session) => session.touch().save(),
  rotate: (session) => session.rotate().save(),
  "sign in": (session) => session.signIn("eve").save(),
  "sign out": (session) => session.signOut().save(),
};

test("the socket of a signed-in visitor has the session, and stores what it saves", async (t) => {
  const { site, store, clock, connect } = await start(t);
  const cookie = await cookieFrom(site);
  const { ask, response } = await connect({ cookie });
  assert.equal(response.headers["set-cookie"], undefined);
  assert.equal(await ask("who"), "ada");
  assert.equal(await ask("write"), "done");
  const [record] = await store.records(clock.now());
  assert.deepEqual([record?.id, record?.data['"late"']], [idOf(cookie), '"yes"']);
});

test("whatever needs a cookie is refused over a socket, and does nothing", async (t) => {
  const { site, store, clock, connect } = await start(t);
  const cookie = await cookieFrom(site);
  for (const command of ["rotate", "sign in", "sign out"]) {
    const { ask } = await connect({ cookie });
    const before = await store.records(clock.now());
    assert.equal(await ask(command), "HEAD_SENT", command);
    assert.deepEqual(await store.records(clock.now()), before);
  }
});

test("the socket of an anonymous visitor has nobody's session, and makes none", async (t) => {
  const { store, connect } = await start(t);
  const { ask } = await connect({});
  assert.equal(await ask("who"), "nobody");
  assert.equal(await ask("write"), "HEAD_SENT");
  assert.deepEqual([store.calls, store.watched], [[], []]);
});

test("with the store down an upgrade is a 503", async (t) => {
  const { site, store, connect, refused } = await start(t);
  const cookie = await cookieFrom(site);
  store.fail();
  const { statusCode, headers } = await refused({ cookie });
  assert.deepEqual([statusCode, headers["retry-after"], headers["set-cookie"]], [503, "1", undefined]);
  store.recover();
  assert.equal(await (await connect({ cookie })).ask("who"), "ada");
});

test("a handler that throws is answered with a 500, also on a connection that was in use", async (t) => {
  const printed = t.mock.method(console, "error", () => {}).mock;
  for (const fault of [
    () => {
      throw new Error("the handler's own");
    },
    () => Promise.reject(new Error("the handler's own")),
  ]) {
    const { site } = await start(t, { handler: fault });
    const wire = site.wire();
    wire.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await wire.until((received) => received.endsWith("nobody"));
    wire.send(upgradeWith(""));
    assert.match(await wire.closed(), /nobody.*HTTP\/1\.1 500 Internal Server Error\r\n.*try again later/s);
  }
  assert.equal(printed.callCount(), 2);
});

test("one that throws once something was sent closes the socket", async (t) => {
  t.mock.method(console, "error", () => {});
  const { site } = await start(t, {
    handler(_request, socket) {
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      throw new Error("the handler's own");
    },
  });
  const wire = site.wire();
  wire.send(upgradeWith(""));
  assert.doesNotMatch(await wire.closed(), /500/);
});

test("a session that ends closes its sockets and no other's", async (t) => {
  const { site, store, connect } = await start(t);
  const [ended, other] = [await cookieFrom(site), await cookieFrom(site)];
  const sockets = [await connect({ cookie: ended }), await connect({ cookie: ended })];
  const bystanders = [await connect({ cookie: other }), await connect({})];
  assert.deepEqual(new Set(store.watched), new Set([idOf(ended), idOf(other)]));
  // As another process would.
  await store.delete(idOf(ended));
  for (const { closed } of sockets) assert.equal(await closed, 1006);
  assert.deepEqual(await Promise.all(bystanders.map(({ ask }) => ask("who"))), ["ada", "nobody"]);
  assert.deepEqual(store.watched, [idOf(other)]);
});

test("the handler may say goodbye before the socket is closed", async (t) => {
  const { site, connect } = await start(t, {
    greet: (webSocket, { signal }) =>
      signal.addEventListener("abort", () => webSocket.close(4_001, "signed out"), { once: true }),
  });
  const cookie = await cookieFrom(site);
  const { closed } = await connect({ cookie });
  await site.send({ path: "/out", cookie });
  assert.equal(await closed, 4_001);
});

test("an open socket is no visit, until it is said to be one", async (t) => {
  const { site, clock, store, connect } = await start(t);
  const cookie = await cookieFrom(site);
  const [before] = await store.records(clock.now());
  clock.advance(2 * HOUR);
  const { ask } = await connect({ cookie });
  assert.equal(await ask("who"), "ada");
  assert.deepEqual(await store.records(clock.now()), [before]);
  clock.advance(2 * HOUR);
  await ask("touch");
  const [after] = await store.records(clock.now());
  assert.equal(after?.lastSeenAt, clock.now());
  assert.equal(after?.expiresAt, (before?.expiresAt ?? 0) + 4 * HOUR);
});

test("a session whose sockets are gone is watched no more", async (t) => {
  const { site, store, connect } = await start(t);
  const cookie = await cookieFrom(site);
  const { webSocket, closed } = await connect({ cookie });
  webSocket.terminate();
  await closed;
  await site.roundTrips();
  assert.deepEqual(store.watched, []);
});

test("a page of another origin gets a 403, and one of the server's own or of a declared one its session", async (t) => {
  const { site, connect, refused } = await start(t, { origins: ["https://app.example.com"] });
  const cookie = await cookieFrom(site);
  const foreign = [
    ...["https://evil.example", "http://shop.example.evil.example", "http://evil.example/shop.example"],
    ...["http://evilshop.example", "http://sub.shop.example", "http://shop.example:8080", "null", ""],
    ...["https://app.example.com.evil.example", "http://app.example.com"],
  ];
  for (const origin of foreign) assert.equal((await refused({ cookie, origin })).statusCode, 403, origin);
  for (const origin of [
    "http://shop.example",
    "https://shop.example",
    "https://app.example.com",
    undefined,
  ]) {
    assert.equal(await (await connect({ cookie, origin })).ask("who"), "ada", String(origin));
  }
});

test("the server's own origin is known by its Host in whichever form, and by no other port", async (t) => {
  const { connect, refused } = await start(t);
  for (const [origin, host] of [
    ["https://shop.example", "shop.example:443"],
    ["http://shop.example", "Shop.Example:80"],
    ["http://[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"],
  ] as const) {
    assert.equal(await (await connect({ origin, host })).ask("who"), "nobody", host);
  }
  for (const [origin, host] of [
    ["https://shop.example", "shop.example:80"],
    ["http://shop.example:443", "shop.example"],
    ["http://[::1]", "[::2]"],
    ["file://", ""],
  ] as const) {
    assert.equal((await refused({ origin, host })).statusCode, 403, host);
  }
});

test("where the cookie is Secure, a page in plain text is of another origin", async (t) => {
  const { connect, refused } = await start(t, { sessions: { cookie: { secure: true } } });
  assert.equal((await refused({ origin: "http://shop.example" })).statusCode, 403);
  assert.equal(await (await connect({ origin: "https://shop.example" })).ask("who"), "nobody");
});

test("a connection that breaks during the look-up ends nothing else, and is watched by nobody", async (t) => {
  const { site, port, store } = await start(t);
  const cookie = await cookieFrom(site);
  for (const outage of [false, true]) {
    const find = store.hold("find");
    const socket = connectTo(port);
    socket.write(upgradeWith(cookie));
    await find.reached;
    socket.resetAndDestroy();
    await site.roundTrips();
    if (outage) store.fail();
    find.release();
    await site.roundTrips();
    assert.deepEqual(store.watched, []);
  }
});

test("one that was refused is closed, though the client keeps its half open", async (t) => {
  t.mock.method(console, "error", () => {});
  const refused = Promise.withResolvers<Duplex>();
  const { site, port } = await start(t, {
    handler(_request, socket) {
      refused.resolve(socket);
      throw new Error("the handler's own");
    },
  });
  const client = connectTo(port);
  t.after(() => client.destroy());
  client.resume().write(upgradeWith(""));
  const socket = await refused.promise;
  await once(client, "end");
  await site.roundTrips();
  assert.equal(socket.destroyed, true);
});

// ---- helpers

/** An upgrade as it is written. */
function upgradeWith(cookie: string): string {
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`;
  return `GET / HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\nCookie: ${cookie}\r\n\r\n`;
}

/** A connection that does not close its end when the server does. */
function connectTo(port: number): Socket {
  return connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
}

interface Parts extends UpgradeOptions {
  readonly sessions?: Partial<SessionsOptions>;
  /** What to do with a socket, besides answering its commands. */
  greet?(webSocket: WebSocket, session: Session<TrialData>): void;
  /** In place of websockets. */
  readonly handler?: UpgradeHandler<TrialData>;
}

interface Visit {
  readonly cookie?: string;
  readonly origin?: string | undefined;
  readonly host?: string;
}

interface Connection {
  readonly webSocket: WebSocket;
  /** The answer to the upgrade. */
  readonly response: IncomingMessage;
  /** The code that the socket is closed with. */
  readonly closed: Promise<number>;
  /** The answer to a command: a text, `"done"`, or the code of its error. */
  ask(command: string): Promise<string>;
}

interface Started {
  readonly site: Site;
  readonly port: number;
  readonly store: TrialStore;
  readonly clock: ManualClock;
  connect(visit: Visit): Promise<Connection>;
  /** The answer to an upgrade that is refused. */
  refused(visit: Visit): Promise<IncomingMessage>;
}

/** A server of pages and of websockets, whose store answers later. */
async function start(t: TestContext, parts: Parts = {}): Promise<Started> {
  const store = new TrialStore("later");
  const clock = manualClock();
  const sessions = createSessions<TrialData>({
    ...{ store, clock, sweep: false, onEvent() {} },
    ...parts.sessions,
  });
  const sockets = new WebSocketServer({ noServer: true });
  const accept: UpgradeHandler<TrialData> = (request, socket, head, session) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      parts.greet?.(webSocket, session);
      webSocket.on("message", async (command) => {
        webSocket.send(await outcomeOf(() => COMMANDS[String(command)]?.(session)));
      });
    });
  const server = createServer(nodeListener(sessions, routes(COMMON)));
  server.on("upgrade", upgrade(sessions, parts.handler ?? accept, parts));
  const { port, close } = await listening(server);
  const site = new Site(sessions, port);
  t.after(async () => {
    for (const webSocket of sockets.clients) webSocket.terminate();
    site.close();
    close();
    await sessions.close();
  });
  const webSocketOf = ({ cookie, origin, host = "shop.example" }: Visit) =>
    new WebSocket(`ws://127.0.0.1:${port}/`, {
      headers: {
        host,
        ...(cookie !== undefined && { cookie }),
        ...(origin !== undefined && { origin }),
      },
    });
  return {
    site,
    port,
    store,
    clock,
    async connect(visit) {
      const webSocket = webSocketOf(visit);
      const closed = once(webSocket, "close").then(([code]) => code as number);
      const [[response]] = await Promise.all([once(webSocket, "upgrade"), once(webSocket, "open")]);
      return {
        webSocket,
        response: response as IncomingMessage,
        closed,
        async ask(command) {
          webSocket.send(command);
          const [answer] = await once(webSocket, "message");
          return String(answer);
        },
      };
    },
    async refused(visit) {
      const [, response] = await once(webSocketOf(visit), "unexpected-response");
      (response as IncomingMessage).resume();
      return response as IncomingMessage;
    },
  };
}

async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    return String((await work()) ?? "done");
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
