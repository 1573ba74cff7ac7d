// The Elysia adapter: the contract, and what only Elysia has.

import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { node } from "@elysiajs/node";
import { Elysia, sse } from "elysia";
import { session } from "../../src/adapters/elysia.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { type ServeScenario, type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { webResponse } from "./serve.ts";

/** The server that the Node adapter starts, for which Elysia has no type. */
interface Started {
  raw: { ready(): Promise<unknown>; close(all: true): unknown; node: { server: Server } };
}

const serveElysia: ServeScenario = async (manager, scenario) => {
  const app = new Elysia({ adapter: node() })
    .use(session<TrialData>(manager))
    .all("/*", async ({ request, path, session }) =>
      webResponse(await scenario(session, { method: request.method, path })),
    );
  const started = Promise.withResolvers<Started["raw"]>();
  app.listen({ port: 0, hostname: "127.0.0.1" }, (server) => {
    started.resolve((server as unknown as Started).raw);
  });
  const server = await started.promise;
  await server.ready();
  const { port } = server.node.server.address() as AddressInfo;
  return { port, close: () => server.close(true) };
};

testAdapter("elysia", serveElysia);

interface Visitor {
  name: string;
}

/** A plugin, and what its store was asked. */
function trial() {
  const store = new TrialStore("later");
  return { store, sessions: session<Visitor>({ store, sweep: false, onEvent() {} }) };
}

const at = (path: string, headers = {}) => new Request(`http://localhost${path}`, { headers });

/** The names of the cookies that a response sets. */
const cookiesOf = (response: Response) =>
  response.headers.getSetCookie().map((line) => line.split("=", 1)[0]);

/** The session's cookie, as the browser sends it back. */
const cookieOf = (response: Response) => ({
  cookie: response.headers.getSetCookie().at(-1)?.split(";", 1)[0] ?? "",
});

