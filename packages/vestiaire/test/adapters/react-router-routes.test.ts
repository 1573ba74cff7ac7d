// What only React Router has, under its middleware: documents, data requests and resources; redirects and errors; contexts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createRequestHandler,
  createStaticHandler,
  data,
  type MiddlewareFunction,
  RouterContextProvider,
  redirect,
} from "react-router";
import { session } from "../../src/adapters/react-router.ts";
import { ConfigurationError, StoreError } from "../../src/core/errors.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { buildOf, type Module } from "./serve-react-router.ts";

interface Visitor {
  name: string;
  steps: string[];
}

/** A middleware, and what its store was asked. */
function trial() {
  const store = new TrialStore("later");
  return { store, visits: session<Visitor>({ store, sweep: false, onEvent() {} }) };
}

type Answering = (request: Request, context?: RouterContextProvider) => Promise<Response>;

/** Sends a GET, or the form in a POST. */
function ask(
  answer: Answering,
  path: string,
  { cookie = "", form }: { cookie?: string; form?: object } = {},
) {
  const init = { headers: { cookie } };
  const body = new URLSearchParams({ ...form });
  return answer(new Request(`http://a.test${path}`, form ? { ...init, method: "POST", body } : init));
}

const cookieOf = (response: Response) => response.headers.getSetCookie().at(-1)?.split(";", 1)[0] ?? "";
const cookiesOf = (response: Response) =>
  response.headers.getSetCookie().map((line) => line.split("=", 1)[0]);

const page = { default: () => null } as Partial<Module>;

