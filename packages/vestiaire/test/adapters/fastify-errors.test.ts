// What Fastify does when something fails: its error handlers answer, and decide by their status what is committed, except
// where it is the store that failed.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  assertNoCookie,
  assertPage,
  assertUnavailable,
  cookieFrom,
  Latch,
  sessionCookie,
} from "../../src/testing/adapter-cases-fixtures.ts";
import { appOf, type Visits } from "./serve-fastify.ts";

type Routes = (app: FastifyInstance, visits: Visits) => void;

const fault = () => {
  throw new Error("the handler's own");
};

/** Where a request can fail after its handler has changed the session, or before. */
const FAILING: Readonly<Record<string, Routes>> = {
  "in its handler": (app, visits) => {
    app.get("/", (request) => {
      visits.of(request).signIn("ada");
      fault();
    });
  },
  "in its async handler": (app, visits) => {
    app.get("/", async (request, reply) => {
      visits.of(request).signIn("ada");
      reply.header("Location", "/");
      fault();
    });
  },
  "in a preHandler hook": (app, visits) => {
    const preHandler = async (request: FastifyRequest) => {
      visits.of(request).signIn("ada");
      fault();
    };
    app.get("/", { preHandler }, () => "page");
  },
  "in a preSerialization hook": (app, visits) => {
    app.get("/", { preSerialization: async () => fault() }, (request) => ({
      in: visits.of(request).signIn("ada").userId,
    }));
  },
  "in an onSend hook": (app, visits) => {
    app.get("/", { onSend: async () => fault() }, (request) => visits.of(request).signIn("ada").userId);
  },
  "in the serialization of its answer": (app, visits) => {
    const circular = {
      get self(): unknown {
        return circular;
      },
    };
    app.get("/", (request) => {
      visits.of(request).signIn("ada");
      return circular;
    });
  },
  "in a stream that fails before its first byte": (app, visits) => {
    app.get("/", (request, reply) => {
      visits.of(request).signIn("ada");
      return reply
        .code(201)
        .header("X-Own", "1")
        .send(new Readable({ read: () => fault() }));
    });
  },
};

for (const [where, routes] of Object.entries(FAILING)) {
  test(`a request that fails ${where} commits nothing`, async (t) => {
    const { site, users } = await appOf(t, routes);
    const reply = await site.send();
    assert.equal(reply.status, 500);
    assertNoCookie(reply);
    assert.deepEqual(await users(), []);
  });
}

test("a sign-out counts in a request that fails", async (t) => {
  const { site, users } = await appOf(t, (app, visits) => {
    app.get("/out", async (request) => {
      visits.of(request).signOut();
      fault();
    });
  });
  const reply = await site.send({ path: "/out", cookie: await cookieFrom(site) });
  assert.equal(reply.status, 500);
  assert.match(reply.setCookies[0] ?? "", /^session=;.*Max-Age=0/);
  assert.deepEqual(await users(), []);
});

test("what an error handler answers decides whether the session is committed", async (t) => {
  for (const status of [200, 422, 500]) {
    const { site, users } = await appOf(t, (app, visits) => {
      app.setErrorHandler((_error, _request, reply) => reply.code(status).send("the application's page"));
      app.get("/", async (request) => {
        visits.of(request).signIn("ada");
        fault();
      });
    });
    const reply = await site.send();
    assertPage(reply, "the application's page", status);
    assert.equal(reply.setCookies.length, status < 500 ? 1 : 0);
    assert.deepEqual(await users(), status < 500 ? ["ada"] : []);
  }
});

test("no error handler turns an outage of the store into a page of its own", async (t) => {
  const { site, store } = await appOf(t, (app, visits) => {
    app.setErrorHandler((_error, _request, reply) =>
      reply.code(200).header("X-Own", "1").header("Set-Cookie", "theme=dark").send("the application's page"),
    );
    app.get("/who", (request) => visits.of(request).userId ?? "nobody");
    app.get("/plain", () => "plain");
  });
  const cookie = await cookieFrom(site);
  store.fail();
  assertUnavailable(await site.send({ path: "/who", cookie }));
  assertUnavailable(await site.send({ path: "/in", method: "POST" }));
  assertPage(await site.send({ path: "/plain", cookie }), "plain");
});

test("a stream that fails after its first byte breaks off, and what was committed stays", async (t) => {
  const latch = new Latch();
  const { site, users } = await appOf(t, (app, visits) => {
    app.get("/", (request, reply) => {
      visits.of(request).signIn("ada");
      const pieces = async function* () {
        yield "begin ";
        await latch.wait();
        fault();
      };
      return reply.send(Readable.from(pieces(), { objectMode: false }));
    });
  });
  const exchange = site.start();
  assert.equal(await exchange.piece(), "begin ");
  latch.open();
  await assert.rejects(exchange.reply());
  assert.deepEqual(await users(), ["ada"]);
});

test("a request that its schema refuses keeps what hooks had changed", async (t) => {
  const { site, users } = await appOf(t, (app, visits) => {
    const schema = { querystring: { type: "object", required: ["page"] } };
    app.addHook("preValidation", async (request) => void visits.of(request).set("visited", 1));
    app.get("/", { schema }, () => "page");
  });
  const reply = await site.send();
  assert.equal(reply.status, 400);
  sessionCookie(site, reply);
  assert.deepEqual(await users(), [null]);
});

test("a body that is too large is refused without the store", async (t) => {
  const { site, store } = await appOf(t, (app, visits) => {
    app.post("/", { bodyLimit: 4 }, (request) => visits.of(request).signIn("ada").userId);
  });
  const headers = { "Content-Type": "text/plain" };
  const reply = await site.send({ method: "POST", headers, body: "too large" });
  assert.equal(reply.status, 413);
  assertNoCookie(reply);
  assert.deepEqual(store.calls, []);
});

test("an unknown route is answered without the store, and the application's own 404 may read the session", async (t) => {
  const plain = await appOf(t, () => {});
  assert.equal((await plain.site.send({ path: "/nowhere" })).status, 404);
  assert.deepEqual(plain.store.calls, []);
  const { site } = await appOf(t, (app, visits) => {
    app.setNotFoundHandler((request, reply) =>
      reply.code(404).send(`not here, ${visits.of(request).userId ?? "nobody"}`),
    );
    app.get("/called", (_request, reply) => reply.callNotFound());
  });
  const cookie = await cookieFrom(site);
  for (const path of ["/nowhere", "/called"])
    assertPage(await site.send({ path, cookie }), "not here, ada", 404);
});

test("a handler that Fastify no longer waits for has nothing to commit", async (t) => {
  const latch = new Latch();
  const handled = Promise.withResolvers<void>();
  const { site, users } = await appOf(t, (app, visits) => {
    app.get("/", { handlerTimeout: 1 }, async (request) => {
      visits.of(request).set("visited", 1);
      await latch.wait();
      visits.of(request).signIn("ada");
      handled.resolve();
      return "late";
    });
  });
  const reply = await site.send();
  assert.equal(reply.status, 503);
  assertNoCookie(reply);
  latch.open();
  await handled.promise;
  await site.roundTrips();
  assert.deepEqual(await users(), []);
});
