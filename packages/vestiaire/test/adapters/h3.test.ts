// The h3 adapter: the contract, and what only h3 has.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createEventStream,
  defineWebSocketHandler,
  H3,
  type H3Config,
  HTTPError,
  redirect,
  serve,
  setCookie,
} from "h3";
import { session } from "../../src/adapters/h3.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { type ServeScenario, type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { webResponse } from "./serve.ts";

const serveH3: ServeScenario = async (manager, scenario) => {
  const sessions = session<TrialData>(manager);
  const app = new H3({ silent: true }).use(sessions).all("/**", async (event) => {
    const { req, url } = event;
    return webResponse(await scenario(sessions.of(event), { method: req.method, path: url.pathname }));
  });
  const server = await serve(app, { port: 0, hostname: "127.0.0.1", silent: true }).ready();
  return { port: Number(new URL(server.url ?? "").port), close: () => server.close(true) };
};

testAdapter("h3", serveH3);

interface Visitor {
  name: string;
}

/** An application with sessions, and what its store was asked. */
function trial(config: H3Config = {}) {
  const store = new TrialStore("later");
  const sessions = session<Visitor>({ store, sweep: false, onEvent() {} });
  const app = new H3({ silent: true, ...config });
  return { store, sessions, app };
}

/** The names of the cookies that a response sets. */
const cookiesOf = (response: Response) =>
  response.headers.getSetCookie().map((line) => line.split("=", 1)[0]);

/** The session's cookie, as the browser sends it back. */
const cookieOf = (response: Response) => ({
  cookie: response.headers.getSetCookie().at(-1)?.split(";", 1)[0] ?? "",
});