describe("in React Router", () => {
  test("the session has the type of its data, and the middleware goes where React Router wants one", async () => {
    const { visits } = trial();
    const ofRoutes: MiddlewareFunction[] = [visits];
    const ofModules: MiddlewareFunction<Response>[] = [visits];
    const build = buildOf(
      { middleware: ofModules },
      {
        "/": {
          loader({ context }) {
            const name: string | undefined = visits.of(context).data.name;
            // @ts-expect-error: no such key
            visits.of(context).data.nmae;
            return new Response(name ?? "nobody");
          },
        },
      },
    );
    assert.equal(await (await ask(createRequestHandler(build), "/")).text(), "nobody");
    assert.equal(ofRoutes.length, 1);
  });

  test("the loaders and the action of a request share one session, which is stored once", async () => {
    const { visits, store } = trial();
    const step = (name: string) => (args: { context: Readonly<RouterContextProvider> }) => {
      visits.of(args.context).update("steps", (steps = []) => [...steps, name]);
      return null;
    };
    const seen: unknown[] = [];
    const build = buildOf(
      { ...page, middleware: [visits], loader: step("root") },
      { in: { ...page, middleware: [visits], action: step("action"), loader: step("leaf") } },
      {
        default(_request, status, headers, _context, context) {
          seen.push(visits.of(context).data.steps);
          return new Response("page", { status, headers });
        },
      },
    );
    const response = await ask(createRequestHandler(build), "/in", { form: {} });
    assert.deepEqual([response.status, cookiesOf(response), store.calls], [200, ["session"], ["create"]]);
    assert.equal(response.headers.get("vary"), "Cookie");
    assert.deepEqual(seen, [["action", "root", "leaf"]]);
  });

  test("redirects, thrown or returned, leave with the cookie, as a .data request's too", async () => {
    const { visits } = trial();
    const ends = [
      () => redirect("/", { headers: { "x-own": "1" } }),
      () => Response.redirect("http://a.test/"),
      () => {
        throw redirect("/");
      },
    ];
    for (const end of ends) {
      const build = buildOf(
        { ...page, middleware: [visits] },
        {
          in: {
            ...page,
            action({ context }) {
              visits.of(context).signIn("ada");
              return end();
            },
          },
        },
      );
      const handler = createRequestHandler(build);
      const document = await ask(handler, "/in", { form: {} });
      assert.deepEqual([document.status, cookiesOf(document)], [302, ["session"]], String(end));
      assert.match(document.headers.get("location") ?? "", /\/$/);
      const single = await ask(handler, "/in.data", { form: {} });
      assert.deepEqual([single.status, cookiesOf(single)], [202, ["session"]], String(end));
      assert.match(await single.text(), /"redirect"/);
    }
  });

  test("data() and what is thrown are committed by their status", async () => {
    const { visits, store } = trial();
    const build = buildOf(
      { ...page, middleware: [visits] },
      {
        ":status": {
          ...page,
          loader({ context, params }) {
            visits.of(context).set("name", "Ada");
            const status = Number(params.status);
            if (status >= 400) throw data("no", status);
            return data("yes", { status, headers: { "Set-Cookie": "theme=dark" } });
          },
        },
      },
    );
    const handler = createRequestHandler(build);
    for (const suffix of ["", ".data"]) {
      for (const [status, cookies] of [
        [201, ["theme", "session"]],
        [401, ["session"]],
        [500, []],
      ] as const) {
        store.calls.length = 0;
        const response = await ask(handler, `/${status}${suffix}`);
        assert.deepEqual([response.status, cookiesOf(response)], [status, cookies]);
        assert.deepEqual(store.calls, status === 500 ? [] : ["create"]);
      }
    }
  });

  test("of an error, in a loader or while it is rendered, only a sign-out counts", async () => {
    for (const fault of ["loader", "render", "middleware"]) {
      const { visits } = trial();
      const failing = (where: string) => {
        if (where === fault) throw new Error("the program's own");
      };
      const build = buildOf(
        { ...page, middleware: [visits] },
        {
          in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) },
          out: {
            ...page,
            middleware: [
              ({ context }) => {
                visits.of(context).signOut();
                failing("middleware");
              },
            ],
            loader: () => failing("loader"),
          },
          change: {
            ...page,
            middleware: [
              ({ context }) => void visits.of(context).set("name", "Ada"),
              () => failing("middleware"),
            ],
            loader: () => failing("loader"),
          },
          who: {
            loader: ({ context }) => Response.json(visits.of(context).data.name ?? visits.of(context).userId),
          },
        },
        {
          default(_request, status, headers) {
            if (status === 200) failing("render");
            return new Response("page", { status, headers });
          },
        },
      );
      const handler = createRequestHandler(build);
      const cookie = cookieOf(await ask(handler, "/in"));
      assert.equal((await ask(handler, "/change", { cookie })).status, 500, fault);
      assert.equal(await (await ask(handler, "/who", { cookie })).json(), "ada", fault);
      assert.equal((await ask(handler, "/out", { cookie })).status, 500, fault);
      assert.equal(await (await ask(handler, "/who", { cookie })).json(), null, fault);
    }
  });

  test("what a deferred promise writes needs save(), for the head has left", async () => {
    const { visits, store } = trial();
    const late = Promise.withResolvers<void>();
    const build = buildOf(
      { ...page, middleware: [visits] },
      {
        in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) },
        slow: {
          ...page,
          loader({ context }) {
            const visit = visits.of(context);
            return { later: late.promise.then(() => visit.set("name", "Ada").save()).then(() => "saved") };
          },
        },
      },
    );
    const handler = createRequestHandler(build);
    const cookie = cookieOf(await ask(handler, "/in"));
    store.calls.length = 0;
    const response = await ask(handler, "/slow.data", { cookie });
    assert.deepEqual([response.status, store.calls], [200, ["find"]]);
    late.resolve();
    assert.match(await response.text(), /saved/);
    assert.deepEqual(store.calls, ["find", "patch"]);
  });

  test("unknown paths and the manifest are answered without the store", async () => {
    const { visits, store } = trial();
    const build = buildOf(
      { ...page, middleware: [visits] },
      { in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) } },
    );
    const handler = createRequestHandler(build);
    const cookie = cookieOf(await ask(handler, "/in"));
    store.calls.length = 0;
    for (const path of ["/nowhere", "/nowhere.data"])
      assert.equal((await ask(handler, path, { cookie })).status, 404);
    assert.equal((await ask(handler, "/__manifest?version=1&paths=/in", { cookie })).status, 200);
    assert.deepEqual(store.calls, []);
  });

  test("an outage is a 503 without the routes' headers, in documents, data and resources", async () => {
    const { visits, store } = trial();
    const told: unknown[] = [];
    const uses: Partial<Module> = {
      loader({ context }) {
        visits.of(context).set("name", "Ada");
        return data("prepared", { headers: { "Set-Cookie": "theme=dark" } });
      },
    };
    const build = buildOf(
      { ...page, middleware: [visits] },
      {
        in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) },
        document: { ...page, ...uses },
        resource: uses,
        guarded: { ...page, middleware: [({ context }) => void visits.of(context).userId] },
        "guarded-resource": { ...uses, middleware: [({ context }) => void visits.of(context).userId] },
        plain: page,
      },
      { handleError: (error) => void told.push(error) },
    );
    const handler = createRequestHandler(build);
    const cookie = cookieOf(await ask(handler, "/in"));
    for (const failing of [["find"], ["patch"]] as const) {
      store.fail(...failing);
      const paths = ["/document", "/document.data", "/resource"];
      if (failing[0] === "find") paths.push("/guarded", "/guarded.data", "/guarded-resource");
      for (const path of paths) {
        const outage = await ask(handler, path, { cookie });
        assert.deepEqual([outage.status, cookiesOf(outage)], [503, []], path);
        assert.match(await outage.text(), /briefly unavailable/);
        // To its client this says that what came is not the routes' data.
        assert.equal(outage.headers.get("x-remix-response"), null);
      }
      assert.equal((await ask(handler, "/plain", { cookie })).status, 200);
      store.recover();
    }
    assert.ok(told.length > 0 && told.every((error) => error instanceof StoreError));
  });

  test("two requests with one context do not see each other's session: the second fails", async () => {
    const { visits } = trial();
    const told: unknown[] = [];
    const build = buildOf(
      { ...page, middleware: [visits] },
      {
        in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) },
        who: { loader: ({ context }) => new Response(visits.of(context).userId) },
      },
      { handleError: (error) => void told.push(error) },
    );
    const handler = createRequestHandler(build);
    const context = new RouterContextProvider();
    const shared: Answering = (request) => handler(request, context);
    assert.equal(await (await ask(shared, "/in")).text(), "ada");
    assert.equal((await ask(shared, "/who")).status, 500);
    assert.match(told.join(), /^ConfigurationError: .*getLoadContext/);
  });

  test("once the visitor has left, a handler stores what it saves, and cannot sign out", async () => {
    const { visits } = trial();
    const begun = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    const build = buildOf(
      { ...page, middleware: [visits] },
      {
        in: { loader: ({ context }) => new Response(visits.of(context).signIn("ada").userId) },
        slow: {
          async loader({ context }) {
            const visit = visits.of(context);
            begun.resolve();
            await released.promise;
            await visit.set("name", "Ada").save();
            ended.resolve(
              await visit
                .signOut()
                .save()
                .catch((error) => error.code),
            );
            return null;
          },
        },
        who: {
          loader({ context }) {
            const { userId, data } = visits.of(context);
            return [userId, data.name];
          },
        },
      },
    );
    const handler = createRequestHandler(build);
    const cookie = cookieOf(await ask(handler, "/in"));
    const visitor = new AbortController();
    const answering = handler(
      new Request("http://a.test/slow", { headers: { cookie }, signal: visitor.signal }),
    );
    await begun.promise;
    visitor.abort();
    assert.equal((await answering).status, 500);
    released.resolve();
    assert.equal(await ended.promise, "HEAD_SENT");
    assert.deepEqual(await (await ask(handler, "/who", { cookie })).json(), ["ada", "Ada"]);
  });

  test("a route without the middleware is told what is missing", () => {
    const { visits } = trial();
    assert.throws(() => visits.of(new RouterContextProvider()), ConfigurationError);
  });

  test("routes as objects have the session too, where the response is made for the middleware", async () => {
    const { visits, store } = trial();
    const { query } = createStaticHandler([
      { path: "/", middleware: [visits], loader: ({ context }) => visits.of(context).signIn("ada").userId },
    ]);
    const answer: Answering = async (request) =>
      (await query(request, {
        async generateMiddlewareResponse(query) {
          const context = await query(request);
          return context instanceof Response ? context : Response.json(context.loaderData);
        },
      })) as Response;
    const response = await ask(answer, "/");
    assert.deepEqual([cookiesOf(response), store.calls], [["session"], ["create"]]);
  });
});
