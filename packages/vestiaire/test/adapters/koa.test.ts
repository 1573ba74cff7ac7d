// The Koa adapter: the contract, also with compression and over HTTP/2, and what only Koa has.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { constants } from "node:zlib";
import Koa, { type Middleware } from "koa";
import compress from "koa-compress";
import { type SessionState, session } from "../../src/adapters/koa.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import type { Site } from "../../src/testing/adapter-cases-client.ts";
import {
  assertNoCookie,
  assertPage,
  assertUnavailable,
  cookieFrom,
  sessionCookie,
} from "../../src/testing/adapter-cases-fixtures.ts";
import { type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { testCompressed } from "./compressed.ts";
import { certificate, listening } from "./serve.ts";
import { koaListener, serveKoa } from "./serve-koa.ts";
import { siteOf, type Visiting, visiting } from "./visiting.ts";

testAdapter("Koa", serveKoa);

testAdapter("Koa over HTTP/2", (...of) => listening(createSecureServer(certificate, koaListener(of))), {
  protocol: "h2",
});

const compressing = compress({ threshold: 0, gzip: { flush: constants.Z_SYNC_FLUSH } });
for (const [order, around] of [
  ["with compression around the session", { before: [compressing] }],
  ["with the session around compression", { after: [compressing] }],
] as const) {
  testCompressed(
    `Koa ${order}`,
    (...of) => listening(createServer(koaListener(of, around))),
    // koa-compress lets a stream that failed hang, with or without a session.
    "a stream that fails midway",
  );
}

type Handler = Middleware<SessionState<TrialData>>;

/** A site of an application without a word to the console. `before` stands around the session middleware. */
async function serving(
  t: TestContext,
  routes: Readonly<Record<string, Handler>>,
  before: readonly Middleware[] = [],
): Promise<Visiting & { site: Site }> {
  const { store, sessions } = visiting();
  const app = new Koa();
  app.silent = true;
  for (const middleware of before) app.use(middleware);
  app.use(session(sessions)).use((ctx, next) => (routes[ctx.path] ?? next)(ctx, next));
  return { store, sessions, site: await siteOf(t, sessions, listening(createServer(app.callback()))) };
}

const answering =
  (body: unknown): Middleware =>
  (ctx) => {
    ctx.body = body;
  };

const signIn: Handler = (ctx) => {
  ctx.state.session.signIn("ada");
  ctx.body = "in";
};

const who: Handler = (ctx) => {
  ctx.body = ctx.state.session.userId ?? "nobody";
};

/** Signs in, and fails as Koa's handlers do. */
const FAILURES: Readonly<Record<string, Handler>> = {
  "/throws": (ctx) => {
    ctx.state.session.signIn("eve");
    ctx.set("X-Handler", "1");
    throw new Error("the handler's own fault");
  },
  "/ctx-throw": (ctx) => {
    ctx.state.session.signIn("eve");
    ctx.throw(502);
  },
  "/onerror": (ctx) => {
    ctx.state.session.signIn("eve");
    ctx.respond = false;
    ctx.onerror(new Error("the handler's own fault"));
  },
};

test("whatever Koa makes of a handler's answer leaves with the cookie", async (t) => {
  const routes: Record<string, Handler> = {
    "/text": answering("text"),
    "/json": answering({ in: true }),
    "/buffer": answering(Buffer.from("buffer")),
    "/stream": answering(Readable.from(["one ", "two"])),
    "/web": answering(new Response("web", { headers: { "X-Web": "1" } })),
    "/null": answering(null),
    "/status": (ctx) => {
      ctx.status = 202;
    },
    "/redirect": (ctx) => ctx.redirect("/text"),
    "/nothing": () => {},
    "/own": (ctx) => {
      ctx.respond = false;
      ctx.res.writeHead(201, { "X-Own": "1" }).end("own");
    },
    "/flushed": async (ctx) => {
      ctx.status = 200;
      ctx.flushHeaders();
      assert.ok(ctx.headerSent);
      ctx.body = Readable.from(["flushed"]);
    },
  };
  const { site } = await serving(
    t,
    Object.fromEntries(
      Object.entries(routes).map(([path, answer]): [string, Handler] => [
        path,
        (ctx, next) => {
          ctx.cookies.set("theme", "dark");
          ctx.state.session.signIn("ada");
          return answer(ctx, next);
        },
      ]),
    ),
  );
  for (const [path, status, body] of [
    ["/text", 200, "text"],
    ["/json", 200, '{"in":true}'],
    ["/buffer", 200, "buffer"],
    ["/stream", 200, "one two"],
    ["/web", 200, "web"],
    ["/null", 204, ""],
    ["/status", 202, "Accepted"],
    ["/redirect", 302, "Redirecting to /text."],
    ["/nothing", 404, "Not Found"],
    ["/own", 201, "own"],
    ["/flushed", 200, "flushed"],
  ] as const) {
    const reply = await site.send({ path });
    assertPage(reply, body, status);
    sessionCookie(site, reply);
    assert.equal(reply.setCookies.filter((line) => line.startsWith("theme=dark")).length, 1, path);
  }
});

test("Koa's 404 and HEAD need no store, and set no cookie", async (t) => {
  const { site, store } = await serving(t, { "/in": signIn });
  const head = await site.send({ method: "HEAD", path: "/in" });
  assertPage(head, "");
  assert.equal(head.headers.get("content-length"), "2");
  assertNoCookie(head);
  assert.deepEqual(store.calls, []);
  const cookie = await cookieFrom(site);
  store.fail();
  const missing = await site.send({ path: "/nowhere", cookie });
  assertPage(missing, "Not Found", 404);
  assert.equal(missing.headers.get("vary"), null);
});

test("an error that Koa answers with 500 or more drops everything but a sign-out", async (t) => {
  const { site, sessions } = await serving(t, {
    "/in": signIn,
    "/who": who,
    ...FAILURES,
    "/out": (ctx) => {
      ctx.state.session.signOut();
      ctx.throw(500);
    },
  });
  const cookie = await cookieFrom(site);
  for (const path of Object.keys(FAILURES)) {
    const reply = await site.send({ path, cookie });
    assert.ok(reply.status >= 500);
    assertNoCookie(reply);
    assert.equal(reply.headers.get("x-handler"), null);
  }
  assert.deepEqual(await sessions.ofUser("eve"), []);
  const out = await site.send({ path: "/out", cookie });
  assert.equal(out.status, 500);
  assert.match(out.setCookies[0] ?? "", /^session=; Max-Age=0/);
  assertPage(await site.send({ path: "/who", cookie }), "nobody");
});

test("one that it answers with less is committed, though Koa takes the handler's headers away", async (t) => {
  const { site, sessions } = await serving(t, {
    "/throw": (ctx) => {
      ctx.state.session.signIn("ada");
      ctx.cookies.set("theme", "dark");
      ctx.throw(403, "not here");
    },
  });
  const reply = await site.send({ path: "/throw" });
  assertPage(reply, "not here", 403);
  sessionCookie(site, reply);
  assert.equal(reply.setCookies.length, 1);
  assert.equal((await sessions.ofUser("ada")).length, 1);
});

test("an error that a middleware around the session answers counts by the status it chose", async (t) => {
  for (const status of [200, 404, 500]) {
    const catching: Middleware = async (ctx, next) => {
      await next().catch(() => {
        ctx.status = status;
        ctx.body = "the application's page";
      });
    };
    const { "/onerror": _answered, ...failures } = FAILURES;
    const { site, sessions } = await serving(t, failures, [catching]);
    for (const path of Object.keys(failures)) {
      const reply = await site.send({ path });
      assertPage(reply, "the application's page", status);
      assert.equal(reply.setCookies.length, status < 500 ? 1 : 0);
    }
    assert.equal((await sessions.ofUser("eve")).length, status < 500 ? 2 : 0);
  }
});

test("an error of the store is a 503, whatever the application made of it", async (t) => {
  const answers: Readonly<Record<string, Middleware>> = {
    "a page": answering("sorry"),
    "a redirect": (ctx) => ctx.redirect("/login"),
    "a failure of its own": (ctx) => ctx.throw(400),
    "a response of its own": (ctx) => {
      ctx.respond = false;
      ctx.res.writeHead(200, { "X-Own": "1" }).end("sorry");
    },
  };
  for (const [kind, answer] of Object.entries(answers)) {
    const codes: unknown[] = [];
    const catching: Middleware = async (ctx, next) => {
      await next().catch((error) => {
        codes.push(error.code);
        return answer(ctx, next);
      });
    };
    const { site, store } = await serving(t, { "/in": signIn, "/who": who }, [catching]);
    const cookie = await cookieFrom(site);
    store.fail();
    const reply = await site.send({ path: "/who", cookie });
    assertUnavailable(reply);
    assert.match(reply.body, /^The service is briefly unavailable/, kind);
    assert.deepEqual(codes, ["STORE_FAILED"]);
  }
});

test("a body that fails before its first piece breaks off, and nothing is taken for done", async (t) => {
  const { site, sessions } = await serving(t, {
    "/broken": (ctx) => {
      ctx.state.session.signIn("ada");
      const body = new Readable({ read: () => void body.destroy(new Error("the source is gone")) });
      ctx.body = body;
    },
  });
  await assert.rejects(site.send({ path: "/broken" }));
  assert.deepEqual(await sessions.ofUser("ada"), []);
});

test("where an application and a part of it both use the middleware, a session is opened once", async (t) => {
  const { store, sessions } = visiting();
  const visits = session(sessions);
  const app = new Koa()
    .use(visits)
    .use(visits)
    .use((ctx, next) => (ctx.path === "/in" ? signIn : who)(ctx, next));
  const site = await siteOf(t, sessions, listening(createServer(app.callback())));
  const cookie = await cookieFrom(site);
  assertPage(await site.send({ path: "/who", cookie }), "ada");
  assert.deepEqual(store.calls, ["create", "find"]);
});

test("a response that somebody before it has begun is left to go on", async (t) => {
  const late: unknown[] = [];
  const begin: Middleware = (ctx, next) => {
    ctx.status = 200;
    if (ctx.path === "/begun") ctx.flushHeaders();
    return next();
  };
  const { site, store } = await serving(
    t,
    {
      "/in": signIn,
      "/begun": async (ctx) => {
        const { session } = ctx.state;
        await session
          .signIn("eve")
          .save()
          .catch((error) => late.push(error.code));
        ctx.body = "body";
      },
    },
    [begin],
  );
  const cookie = await cookieFrom(site);
  const reply = await site.send({ path: "/begun", cookie });
  assertPage(reply, "body");
  assertNoCookie(reply);
  assert.deepEqual([late, store.calls], [["HEAD_SENT"], ["create", "find"]]);
});

test("options that cannot be are refused when the middleware is made", () => {
  assert.throws(() => session({ store: memoryStore(), lifetime: -1 }), { code: "CONFIGURATION" });
});