describe("in h3", () => {
  test("the session has the type of its data", async () => {
    const { sessions, app } = trial();
    app.use(sessions).get("/", (event) => {
      const name: string | undefined = sessions.of(event).data.name;
      // @ts-expect-error: no such key
      sessions.of(event).data.nmae;
      return name ?? "nobody";
    });
    assert.equal(await (await app.request("/")).text(), "nobody");
  });

  test("prepared headers, h3's own cookies and redirects leave with the session's cookie", async () => {
    const { sessions, app } = trial();
    app.use(sessions).get("/in", (event) => {
      event.res.headers.set("x-own", "1");
      event.res.headers.set("vary", "Accept");
      setCookie(event, "theme", "dark");
      sessions.of(event).signIn("ada");
      return redirect("/", 303);
    });
    const response = await app.request("/in");
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/"]);
    assert.equal(response.headers.get("x-own"), "1");
    assert.equal(response.headers.get("vary"), "Accept, Cookie");
    assert.deepEqual(cookiesOf(response), ["theme", "session"]);
  });

  test("whatever a handler returns can carry the cookie", async () => {
    const answers = [
      null,
      "",
      "text",
      { json: 1 },
      7,
      new Uint8Array(3),
      Response.redirect("http://a.test/"),
    ];
    for (const answer of [...answers, new Blob(["x"]), new Response("x").body]) {
      const { sessions, app } = trial();
      app.use(sessions).get("/", (event) => {
        sessions.of(event).signIn("ada");
        return answer;
      });
      assert.deepEqual(cookiesOf(await app.request("/")), ["session"], String(answer));
    }
  });

  test("a thrown HTTPError is committed by its status, like the response it becomes", async () => {
    const { sessions, app, store } = trial();
    app.use(sessions).get("/:status", (event) => {
      sessions.of(event).set("name", "Ada");
      event.res.errHeaders.set("x-error", "1");
      throw new HTTPError({ status: Number(event.context.params?.status), message: "no" });
    });
    const refused = await app.request("/401");
    assert.deepEqual([refused.status, refused.headers.get("x-error")], [401, "1"]);
    assert.deepEqual(cookiesOf(refused), ["session"]);
    store.calls.length = 0;
    const failed = await app.request("/500");
    assert.deepEqual([failed.status, cookiesOf(failed), store.calls], [500, [], []]);
  });

  test("after an error only a sign-out counts", async () => {
    const { sessions, app } = trial();
    app
      .use(sessions)
      .get("/in", (event) => void sessions.of(event).signIn("ada"))
      .get("/out", (event) => {
        sessions.of(event).signOut();
        throw new Error("the handler's own");
      })
      .get("/who", (event) => sessions.of(event).userId ?? "nobody");
    const headers = cookieOf(await app.request("/in"));
    assert.equal(await (await app.request("/who", { headers })).text(), "ada");
    assert.equal((await app.request("/out", { headers })).status, 500);
    assert.equal(await (await app.request("/who", { headers })).text(), "nobody");
  });

  test("hooks run once, and what the error hook answers decides what is committed", async () => {
    const hooks: string[] = [];
    const { sessions, app, store } = trial({
      onError(error, { url }) {
        hooks.push("error");
        return new Response(error.message, { status: url.pathname === "/page" ? 200 : 500 });
      },
      onResponse: ({ status }) => void hooks.push(`response ${status}`),
    });
    app.use(sessions).get("/**", (event) => {
      sessions.of(event).signIn("ada");
      throw new Error("the handler's own");
    });
    const failed = await app.request("/fails");
    assert.deepEqual([failed.status, await failed.text()], [500, "the handler's own"]);
    assert.deepEqual([cookiesOf(failed), store.calls], [[], []]);
    const page = await app.request("/page");
    assert.deepEqual([page.status, cookiesOf(page)], [200, ["session"]]);
    assert.deepEqual(hooks, ["error", "response 500", "error", "response 200"]);
  });

  test("an outage is a 503 without the handler's headers, and nothing for the error hook", async () => {
    const asked: unknown[] = [];
    const { sessions, app, store } = trial({ onError: (error) => void asked.push(error) });
    app
      .use(sessions)
      .get("/in", (event) => {
        setCookie(event, "theme", "dark");
        event.res.headers.set("x-own", "1");
        event.res.errHeaders.set("x-error", "1");
        sessions.of(event).signIn("ada");
      })
      .get("/who", (event) => {
        event.res.errHeaders.set("x-error", "1");
        return sessions.of(event).userId;
      });
    const headers = cookieOf(await app.request("/in"));
    store.fail();
    for (const [path, init] of [
      ["/in", {}],
      ["/who", { headers }],
    ] as const) {
      const outage = await app.request(path, init);
      assert.deepEqual([outage.status, cookiesOf(outage)], [503, []], path);
      assert.deepEqual([outage.headers.get("x-own"), outage.headers.get("x-error")], [null, null]);
    }
    assert.deepEqual(asked, []);
  });

  test("unknown routes, and what comes before the middleware, are answered without the store", async () => {
    const { sessions, app, store } = trial();
    app.use("/robots.txt", () => "Disallow: /");
    app.use(sessions).get("/in", (event) => void sessions.of(event).signIn("ada"));
    const headers = cookieOf(await app.request("/in"));
    store.calls.length = 0;
    assert.equal((await app.request("/nowhere")).status, 404);
    assert.equal((await app.request("/in", { method: "POST" })).status, 404);
    assert.equal((await app.request("/%", { headers })).status, 400);
    assert.equal((await app.request("/robots.txt", { headers })).status, 200);
    assert.deepEqual(store.calls, []);
  });

  test("an event stream's head has the cookie", async () => {
    const { sessions, app } = trial();
    app.use(sessions).get("/events", async (event) => {
      sessions.of(event).signIn("ada");
      const stream = createEventStream(event);
      void stream.push("hello").then(() => stream.close());
      return stream.send();
    });
    const response = await app.request("/events");
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.deepEqual(cookiesOf(response), ["session"]);
    assert.equal(await response.text(), "data: hello\n\n");
  });

  test("a websocket's hooks stay on its response", async () => {
    const { sessions, app } = trial();
    app.use(sessions).get(
      "/socket",
      defineWebSocketHandler((event) => ({ open: () => void sessions.of(event).userId })),
    );
    assert.ok("crossws" in (await app.request("/socket")));
  });

  test("a request has one session, in mounted applications and behind a second use too", async () => {
    const { sessions, app, store } = trial();
    const inner = new H3().use(sessions).get("/in", (event) => void sessions.of(event).signIn("ada"));
    app
      .use(sessions)
      .use((event) => void sessions.of(event).set("name", "Ada"))
      .mount("/inner", inner);
    assert.deepEqual(cookiesOf(await app.request("/inner/in")), ["session"]);
    assert.deepEqual(store.calls, ["create"]);
  });

  test("requests that share a context do not share a session", async () => {
    const { sessions, app } = trial();
    app
      .use(sessions)
      .get("/in", (event) => void sessions.of(event).signIn("ada"))
      .get("/who", (event) => sessions.of(event).userId ?? "nobody");
    const context = {};
    await app.request("/in", {}, context);
    assert.equal(await (await app.request("/who", {}, context)).text(), "nobody");
  });

  test("a route without the middleware is told what is missing", async () => {
    const thrown: unknown[] = [];
    const { sessions, app } = trial({ onError: ({ cause }) => void thrown.push(cause) });
    app.get("/", (event) => sessions.of(event).userId);
    assert.equal((await app.request("/")).status, 500);
    assert.match(thrown.join(), /ConfigurationError: .*app\.use/);
  });
});
