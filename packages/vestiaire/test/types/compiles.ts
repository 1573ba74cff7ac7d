// What must compile and what must not. The compiler is the test: a line under `@ts-expect-error` that compiles after all
// is an error of `npm run check`. Nothing here is ever run.

import express from "express";
import { type FastifyTypeProvider, fastify } from "fastify";
import { Hono } from "hono";
import Koa, { type Middleware } from "koa";
import { createSessions, memoryStore, type Session, type SessionStore } from "vestiaire";
import { session as expressSession } from "vestiaire/express";
import { session as fastifySession } from "vestiaire/fastify";
import { session as fetchSession } from "vestiaire/fetch";
import { fileStore } from "vestiaire/file";
import { session } from "vestiaire/hono";
import { session as koaSession, type SessionState } from "vestiaire/koa";
import { session as nodeSession } from "vestiaire/node";
import { sqliteStore } from "vestiaire/sqlite";

interface Visitor {
  name: string;
  cart: { product: string; amount: number }[];
  seen?: number;
}

declare const visitor: Session<Visitor>;
declare const store: SessionStore;

/** Whether both types are the same, in both directions. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_Holds extends true>(): void => {};

// ---- reading

const { name } = visitor.data;
same<Same<typeof name, string | undefined>>();
same<Same<typeof visitor.id, string | null>>();
if (visitor.data.name) visitor.data.name.toUpperCase();
// @ts-expect-error: may be absent
visitor.data.name.toUpperCase();
// @ts-expect-error: data is changed by set
visitor.data.name = "Eve";
// @ts-expect-error: read-only all the way down
visitor.data.cart?.push({ product: "pear", amount: 1 });
// @ts-expect-error: no such key
visitor.data.nmae;

// ---- writing

visitor
  .set("name", "Alice")
  .set("cart", [{ product: "pear", amount: 1 }])
  .delete("seen")
  .clear()
  .touch();
visitor.set("cart", visitor.data.cart ?? []);
// @ts-expect-error: of another type
visitor.set("name", 1);
// @ts-expect-error: no such key
visitor.set("nmae", "Alice");
// @ts-expect-error: to remove a key, delete it
visitor.set("seen", undefined);
// @ts-expect-error: part of the value is missing
visitor.set("cart", [{ product: "pear" }]);

visitor.update("seen", (seen) => (seen ?? 0) + 1);
visitor.update("seen", () => undefined);
// @ts-expect-error: may be absent
visitor.update("seen", (seen) => seen + 1);
// @ts-expect-error: must be synchronous, because it may run again
visitor.update("seen", async (seen) => (seen ?? 0) + 1);

const taken = visitor.take("seen");
same<Same<typeof taken, number | undefined>>();
const claimed = await visitor.claim("name");
same<Same<typeof claimed, string | undefined>>();

visitor.signIn("alice", { persistent: true }).set("name", "Alice");
// @ts-expect-error: nobody
visitor.signIn(null);

// ---- values are JSON

createSessions<{ a: string | null; b: readonly number[]; c: { d?: boolean } }>({ store });
// @ts-expect-error: a date
createSessions<{ when: Date }>({ store });
// @ts-expect-error: a map
createSessions<{ index: Map<string, string> }>({ store });
// @ts-expect-error: a function
createSessions<{ fn: () => void }>({ store });
// @ts-expect-error: a bigint, nested
createSessions<{ deep: { n: bigint }[] }>({ store });

// ---- options

createSessions<Visitor>({
  store,
  lifetime: "30d",
  idleTimeout: 1_000,
  proxies: ["10.0.0.0/8"],
  maxPerUser: 3,
});
// @ts-expect-error: no store
createSessions<Visitor>({});
// @ts-expect-error: no such unit
createSessions<Visitor>({ store, lifetime: "1w" });
// @ts-expect-error: no such option
createSessions<Visitor>({ store, secret: "keyboard cat" });
// @ts-expect-error: whose?
createSessions<Visitor>({ store, proxies: true });
fileStore("./sessions", { durability: "power" });
// @ts-expect-error: nothing else is promised
sqliteStore("./sessions.db", { durability: "full" });

// ---- adapters

const sessions = createSessions<Visitor>({ store: memoryStore() });
new Hono()
  .use(session<Visitor>({ store }))
  .get("/", (c) => (c.var.session.data.name ? c.text(c.var.session.data.name) : c.redirect("/login")))
  // @ts-expect-error: no such key
  .get("/typo", (c) => c.text(c.var.session.data.nmae ?? ""));
new Hono().use(session(sessions)).get("/", (c) => c.text(c.var.session.data.name ?? ""));
new Hono().get("/", (c) => {
  // @ts-expect-error: the middleware is missing
  return c.text(c.var.session.data.name);
});
fetchSession(sessions)((_request, { data }) => new Response(data.name));
fetchSession(sessions)((_request, _session, env: { key: string }) => new Response(env.key));
nodeSession<Visitor>({ store })((_request, response, { data }) => response.end(data.name));

const visits = expressSession<Visitor>({ store });
express()
  .use(visits)
  .use("/inner", express.Router().use(visits))
  .get("/people/:name", visits, (request, response) => {
    same<Same<typeof request.params, { name: string }>>();
    const { name } = visits.of(request).data;
    same<Same<typeof name, string | undefined>>();
    response.send(name);
  })
  // @ts-expect-error: no such key
  .get("/typo", (request, response) => response.send(visits.of(request).data.nmae));

const plugin = fastifySession<Visitor>({ store });
interface Provider extends FastifyTypeProvider {
  readonly validator: string;
}
const http1 = fastify({ logger: true }).withTypeProvider<Provider>();
void http1.register(plugin);
void http1.register(async (scope) => void scope.register(plugin, {}));
http1.get("/", { schema: { body: {} } }, (request, reply) => {
  same<Same<typeof request.body, string>>();
  const { name } = plugin.of(request).data;
  same<Same<typeof name, string | undefined>>();
  // @ts-expect-error: a session is the request's
  plugin.of(reply);
});
const http2 = fastify({ http2: true, https: {} });
void http2.register(plugin);
// @ts-expect-error: no such key
http2.get("/", (request) => plugin.of(request).data.nmae);

new Koa().use(koaSession<Visitor>({ store })).use((ctx) => {
  const { session } = ctx.state;
  same<Same<typeof session, Session<Visitor>>>();
  ctx.body = session.data.name;
});
const page: Middleware<SessionState<Visitor>> = (ctx) => {
  const { name } = ctx.state.session.data;
  same<Same<typeof name, string | undefined>>();
  // @ts-expect-error: no such key
  ctx.body = ctx.state.session.data.nmae;
};
new Koa().use(koaSession(sessions)).use(page);
new Koa<SessionState<Visitor>>().use(koaSession(sessions)).use(page);
new Koa<object>().use((ctx) => {
  // @ts-expect-error: the middleware is missing
  ctx.body = ctx.state.session.data.name;
});

// ---- a session is made by a manager, and a store's words are fixed

// @ts-expect-error: its class is not for sale
new Session<Visitor>();
const wrong: SessionStore = {
  ...store,
  // @ts-expect-error: not one of its answers
  patch: () => "ok",
};
void wrong;
