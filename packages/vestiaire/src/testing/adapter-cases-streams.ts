// Answers that go on for long: the head leaves once the session is committed, what follows flows as it comes, and the
// session stays usable for whatever needs no cookie.

import assert from "node:assert/strict";
import { HeadSentError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import {
  type AdapterCase,
  COMMON,
  cookieFrom,
  idOf,
  Latch,
  routes,
  type Scenario,
  sessionCookie,
  type TrialData,
} from "./adapter-cases-fixtures.ts";

const EVENT_STREAM = [["Content-Type", "text/event-stream"]] as const;

/** Streams what this makes of the session and its signal. */
function streaming(
  body: (session: Session<TrialData>, signal: AbortSignal) => AsyncIterable<string>,
): Scenario {
  return (session) => ({ headers: EVENT_STREAM, body: body(session, session.signal) });
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "done";
  } catch (error) {
    return error instanceof HeadSentError ? error.code : String(error);
  }
}

export const streamCases: readonly AdapterCase[] = [
  {
    name: "the head of a stream leaves at once, and its pieces as they come",
    async run({ serve }) {
      const latch = new Latch();
      const site = await serve((session) => {
        session.set("seen", 1);
        return {
          headers: EVENT_STREAM,
          body: (async function* () {
            yield "data: 1\n\n";
            await latch.wait();
            yield "data: 2\n\n";
          })(),
        };
      });
      const exchange = site.start();
      const head = await exchange.head();
      assert.equal(head.headers.get("content-type"), "text/event-stream");
      sessionCookie(site, { ...head, body: "" });
      assert.equal(await exchange.piece(), "data: 1\n\n");
      await latch.reached;
      latch.open();
      assert.equal(await exchange.piece(), "data: 2\n\n");
      assert.equal(await exchange.piece(), null);
    },
  },
  {
    name: "in mid-stream save() changes a live session",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (session) {
            yield "begin ";
            await latch.wait();
            session.set("late", "yes");
            await session.save();
            yield "saved";
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      const exchange = site.start({ path: "/stream", cookie });
      assert.equal(await exchange.piece(), "begin ");
      latch.open();
      assert.equal(await exchange.piece(), "saved");
      const [record] = await store.records(clock.now());
      assert.equal(record?.data['"late"'], '"yes"');
    },
  },
  {
    name: "in mid-stream save() throws HeadSentError for what needs a cookie, and does nothing",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (session) {
            yield "begin ";
            await latch.wait();
            yield `${await codeOf(() => session.rotate().save())} `;
            yield `${await codeOf(() => session.signIn("eve").save())} `;
            yield `${await codeOf(() => session.signOut().save())} `;
          }),
          "/anonymous": streaming(async function* (session) {
            yield "begin ";
            await latch.wait();
            yield await codeOf(() => session.set("late", "yes").save());
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      const exchanges = [site.start({ path: "/stream", cookie }), site.start({ path: "/anonymous" })];
      for (const exchange of exchanges) assert.equal(await exchange.piece(), "begin ");
      latch.open();
      const [signedIn, anonymous] = await Promise.all(exchanges.map((exchange) => exchange.reply()));
      assert.equal(signedIn?.body, "HEAD_SENT HEAD_SENT HEAD_SENT ");
      assert.equal(anonymous?.body, "HEAD_SENT");
      const records = await store.records(clock.now());
      assert.deepEqual(
        records.map(({ id, userId }) => [id, userId]),
        [[idOf(cookie), "ada"]],
      );
    },
  },
  {
    name: "session.signal fires in a stream when the session is ended elsewhere",
    async run({ serve, store }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (_session, signal) {
            yield signal.aborted ? "over " : "begin ";
            await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
            yield "over";
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      const streams = [site.start({ path: "/stream", cookie }), site.start({ path: "/stream", cookie })];
      for (const stream of streams) assert.equal(await stream.piece(), "begin ");
      assert.deepEqual(store.watched, [idOf(cookie)]);
      assert.equal(await site.sessions.end(idOf(cookie)), true);
      for (const stream of streams) assert.equal(await stream.piece(), "over");
      assert.deepEqual(store.watched, []);
    },
  },
  {
    name: "a session whose answers are over is watched no more",
    async run({ serve, store }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/page": ({ signal }) => ({ body: String(signal.aborted) }),
          "/empty": ({ signal }) => ({ status: signal.aborted ? 410 : 204 }),
          "/stream": streaming(async function* (_session, signal) {
            yield String(signal.aborted);
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      for (const path of ["/page", "/empty", "/stream"]) {
        await site.send({ path, cookie });
        await site.roundTrips();
        assert.deepEqual(store.watched, [], path);
      }
    },
  },
  {
    name: "nor is one whose client went away in mid-stream",
    async run({ serve, store }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (_session, signal) {
            yield String(signal.aborted);
            await latch.wait();
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      const exchange = site.start({ path: "/stream", cookie });
      await exchange.piece();
      assert.deepEqual(store.watched, [idOf(cookie)]);
      exchange.leave();
      await site.roundTrips();
      assert.deepEqual(store.watched, []);
      latch.open();
    },
  },
  {
    name: "a stream that fails midway breaks off, and keeps what was committed",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve((session) => {
        session.signIn("ada");
        return {
          body: (async function* () {
            yield "begin ";
            await latch.wait();
            throw new Error("the source is gone");
          })(),
        };
      });
      const exchange = site.start();
      assert.equal(await exchange.piece(), "begin ");
      latch.open();
      await assert.rejects(exchange.reply());
      assert.equal((await store.records(clock.now())).length, 1);
    },
  },
];
