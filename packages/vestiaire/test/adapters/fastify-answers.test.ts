// What Fastify makes of an answer on its way out: hijacked, redirected, streamed from a file, compressed. Whatever that
// is, the head waits for the commit, and a failed commit leaves nothing of it.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import compress from "@fastify/compress";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  assertNoCookie,
  assertPage,
  assertUnavailable,
  sessionCookie,
} from "../../src/testing/adapter-cases-fixtures.ts";
import { appOf } from "./serve-fastify.ts";

test("a hijacked answer waits for the commit, and carries the cookie", async (t) => {
  const { site, store, users } = await appOf(t, (app, visits) => {
    app.get("/", (request, reply) => {
      visits.of(request).signIn("ada");
      reply.hijack();
      reply.raw.writeHead(200, { "X-Own": "1" });
      reply.raw.end("own");
    });
  });
  const create = store.hold("create");
  const exchange = site.start();
  await create.reached;
  assert.equal(exchange.silent, true);
  create.release();
  const reply = await exchange.reply();
  assertPage(reply, "own");
  assert.equal(reply.headers.get("x-own"), "1");
  sessionCookie(site, reply);
  assert.deepEqual(await users(), ["ada"]);
  store.fail();
  assertUnavailable(await site.send());
});

test("redirects and cookies of the reply leave with the session's", async (t) => {
  const shared = ["theme=dark", "lang=fr"];
  const { site } = await appOf(t, (app, visits) => {
    app.get("/", (request, reply) => {
      visits.of(request).signIn("ada");
      return reply.header("Set-Cookie", shared).redirect("/home", 303);
    });
  });
  for (let visit = 0; visit < 2; visit += 1) {
    const { status, headers, setCookies } = await site.send();
    assert.deepEqual([status, headers.get("location")], [303, "/home"]);
    assert.deepEqual(
      setCookies.map((line) => line.split("=", 1)[0]),
      ["theme", "lang", "session"],
    );
  }
  assert.equal(shared.length, 2);
});

test("trailers follow the body of a committed answer, and none follows a 503", async (t) => {
  const { site, store } = await appOf(t, (app, visits) => {
    app.get("/", (request, reply) => {
      visits.of(request).signIn("ada");
      reply.trailer("X-Sum", async () => "7");
      return "page";
    });
  });
  const ask = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const answers = [];
  for (const fails of [false, true]) {
    if (fails) store.fail();
    const wire = site.wire();
    wire.send(ask);
    answers.push(await wire.closed());
  }
  assert.match(answers[0] ?? "", /^HTTP\/1\.1 200 .*Set-Cookie: session=.*page\r\n0\r\nx-sum: 7\r\n\r\n$/s);
  assert.match(answers[1] ?? "", /^HTTP\/1\.1 503 /);
  assert.doesNotMatch(answers[1] ?? "", /x-sum|trailer|chunked|cookie/i);
});

test("files of @fastify/static are sent whole, in part, or not at all, beside the cookie", async (t) => {
  const root = new URL(".", import.meta.url);
  const { site, store } = await appOf(t, (app, visits) => {
    app.register(fastifyStatic, { root, serve: false });
    const send = (request: FastifyRequest, reply: FastifyReply) => {
      visits.of(request).set("visited", 1);
      return reply.sendFile("localhost.pem");
    };
    app.get("/", send);
  });
  const whole = await site.send();
  assert.match(whole.body, /^-----BEGIN/);
  const cookie = sessionCookie(site, whole);
  const etag = whole.headers.get("etag") ?? "";
  const part = await site.send({ headers: { Range: "bytes=5-9" } });
  assertPage(part, "BEGIN", 206);
  sessionCookie(site, part);
  const same = await site.send({ headers: { "If-None-Match": etag } });
  assertPage(same, "", 304);
  sessionCookie(site, same);
  const head = await site.send({ method: "HEAD", cookie });
  assertPage(head, "");
  assert.equal(head.headers.get("content-length"), whole.headers.get("content-length"));
  assertNoCookie(head);
  store.fail();
  for (const headers of [{}, { Range: "bytes=5-9" }, { "If-None-Match": etag }]) {
    const failed = await site.send({ headers });
    assertUnavailable(failed);
    for (const name of ["etag", "content-range", "last-modified"]) assert.ok(!failed.headers.has(name), name);
  }
});

test("a compressed answer carries the cookie, and a 503 in its place is not compressed", async (t) => {
  const { site, store } = await appOf(t, (app, visits) => {
    app.register(compress, { threshold: 0 });
    app.register(async (scope) => {
      scope.get("/", (request) => visits.of(request).signIn("ada").userId);
      scope.get("/stream", (request, reply) => {
        visits.of(request).signIn("ada");
        return reply.type("text/plain").send(Readable.from(["a", "da"], { objectMode: false }));
      });
    });
  });
  const headers = { "Accept-Encoding": "gzip" };
  for (const path of ["/", "/stream"]) {
    const wire = site.wire();
    wire.send(`GET ${path} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n`);
    const answer = await wire.closed();
    assert.match(answer, /^Set-Cookie: session=/m);
    assert.match(answer, /^vary: accept-encoding, Cookie\r$/im);
    const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    assert.equal(gunzipSync(Buffer.from(body, "latin1")).toString(), "ada");
  }
  store.fail();
  for (const path of ["/", "/stream"]) {
    const failed = await site.send({ path, headers });
    assertUnavailable(failed);
    assert.equal(failed.headers.get("content-encoding"), null);
  }
});
