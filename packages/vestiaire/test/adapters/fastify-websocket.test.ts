// Websockets by `@fastify/websocket`, whose handlers have the session of the request that was upgraded.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type TestContext, test } from "node:test";
import websocket from "@fastify/websocket";
import { WebSocket } from "ws";
import type { Session } from "../../src/core/session.ts";
import { cookieFrom, idOf } from "../../src/testing/adapter-cases-fixtures.ts";
import type { TrialData } from "../../src/testing/adapter-contract.ts";
import { appOf, type Trial } from "./serve-fastify.ts";

/** What a client may ask for over its socket. */
const COMMANDS: Readonly<Record<string, (session: Session<TrialData>) => unknown>> = {
  who: ({ userId }) => userId ?? "nobody",
  write: (session) => session.set("late", "yes").save(),
  rotate: (session) => session.rotate().save(),
  "sign in": (session) => session.signIn("eve").save(),
  "sign out": (session) => session.signOut().save(),
};

/** Answers each command with what it answers, "done", or the code of its error. Closed when the session ends. */
function serve(socket: WebSocket, session: Session<TrialData>): void {
  session.signal.addEventListener("abort", () => socket.close(4001), { once: true });
  socket.on("message", async (command) => {
    try {
      socket.send(String((await COMMANDS[String(command)]?.(session)) ?? "done"));
    } catch (error) {
      socket.send((error as { code: string }).code);
    }
  });
}

/** An application with a websocket at `/socket`. At `/guarded` a hook lets nobody in, and remembers that. */
function start(t: TestContext): Promise<Trial> {
  return appOf(t, (app, visits) => {
    app.register(async (scope) => {
      await scope.register(websocket);
      const visit = async (request: { readonly raw: IncomingMessage }) => {
        visits.of(request).update("visits", (count) => Number(count ?? 0) + 1);
      };
      scope.get("/socket", { websocket: true, preHandler: visit }, (socket, request) =>
        serve(socket, visits.of(request)),
      );
      scope.get(
        "/guarded",
        { websocket: true, preHandler: [visit, async (_, reply) => reply.code(403).send()] },
        () => assert.fail(),
      );
    });
  });
}

/** The client's end, the answer to its upgrade, and how to ask. The socket is closed after the test. */
async function connect(t: TestContext, { port }: Trial, cookie?: string) {
  const headers = cookie === undefined ? {} : { cookie };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers });
  t.after(() => socket.terminate());
  const [[response]] = (await Promise.all([once(socket, "upgrade"), once(socket, "open")])) as [
    [IncomingMessage],
    [],
  ];
  const ask = async (command: string): Promise<string> => {
    socket.send(command);
    const [answer] = await once(socket, "message");
    return String(answer);
  };
  return { socket, response, ask };
}

/** The plain answer to an upgrade at this path. */
async function refused({ port }: Trial, path: string, cookie?: string): Promise<IncomingMessage> {
  const headers = cookie === undefined ? {} : { cookie };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  const [request, response] = await once(socket, "unexpected-response");
  request.destroy();
  return response as IncomingMessage;
}

test("the handler of a websocket has the session, and stores what it saves", async (t) => {
  const trial = await start(t);
  const { site, store } = trial;
  const cookie = await cookieFrom(site);
  const { ask, response } = await connect(t, trial, cookie);
  assert.equal(response.headers["set-cookie"], undefined);
  assert.equal(await ask("who"), "ada");
  assert.equal(await ask("write"), "done");
  const [record] = await store.records(Date.now());
  assert.deepEqual([record?.id, record?.data], [idOf(cookie), { '"visits"': "1", '"late"': '"yes"' }]);
});

test("what would need a cookie is refused over a websocket, and does nothing", async (t) => {
  const trial = await start(t);
  const { site, store } = trial;
  const cookie = await cookieFrom(site);
  const before = await store.records(Date.now());
  for (const command of ["rotate", "sign in", "sign out"]) {
    const { ask } = await connect(t, trial, cookie);
    assert.equal(await ask(command), "HEAD_SENT", command);
  }
  const { ask } = await connect(t, trial);
  assert.equal(await ask("write"), "HEAD_SENT");
  assert.deepEqual(await store.records(Date.now()), before);
});

test("session.signal closes a websocket when the session ends, and is let go with the socket", async (t) => {
  const trial = await start(t);
  const { site, store } = trial;
  const cookie = await cookieFrom(site);
  const [ended, left] = [await connect(t, trial, cookie), await connect(t, trial, await cookieFrom(site))];
  assert.equal(store.watched.length, 2);
  left.socket.close();
  await once(left.socket, "close");
  await site.roundTrips();
  assert.deepEqual(store.watched, [idOf(cookie)]);
  const closed = once(ended.socket, "close");
  await site.sessions.end(idOf(cookie));
  assert.equal((await closed)[0], 4001);
});

test("an upgrade that a hook refuses is an answer like any other", async (t) => {
  const trial = await start(t);
  const { site, store, users } = trial;
  const response = await refused(trial, "/guarded");
  assert.equal(response.statusCode, 403);
  assert.match(response.headers["set-cookie"]?.[0] ?? "", /^session=/);
  assert.deepEqual(await users(), [null]);
  const cookie = await cookieFrom(site);
  store.fail();
  for (const path of ["/guarded", "/socket"]) {
    const outage = await refused(trial, path, cookie);
    assert.deepEqual([outage.statusCode, outage.headers["set-cookie"]], [503, undefined]);
  }
});