describe("in Elysia", () => {
  test("the session has the type of its data", async () => {
    const app = new Elysia({ adapter: node() }).use(trial().sessions).get("/", ({ session }) => {
      const name: string | undefined = session.data.name;
      // @ts-expect-error: no such key
      session.data.nmae;
      return name ?? "nobody";
    });
    assert.equal(await (await app.handle(at("/"))).text(), "nobody");
  });

  test("headers of the context, its cookies and redirects leave with the session's cookie", async () => {
    const app = new Elysia({ adapter: node() })
      .use(trial().sessions)
      .get("/in", ({ session, set, cookie, redirect }) => {
        set.headers["x-own"] = "1";
        set.headers.vary = "Accept";
        cookie.theme?.set({ value: "dark" });
        cookie.size?.set({ value: "big" });
        session.signIn("ada");
        return redirect("http://localhost/", 303);
      });
    const response = await app.handle(at("/in"));
    assert.deepEqual([response.status, response.headers.get("location")], [303, "http://localhost/"]);
    assert.equal(response.headers.get("x-own"), "1");
    assert.equal(response.headers.get("vary"), "Accept, Cookie");
    assert.deepEqual(cookiesOf(response), ["theme", "size", "session"]);
  });

  test("the cookie jar shows the session's cookie, and does not send it again", async () => {
    const app = new Elysia({ adapter: node() })
      .use(trial().sessions)
      .get("/in", ({ session }) => void session.signIn("ada"))
      .get("/jar", ({ cookie }) => String(cookie.session?.value));
    const headers = cookieOf(await app.handle(at("/in")));
    const response = await app.handle(at("/jar", headers));
    assert.deepEqual([await response.text(), cookiesOf(response)], [headers.cookie.slice(8), []]);
  });

  test("whatever a handler returns can carry the cookie", async () => {
    const answers = [null, "", "text", { json: 1 }, 7, true, Response.redirect("http://localhost/")];
    for (const answer of answers) {
      const app = new Elysia({ adapter: node() }).use(trial().sessions).get("/", ({ session }) => {
        session.signIn("ada");
        return answer;
      });
      assert.deepEqual(cookiesOf(await app.handle(at("/"))), ["session"], String(answer));
    }
  });

  test("a status is committed as what it is, returned or thrown", async () => {
    const { sessions, store } = trial();
    const app = new Elysia({ adapter: node() })
      .use(sessions)
      .get("/returned/:status", ({ session, status, params }) => {
        session.set("name", "Ada");
        return status(Number(params.status), "no");
      })
      .get("/thrown/:status", ({ session, status, params }) => {
        session.set("name", "Ada");
        throw status(Number(params.status), "no");
      });
    for (const way of ["returned", "thrown"]) {
      const refused = await app.handle(at(`/${way}/401`));
      assert.deepEqual([refused.status, cookiesOf(refused)], [401, ["session"]]);
      store.calls.length = 0;
      const failed = await app.handle(at(`/${way}/500`));
      assert.deepEqual([failed.status, cookiesOf(failed), store.calls], [500, [], []]);
    }
  });

  test("after an error only a sign-out counts, even if the error hook throws as well", async () => {
    for (const hookThrows of [false, true]) {
      const { sessions, store } = trial();
      const app = new Elysia({ adapter: node() })
        .onError(({ error }) => {
          if (hookThrows) throw error;
        })
        .use(sessions)
        .get("/in", ({ session }) => void session.signIn("ada"))
        .get("/fails", ({ session }) => {
          session.signIn("ada");
          throw new Error("the handler's own");
        })
        .get("/out", ({ session }) => {
          session.signOut();
          throw new Error("the handler's own");
        })
        .get("/who", ({ session }) => session.userId ?? "nobody");
      const fail = async (path: string, headers = {}) => {
        const failed = app.handle(at(path, headers));
        if (hookThrows) await assert.rejects(failed, /the handler's own/);
        else assert.equal((await failed).status, 500);
      };
      await fail("/fails");
      assert.deepEqual(store.calls, []);
      const headers = cookieOf(await app.handle(at("/in")));
      assert.equal(await (await app.handle(at("/who", headers))).text(), "ada");
      await fail("/out", headers);
      assert.equal(await (await app.handle(at("/who", headers))).text(), "nobody");
    }
  });

  test("what the error hook answers decides what is committed", async () => {
    const { sessions, store } = trial();
    const app = new Elysia({ adapter: node() })
      .onError(({ path, status }) => status(path === "/page" ? 200 : 500, "the application's page"))
      .use(sessions)
      .get("/*", ({ session }) => {
        session.signIn("ada");
        throw new Error("the handler's own");
      });
    const failed = await app.handle(at("/fails"));
    assert.deepEqual([failed.status, await failed.text()], [500, "the application's page"]);
    assert.deepEqual([cookiesOf(failed), store.calls], [[], []]);
    const page = await app.handle(at("/page"));
    assert.deepEqual([page.status, cookiesOf(page)], [200, ["session"]]);
  });

  test("an outage is a 503 without the handler's headers, whatever the error hook makes of it", async () => {
    const { sessions, store } = trial();
    const app = new Elysia({ adapter: node() })
      .onError(({ status }) => status(200, "the application's page"))
      .use(sessions)
      .get("/in", ({ session, set, cookie }) => {
        set.headers["x-own"] = "1";
        cookie.theme?.set({ value: "dark" });
        session.signIn("ada");
      })
      .get("/who", ({ session }) => session.userId);
    const headers = cookieOf(await app.handle(at("/in")));
    store.fail();
    for (const request of [at("/in"), at("/who", headers)]) {
      const outage = await app.handle(request);
      assert.deepEqual([outage.status, cookiesOf(outage)], [503, []]);
      assert.equal(outage.headers.get("x-own"), null);
    }
  });

  test("unknown routes and wrong methods are answered without the store", async () => {
    const { sessions, store } = trial();
    const app = new Elysia({ adapter: node() }).use(sessions).get("/", ({ session }) => session.userId);
    assert.equal((await app.handle(at("/nowhere"))).status, 404);
    assert.equal((await app.handle(new Request("http://localhost/", { method: "POST" }))).status, 404);
    assert.deepEqual(store.calls, []);
  });

  test("the head of a generated stream, and of events, has the cookie", async () => {
    const app = new Elysia({ adapter: node() })
      .use(trial().sessions)
      .get("/stream", function* ({ session }) {
        session.signIn("ada");
        yield "hello";
      })
      .get("/events", function* ({ session }) {
        session.signIn("ada");
        yield sse("hello");
      });
    for (const path of ["/stream", "/events"]) {
      assert.deepEqual(cookiesOf(await app.handle(at(path))), ["session"], path);
    }
  });

  test("hooks have the session, and what they answer instead of the handler is committed", async () => {
    const { sessions, store } = trial();
    const app = new Elysia({ adapter: node() })
      .use(sessions)
      .guard({
        beforeHandle({ session, status }) {
          return session.userId === null ? status(403, "not you") : undefined;
        },
      })
      .mapResponse(({ session }) => {
        session.set("name", "Ada");
        return new Response("mapped", { status: 202 });
      })
      .get("/", () => "the handler's");
    const response = await app.handle(at("/"));
    assert.deepEqual([response.status, await response.text()], [202, "mapped"]);
    assert.deepEqual([cookiesOf(response), store.calls], [["session"], ["create"]]);
  });

  test("a plugin may use it again, and a request still has one session", async () => {
    const { sessions, store } = trial();
    const inner = new Elysia({ prefix: "/inner" })
      .use(sessions)
      .get("/in", ({ session }) => void session.signIn("ada"));
    const app = new Elysia({ adapter: node() })
      .use(sessions)
      .onBeforeHandle(({ session }) => void session.set("name", "Ada"))
      .use(inner);
    assert.deepEqual(cookiesOf(await app.handle(at("/inner/in"))), ["session"]);
    assert.deepEqual(store.calls, ["create"]);
  });

  test("a plugin that uses it hands it on, from plugin to plugin", async () => {
    const inner = new Elysia().use(trial().sessions);
    const app = new Elysia({ adapter: node() })
      .use(new Elysia().use(inner))
      .get("/", ({ session }) => session.userId ?? "nobody");
    assert.equal(await (await app.handle(at("/"))).text(), "nobody");
  });

  test("two plugins of different sessions are two", async () => {
    const [people, machines] = [trial(), trial()];
    const app = new Elysia({ adapter: node() })
      .use(new Elysia().use(people.sessions).get("/people", ({ session }) => void session.signIn("ada")))
      .use(new Elysia().use(machines.sessions).get("/machines", ({ session }) => void session.signIn("m1")));
    await app.handle(at("/people"));
    assert.deepEqual([people.store.calls, machines.store.calls], [["create"], []]);
    await app.handle(at("/machines"));
    assert.deepEqual([people.store.calls, machines.store.calls], [["create"], ["create"]]);
  });

  test("an application that leaves the plugin out is told what to do", async () => {
    const app = new Elysia({ adapter: node(), aot: false })
      .use(trial().sessions)
      .get("/", ({ session }) => session.userId);
    const response = await app.handle(at("/"));
    assert.equal(response.status, 500);
    assert.match(await response.text(), /aot: false/);
  });
});
