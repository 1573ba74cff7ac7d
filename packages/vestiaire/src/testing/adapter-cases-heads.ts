// Committed before the head leaves: while the store has not answered, not one byte of the response may be on the wire,
// however the handler sends it; and once the head is there, the store has the data.

import assert from "node:assert/strict";
import {
  type AdapterCase,
  assertNoCookie,
  assertPage,
  COMMON,
  cookieFrom,
  HOME,
  idOf,
  Latch,
  routes,
  type ScenarioResponse,
  sessionCookie,
} from "./adapter-cases-fixtures.ts";

/** The ways in which handlers answer. */
const ANSWERS: readonly { readonly kind: string; readonly answer: () => ScenarioResponse }[] = [
  { kind: "a redirect", answer: () => HOME },
  { kind: "a page", answer: () => ({ headers: [["Content-Type", "text/html"]], body: "<p>in</p>" }) },
  { kind: "JSON", answer: () => ({ headers: [["Content-Type", "application/json"]], body: '{"in":true}' }) },
  { kind: "a stream", answer: () => ({ body: pieces("one ", "two ", "three") }) },
  { kind: "an empty 204", answer: () => ({ status: 204 }) },
  { kind: "a 404", answer: () => ({ status: 404, body: "not here" }) },
];

async function* pieces(...all: string[]): AsyncGenerator<string> {
  yield* all;
}

async function wholeText(body: ScenarioResponse["body"]): Promise<string> {
  if (typeof body !== "object") return body ?? "";
  let text = "";
  for await (const piece of body) text += piece;
  return text;
}

const beforeTheHead: readonly AdapterCase[] = ANSWERS.map(({ kind, answer }) => ({
  name: `${kind} does not begin to leave before the store has the session`,
  async run({ serve, store, clock }) {
    const site = await serve(
      routes({
        "/in": (session) => {
          session.signIn("ada");
          return answer();
        },
      }),
    );
    const create = store.hold("create");
    const exchange = site.start({ path: "/in" });
    await create.reached;
    await site.roundTrips();
    assert.ok(exchange.silent, "the head left before the store had answered");
    create.release();
    const head = await exchange.head();
    const stored = await store.records(clock.now());
    assert.deepEqual(
      stored.map(({ userId }) => userId),
      ["ada"],
    );
    const { status = 200, headers = [], body } = answer();
    const reply = { ...head, body: (await exchange.reply()).body };
    assert.equal(idOf(sessionCookie(site, reply)), stored[0]?.id);
    assertPage(reply, await wholeText(body), status);
    for (const [name, value] of headers) assert.equal(reply.headers.get(name), value);
  },
}));

const beforeOtherWork: readonly AdapterCase[] = (
  [
    { work: "a change of data", call: "patch", path: "/write" },
    { work: "a rotation", call: "patch", path: "/rotate" },
    { work: "a sign-out", call: "delete", path: "/out" },
    { work: "the end of the session before the sign-in", call: "delete", path: "/in" },
  ] as const
).map(({ work, call, path }) => ({
  name: `the head waits for ${work}`,
  async run({ serve, store }) {
    const site = await serve(
      routes({
        ...COMMON,
        "/write": (session) => {
          session.set("seen", 1);
          return { body: "written" };
        },
        "/rotate": (session) => {
          session.rotate();
          return { body: "rotated" };
        },
      }),
    );
    const cookie = await cookieFrom(site);
    const held = store.hold(call);
    const exchange = site.start({ path, cookie });
    await held.reached;
    await site.roundTrips();
    assert.ok(exchange.silent, "the head left before the store had answered");
    held.release();
    assert.ok((await exchange.reply()).status < 400);
  },
}));

export const headCases: readonly AdapterCase[] = [
  ...beforeTheHead,
  ...beforeOtherWork,
  {
    name: "when the browser sees the redirect, the next page knows who signed in",
    async run({ serve }) {
      const site = await serve(routes(COMMON));
      const exchange = site.start({ method: "POST", path: "/in" });
      const head = await exchange.head();
      const cookie = sessionCookie(site, { ...head, body: "" });
      assertPage(await site.send({ path: "/who", cookie }), "ada");
    },
  },
  {
    name: "a rotation sends the new secret, and the request beside it keeps working with the old one",
    async run({ serve }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/rotate": (session) => {
            session.rotate();
            return { body: "rotated" };
          },
          "/slow": async (session) => {
            await latch.wait();
            session.set("slow", 1);
            return { body: String(session.userId) };
          },
        }),
      );
      const cookie = await cookieFrom(site);
      const slow = site.start({ path: "/slow", cookie });
      await latch.reached;
      const rotated = await cookieFrom(site, "/rotate", cookie);
      assert.equal(idOf(rotated), idOf(cookie));
      assert.notEqual(rotated, cookie);
      latch.open();
      const reply = await slow.reply();
      assertPage(reply, "ada");
      assertNoCookie(reply);
      for (const each of [rotated, cookie])
        assertPage(await site.send({ path: "/who", cookie: each }), "ada");
    },
  },
  {
    name: "HEAD commits nothing and sets no cookie, whatever the handler did",
    async run({ serve, store, clock }) {
      const site = await serve(routes(COMMON));
      const method = "HEAD";
      const reply = await site.send({ method, path: "/in" });
      assertPage(reply, "", 303);
      assertNoCookie(reply);
      assert.deepEqual(await store.records(clock.now()), []);
      const cookie = await cookieFrom(site);
      for (const path of ["/out", "/in"]) {
        const again = await site.send({ method, path, cookie });
        assertPage(again, "", 303);
        assertNoCookie(again);
      }
      assertPage(await site.send({ path: "/who", cookie }), "ada");
      assert.equal((await store.records(clock.now())).length, 1);
    },
  },
  {
    name: "a client that goes away does not cancel the commit",
    async run({ serve, store, clock }) {
      const site = await serve(
        routes({ ...COMMON, "/eve": (session) => ({ body: String(session.signIn("eve").id) }) }),
      );
      const cookie = await cookieFrom(site);
      const create = store.hold("create");
      const exchange = site.start({ path: "/eve", cookie });
      await create.reached;
      exchange.leave();
      await site.roundTrips();
      create.release();
      await site.roundTrips();
      const stored = await store.records(clock.now());
      assert.deepEqual(
        stored.map(({ userId }) => userId),
        ["eve"],
      );
    },
  },
  {
    name: "nor does one that went away before the handler had answered",
    async run({ serve }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/slow": async (session) => {
            await latch.wait();
            session.signOut();
            return HOME;
          },
        }),
      );
      const cookie = await cookieFrom(site);
      const exchange = site.start({ path: "/slow", cookie });
      await latch.reached;
      exchange.leave();
      await site.roundTrips();
      latch.open();
      await site.roundTrips();
      assertPage(await site.send({ path: "/who", cookie }), "nobody");
    },
  },
];
