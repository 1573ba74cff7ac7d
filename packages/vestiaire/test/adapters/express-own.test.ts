// What the Express adapter promises beside the contract: that all of Express works with it, in both versions.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, type TestContext, test } from "node:test";
import compression from "compression";
import type { ErrorRequestHandler, Express, RequestHandler } from "express";
import { type SessionMiddleware, session } from "../../src/adapters/express.ts";
import { HeadSentError } from "../../src/core/errors.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import type { Site } from "../../src/testing/adapter-cases-client.ts";
import {
  assertNoCookie,
  assertPage,
  assertUnavailable,
  cookieFrom,
  sessionCookie,
} from "../../src/testing/adapter-cases-fixtures.ts";
import type { TrialData } from "../../src/testing/adapter-contract.ts";
import { turns } from "./hold-fixtures.ts";
import { listening } from "./serve.ts";
import { express5, VERSIONS } from "./serve-express.ts";
import { siteOf, type Visiting, visiting } from "./visiting.ts";

const compress = compression({ threshold: 0 });

const folder = mkdtempSync(join(tmpdir(), "vestiaire-express-"));
writeFileSync(join(folder, "page.txt"), "0123456789");
writeFileSync(join(folder, "page.view"), "<p>view</p>");
after(() => rmSync(folder, { recursive: true }));

/** A handler's own failure. */
const FAULT = new Error("the handler's own fault");

