// The Fastify adapter: the contract, what it reaches, and how it is tested without a socket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FastifyInstance, fastify } from "fastify";
import { session } from "../../src/adapters/fastify.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import type { Site } from "../../src/testing/adapter-cases-client.ts";
import { assertPage, assertUnavailable, cookieFrom } from "../../src/testing/adapter-cases-fixtures.ts";
import { TrialStore } from "../../src/testing/adapter-cases-store.ts";
import { type TrialData, testAdapter } from "../../src/testing/adapter-contract.ts";
import { testCompressed } from "./compressed.ts";
import {
  serveFastify,
  serveFastifyCompressed,
  serveFastifyHttp2,
  trialOf,
  type Visits,
} from "./serve-fastify.ts";

testAdapter("fastify", serveFastify);

testCompressed("fastify with @fastify/compress", serveFastifyCompressed);

testAdapter("fastify over HTTP/2", serveFastifyHttp2, { protocol: "h2" });

/** A page that tells who is signed in. */
function who(app: FastifyInstance, visits: Visits, path = "/who"): void {
  app.get(path, (request) => visits.of(request).userId ?? "nobody");
}

/** Checks that the page has no session, and that the answer says what to do. */
async function assertOutOfReach(site: Site, path: string): Promise<void> {
  const { status, body } = await site.send({ path });
  assert.equal(status, 500);
  const { code, message } = JSON.parse(body);
  assert.equal(code, "CONFIGURATION");
  assert.match(message, /register the session plugin with app\.register/);
}

test("it reaches the whole scope that it is registered in, what was there before it included, and none around it", async (t) => {
  const { site } = await trialOf(t, (app, visits) => {
    who(app, visits, "/outside");
    app.register(async (scope) => {
      who(scope, visits, "/before");
      scope.register(async (inner) => who(inner, visits, "/inside-before"));
      scope.register(visits);
      who(scope, visits, "/after");
      scope.register(async (inner) => who(inner, visits, "/inside-after"));
    });
  });
  for (const path of ["/before", "/inside-before", "/after", "/inside-after"]) {
    assertPage(await site.send({ path }), "nobody");
  }
  await assertOutOfReach(site, "/outside");
});

test("a hook that runs before it is told that there is no session yet", async (t) => {
  const { site } = await trialOf(t, (app, visits) => {
    app.addHook("onRequest", async (request) => void visits.of(request));
    app.register(visits);
    who(app, visits);
  });
  await assertOutOfReach(site, "/who");
});

test("registered in a scope and in one around it, it opens one session", async (t) => {
  const { site, store, users } = await trialOf(t, (app, visits) => {
    app.register(visits);
    app.addHook("preHandler", async (request) => void visits.of(request).set("visited", 1));
    app.register(async (scope) => {
      scope.register(visits);
      scope.post("/in", (request) => visits.of(request).signIn("ada").userId);
      who(scope, visits);
    });
  });
  const cookie = await cookieFrom(site);
  store.calls.length = 0;
  assertPage(await site.send({ path: "/who", cookie }), "ada");
  assert.deepEqual(store.calls, ["find", "patch"]);
  assert.deepEqual(await users(), ["ada"]);
});

test("two of them have a cookie each, and a store that fails one of them fails the answer", async (t) => {
  const store = new TrialStore("later");
  const admins = session<TrialData>({ store, sweep: false, cookie: { name: "admin" }, onEvent() {} });
  const { site, store: other } = await trialOf(t, (app, visits) => {
    app.register(visits);
    app.register(admins);
    app.get(
      "/",
      (request) => `${visits.of(request).signIn("ada").userId} ${admins.of(request).signIn("eve").userId}`,
    );
    app.get("/who", (request) => `${visits.of(request).userId} ${admins.of(request).userId}`);
  });
  const both = await site.send();
  assert.equal(both.setCookies.length, 2);
  const cookie = both.setCookies.map((line) => line.split(";", 1)[0]).join("; ");
  assertPage(await site.send({ path: "/who", cookie }), "ada eve");
  for (const failing of [store, other]) {
    failing.fail();
    assertUnavailable(await site.send());
    failing.recover();
  }
});

test("tests that use inject() see what browsers see", async () => {
  for (const pace of ["at once", "later"] as const) {
    const store = new TrialStore(pace);
    const visits = session<TrialData>({ store, sweep: false, onEvent() {} });
    const app = fastify();
    app.register(visits);
    app.post("/in", (request, reply) => {
      visits.of(request).signIn("ada");
      return reply.redirect("/who");
    });
    who(app, visits);
    const signedIn = await app.inject({ method: "POST", url: "/in" });
    assert.deepEqual([signedIn.statusCode, signedIn.headers.location], [302, "/who"]);
    const [{ name, value } = assert.fail()] = signedIn.cookies;
    const page = await app.inject({ url: "/who", cookies: { [name]: value } });
    assert.deepEqual([page.statusCode, page.body, page.headers.vary], [200, "ada", "Cookie"]);
    const streamed = await app.inject({ method: "POST", url: "/in", payloadAsStream: true });
    assert.equal(streamed.cookies.length, 1);
    store.fail();
    const failed = await app.inject({ method: "POST", url: "/in" });
    assert.deepEqual([failed.statusCode, failed.headers.location, failed.cookies], [503, undefined, []]);
    assert.match(failed.body, /briefly unavailable/);
    await app.close();
  }
});

test("Fastify knows it by name, and does not take it in versions that it is not for", async () => {
  const visits = session({ store: memoryStore(), sweep: false });
  const app = fastify();
  await app.register(visits);
  assert.ok(app.hasPlugin("vestiaire"));
  assert.equal(app.pluginName, "fastify -> vestiaire");
  const older = Object.defineProperty(fastify(), "version", { value: "4.29.1" });
  await assert.rejects(async () => await older.register(visits), { code: "FST_ERR_PLUGIN_VERSION_MISMATCH" });
});

test("options that cannot be are refused when the plugin is made", () => {
  assert.throws(() => session({ store: memoryStore(), lifetime: -1 }), { code: "CONFIGURATION" });
});
