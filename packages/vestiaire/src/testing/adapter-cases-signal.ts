// The session's signal: it closes what hangs on it when the session is ended, here or elsewhere, and it is let go when
// the exchange is over, however it ended.

import assert from "node:assert/strict";
import { createSessions } from "../core/manager.ts";
import {
  type AdapterCase,
  assertPage,
  COMMON,
  cookieFrom,
  idOf,
  Latch,
  routes,
  SECOND,
  streaming,
  type TrialData,
} from "./adapter-cases-fixtures.ts";

const endedElsewhere: readonly AdapterCase[] = (["tells of ends", "has to be asked"] as const).map(
  (kind) => ({
    name: `with a store that ${kind}, an event stream saves what comes late, and is closed once its session is ended elsewhere`,
    async run({ serve, store: trial, clock }) {
      const store = kind === "tells of ends" ? trial : trial.silent;
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (session, signal) {
            yield "begin ";
            await latch.wait();
            await session.set("late", "yes").save();
            yield "saved ";
            await over(signal);
          }),
        }),
        { store },
      );
      const cookie = await cookieFrom(site);
      const exchange = site.start({ path: "/stream", cookie });
      assert.equal(await exchange.piece(), "begin ");
      latch.open();
      assert.equal(await exchange.piece(), "saved ");
      const [record] = await trial.records(clock.now());
      assert.equal(record?.data['"late"'], '"yes"');
      const elsewhere = createSessions<TrialData>({ store, clock, sweep: false });
      assert.equal(await elsewhere.end(idOf(cookie)), true);
      if (kind === "has to be asked") clock.advance(SECOND);
      assert.equal(await exchange.piece(), null);
    },
  }),
);

/** Until the signal fires. */
async function over(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

export const signalCases: readonly AdapterCase[] = [
  ...endedElsewhere,
  {
    name: "session.signal fires in a stream when the session is ended elsewhere",
    async run({ serve, store }) {
      const site = await serve(
        routes({
          ...COMMON,
          "/stream": streaming(async function* (_session, signal) {
            yield signal.aborted ? "over " : "begin ";
            await over(signal);
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
          "/broken": ({ signal }) => {
            throw new Error(String(signal.aborted));
          },
          "/stream": streaming(async function* (_session, signal) {
            yield String(signal.aborted);
          }),
        }),
      );
      const cookie = await cookieFrom(site);
      for (const path of ["/page", "/empty", "/broken", "/stream"]) {
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
    name: "nor one whose client went away before anybody asked for its signal",
    async run({ serve, store }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/slow": async (session) => {
            await latch.wait();
            return { body: String(session.signal.aborted) };
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
      assert.deepEqual(store.watched, []);
      assertPage(await site.send({ path: "/who", cookie }), "ada");
    },
  },
];