for (const [version, express] of VERSIONS) {
  /** A site of an application that `build` mounts its routes on. It tells nobody of its errors. */
  async function serving(
    t: TestContext,
    build: (app: Express, visits: SessionMiddleware<TrialData>) => void,
  ): Promise<Visiting & { site: Site }> {
    const { store, sessions } = visiting();
    const app = express().set("env", "test");
    build(app, session(sessions));
    return { store, sessions, site: await siteOf(t, sessions, listening(createServer(app))) };
  }

  const signIn =
    (visits: SessionMiddleware<TrialData>): RequestHandler =>
    (request, _response, next) => {
      visits.of(request).signIn("ada");
      next();
    };
  const who =
    (visits: SessionMiddleware<TrialData>): RequestHandler =>
    (request, response) =>
      void response.send(visits.of(request).userId ?? "nobody");

  describe(`${version}: the middleware`, () => {
    test("says what to do when a request did not come through it", async (t) => {
      const codes: unknown[] = [];
      const report: ErrorRequestHandler = (error, _request, response, _next) => {
        codes.push(error.code);
        response.status(500).send(error.message);
      };
      const { site } = await serving(t, (app, visits) => {
        const another = session<TrialData>({ store: memoryStore(), sweep: false });
        app
          .get("/early", who(visits))
          .use(visits)
          .get("/another", who(another))
          .get("/late", who(visits))
          .use(report);
      });
      for (const path of ["/early", "/another"])
        assert.match((await site.send({ path })).body, /app\.use\(…\) before/);
      assertPage(await site.send({ path: "/late" }), "nobody");
      assert.deepEqual(codes, ["CONFIGURATION", "CONFIGURATION"]);
    });

    test("opens a session once where an application and a router in it both use it", async (t) => {
      const { site, store } = await serving(t, (app, visits) => {
        const router = express
          .Router()
          .use(visits)
          .post("/in", signIn(visits), who(visits))
          .get("/who", who(visits));
        app.use(visits).use("/inner", visits, router);
      });
      const cookie = await cookieFrom(site, "/inner/in");
      assert.deepEqual(store.calls, ["create"]);
      assertPage(await site.send({ path: "/inner/who", cookie }), "ada");
      assert.deepEqual(store.calls, ["create", "find"]);
    });

    test("sends one cookie where two of one manager stand one behind the other", async (t) => {
      const { sessions, store } = visiting();
      const [outer, inner] = [session(sessions), session(sessions)];
      const app = express().use(outer, inner).post("/in", signIn(inner), who(inner)).get("/who", who(outer));
      const site = await siteOf(t, sessions, listening(createServer(app)));
      const cookie = await cookieFrom(site);
      assertPage(await site.send({ path: "/who", cookie }), "ada");
      assert.deepEqual(store.calls, ["create", "find", "find"]);
    });

    test("leaves alone what is mounted outside of its router", async (t) => {
      const { site, store } = await serving(t, (app, visits) => {
        app.use("/inner", visits).use(express.static(folder)).post("/inner/in", signIn(visits), who(visits));
      });
      const cookie = await cookieFrom(site, "/inner/in");
      store.fail();
      const calls = store.calls.length;
      const { status, headers, body } = await site.send({ path: "/page.txt", cookie });
      assert.deepEqual([status, body, headers.get("vary")], [200, "0123456789", null]);
      assert.equal((await site.send({ path: "/nowhere", cookie })).status, 404);
      assert.equal(store.calls.length, calls);
    });

    test("makes do with a response that somebody before it has sent", async (t) => {
      const late: unknown[] = [];
      const { site, store } = await serving(t, (app, visits) => {
        const eager: RequestHandler = (request, response, next) => {
          if (request.path !== "/in") response.send("sent before");
          next();
        };
        const signInLate: RequestHandler = async (request, _response, next) => {
          await visits
            .of(request)
            .signIn("eve")
            .save()
            .catch((error) => late.push(error));
          next();
        };
        app.use(eager, visits).post("/in", signIn(visits), who(visits)).get("/late", signInLate);
      });
      const cookie = await cookieFrom(site);
      for (const path of ["/late", "/nowhere"]) assertPage(await site.send({ path, cookie }), "sent before");
      await site.roundTrips();
      assert.ok(late[0] instanceof HeadSentError && late.length === 1);
      assert.deepEqual(new Set(store.calls), new Set(["create", "find"]));
    });

    test("holds a response that somebody sends while the session is looked up", async (t) => {
      const { site, sessions, store } = await serving(t, (app, visits) => {
        const impatient: RequestHandler = (request, response, next) => {
          next();
          if (request.path === "/slow") response.status(503).send("too slow");
        };
        app.use(impatient, visits).post("/in", signIn(visits), who(visits));
        app.get("/slow", (request) => void visits.of(request).signIn("eve"));
      });
      const cookie = await cookieFrom(site);
      const find = store.hold("find");
      const exchange = site.start({ path: "/slow", cookie });
      await find.reached;
      await site.roundTrips();
      assert.ok(exchange.silent);
      find.release();
      const reply = await exchange.reply();
      assertPage(reply, "too slow", 503);
      assertNoCookie(reply);
      assert.deepEqual(await sessions.ofUser("eve"), []);
    });
  });

  describe(`${version}: with the session's cookie`, () => {
    test("files are sent: whole, in part, as attachments, by HEAD, or as not modified", async (t) => {
      const { site, store } = await serving(t, (app, visits) => {
        app
          .use(visits, signIn(visits))
          .get("/file", (_request, response) => response.sendFile(join(folder, "page.txt")))
          .get("/download", (_request, response) => response.download(join(folder, "page.txt"), "ada.txt"))
          .use(express.static(folder));
      });
      for (const path of ["/file", "/page.txt", "/download"]) {
        const whole = await site.send({ path });
        assertPage(whole, "0123456789");
        sessionCookie(site, whole);
        assert.equal(whole.headers.get("content-length"), "10");
        assert.equal(whole.headers.has("content-disposition"), path === "/download");
        const part = await site.send({ path, headers: { range: "bytes=2-4" } });
        assertPage(part, "234", 206);
        sessionCookie(site, part);
        const etag = whole.headers.get("etag") ?? "";
        const same = await site.send({ path, headers: { "if-none-match": etag } });
        assertPage(same, "", 304);
        sessionCookie(site, same);
        const calls = store.calls.length;
        const head = await site.send({ path, method: "HEAD" });
        assertPage(head, "");
        assertNoCookie(head);
        assert.equal(head.headers.get("content-length"), "10");
        assert.equal(store.calls.length, calls);
      }
      store.fail();
      for (const path of ["/file", "/page.txt", "/download"]) {
        assertUnavailable(await site.send({ path }));
        assertUnavailable(await site.send({ path, headers: { range: "bytes=2-4" } }));
      }
    });

    test("a file that is missing is an error of its own status", async (t) => {
      const { site } = await serving(t, (app, visits) => {
        app
          .use(visits, signIn(visits))
          .get("/file", (_request, response) => response.sendFile(join(folder, "none")));
      });
      const reply = await site.send({ path: "/file" });
      assert.equal(reply.status, 404);
      sessionCookie(site, reply);
    });

    test("pages, JSON, redirects, cookies and views are", async (t) => {
      const { site } = await serving(t, (app, visits) => {
        app
          .engine("view", (path, _options, done) => done(null, `view ${path.endsWith("page.view")}`))
          .set("views", folder)
          .use(visits, signIn(visits))
          .get("/json", (_request, response) => response.json({ in: true }))
          .get("/redirect", (_request, response) => response.redirect(303, "/json"))
          .get("/cookie", (_request, response) =>
            response.cookie("theme", "dark").clearCookie("old").send("set"),
          )
          .get("/view", (_request, response) => response.render("page.view"))
          .get("/status", (_request, response) => response.sendStatus(204));
      });
      for (const [path, status, body] of [
        ["/json", 200, '{"in":true}'],
        ["/redirect", 303, "See Other. Redirecting to /json"],
        ["/cookie", 200, "set"],
        ["/view", 200, "view true"],
        ["/status", 204, ""],
      ] as const) {
        const reply = await site.send({ path });
        assertPage(reply, body, status);
        sessionCookie(site, reply);
        const names = reply.setCookies.map((line) => line.split("=", 1)[0]);
        assert.deepEqual(names, path === "/cookie" ? ["theme", "old", "session"] : ["session"]);
      }
    });

    for (const order of ["around", "within"] as const) {
      test(`a big answer whose head waits is, with compression ${order} the session`, async (t) => {
        const big = randomBytes(300_000).toString("hex");
        const { site, store } = await serving(t, (app, visits) => {
          app.use(...(order === "around" ? [compress, visits] : [visits, compress]), signIn(visits));
          app.use((_request, response) => {
            response.type("text");
            Readable.from(big.match(/.{1,5000}/g) ?? [], { objectMode: false }).pipe(response);
          });
        });
        for (const encoding of ["gzip", "identity"]) {
          const create = store.hold("create");
          const exchange = site.start({ headers: { "accept-encoding": encoding } });
          await create.reached;
          await turns();
          create.release();
          const reply = await exchange.reply();
          assert.equal(reply.headers.get("content-encoding") ?? "identity", encoding);
          assert.ok(reply.body === big);
          sessionCookie(site, reply);
        }
      });
    }
  });

  describe(`${version}: errors`, () => {
    /** Ways in which a handler fails that Express hears of. */
    const failures: Readonly<Record<string, RequestHandler>> = {
      "/throws": () => {
        throw FAULT;
      },
      "/next": (_request, _response, next) => next(FAULT),
      "/later": (_request, _response, next) => void setImmediate(() => next(FAULT)),
      // Express 4 does not hear of it.
      ...(express === express5 && { "/rejects": async () => Promise.reject(FAULT) }),
    };

    test("that Express answers drop everything but a sign-out", async (t) => {
      const { site, sessions } = await serving(t, (app, visits) => {
        app.use(visits).post("/in", signIn(visits), who(visits)).get("/who", who(visits));
        for (const [path, fail] of Object.entries(failures)) {
          app.get(path, (request, response, next) => {
            visits.of(request).set("seen", 1);
            response.cookie("theme", "dark");
            return fail(request, response, next);
          });
          app.get(`${path}-in`, signIn(visits), fail);
          app.get(`${path}-out`, (request, response, next) => {
            visits.of(request).signOut();
            return fail(request, response, next);
          });
        }
      });
      for (const path of Object.keys(failures)) {
        const cookie = await cookieFrom(site);
        for (const dropped of [path, `${path}-in`]) {
          const reply = await site.send({ path: dropped, cookie });
          assert.equal(reply.status, 500);
          assert.deepEqual(
            reply.setCookies.filter((line) => line.startsWith("session=")),
            [],
          );
        }
        assert.deepEqual(
          (await sessions.ofUser("ada")).map(({ data }) => ({ ...data })),
          [{}],
        );
        const out = await site.send({ path: `${path}-out`, cookie });
        assert.equal(out.status, 500);
        assert.match(out.setCookies.find((line) => line.startsWith("session=")) ?? "", /Max-Age=0/);
        assertPage(await site.send({ path: "/who", cookie }), "nobody");
      }
    });

    test("that the application answers count by the status it chose", async (t) => {
      for (const status of [200, 404, 500]) {
        const { site, sessions } = await serving(t, (app, visits) => {
          const page: ErrorRequestHandler = (_error, _request, response, _next) => {
            response.status(status).send("the application's page");
          };
          app.use(visits, signIn(visits));
          for (const [path, fail] of Object.entries(failures)) app.get(path, fail);
          app.use(page);
        });
        for (const path of Object.keys(failures)) {
          const reply = await site.send({ path });
          assertPage(reply, "the application's page", status);
          assert.equal(reply.setCookies.length, status < 500 ? 1 : 0);
        }
        assert.equal((await sessions.ofUser("ada")).length, status < 500 ? Object.keys(failures).length : 0);
      }
    });

    test("of the store are a 503, whatever the application made of them", async (t) => {
      const seen: string[] = [];
      const pages: Readonly<Record<string, ErrorRequestHandler>> = {
        "a page": (_error, _request, response, _next) => void response.send("sorry"),
        "its own failure": () => {
          throw FAULT;
        },
        "a redirect": (_error, _request, response, _next) => response.redirect("/login"),
        "Express's answer": (error, _request, _response, next) => next(error),
      };
      for (const [kind, page] of Object.entries(pages)) {
        const { site, store } = await serving(t, (app, visits) => {
          const report: ErrorRequestHandler = (error, request, response, next) => {
            seen.push(error.code);
            page(error, request, response, next);
          };
          app.use(visits).post("/in", signIn(visits), who(visits)).get("/who", who(visits)).use(report);
        });
        const cookie = await cookieFrom(site);
        store.fail();
        const reply = await site.send({ path: "/who", cookie });
        assertUnavailable(reply);
        assert.match(reply.body, /^The service is briefly unavailable/, kind);
        assert.equal(reply.headers.get("content-security-policy"), null);
      }
      assert.deepEqual(
        seen,
        Object.keys(pages).map(() => "STORE_FAILED"),
      );
    });
  });

  describe(`${version}: middlewares that wrap the response`, () => {
    /** As response-time and on-headers do it. */
    const timing: RequestHandler = (_request, response, next) => {
      const { writeHead } = response;
      response.writeHead = ((...args: Parameters<typeof writeHead>) => {
        response.setHeader("X-Time", "1");
        return writeHead.apply(response, args);
      }) as typeof writeHead;
      next();
    };

    /** As express-session does it: the answer ends when some work of its own is done. */
    const ending: RequestHandler = (_request, response, next) => {
      const { end } = response;
      response.end = ((...args: Parameters<typeof end>) => {
        setImmediate(() => end.apply(response, args));
        return response;
      }) as typeof end;
      next();
    };

    for (const order of ["around", "within"] as const) {
      test(`see the head and the end ${order} the session's`, async (t) => {
        const finished: unknown[] = [];
        /** As morgan does it. */
        const logging: RequestHandler = (_request, response, next) => {
          response.once("finish", () => finished.push(response.statusCode));
          next();
        };
        const wrapping = [timing, ending, logging];
        const { site, store } = await serving(t, (app, visits) => {
          if (order === "around") app.use(...wrapping, visits);
          else app.use(visits, ...wrapping);
          app.get("/in", signIn(visits), who(visits));
        });
        const create = store.hold("create");
        const exchange = site.start({ path: "/in" });
        await create.reached;
        await site.roundTrips();
        assert.ok(exchange.silent);
        create.release();
        const reply = await exchange.reply();
        assertPage(reply, "ada");
        sessionCookie(site, reply);
        assert.equal(reply.headers.get("x-time"), "1");
        store.fail();
        const outage = await site.send({ path: "/in" });
        assert.deepEqual([outage.status, outage.setCookies], [503, []]);
        await site.roundTrips();
        assert.deepEqual(
          finished.filter((status) => status !== 404),
          [200, 503],
        );
      });
    }
  });
}

test("options that cannot be are refused when the middleware is made", () => {
  assert.throws(() => session({ store: memoryStore(), lifetime: -1 }), { code: "CONFIGURATION" });
});
