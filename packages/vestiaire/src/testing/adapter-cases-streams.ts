// Answers that go on for long: the head leaves once the session is committed, what follows flows as it comes, and the
// session stays usable for whatever needs no cookie.

import assert from "node:assert/strict";
import { HeadSentError } from "../core/errors.ts";
import {
  type AdapterCase,
  COMMON,
  cookieFrom,
  EVENT_STREAM,
  idOf,
  Latch,
  routes,
  sessionCookie,
  streaming,
} from "./adapter-cases-fixtures.ts";

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
    name: "a stream that fails midway breaks off, and keeps what was committed",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve((session) => {
        session.signIn("ada");
        return {
          headers: EVENT_STREAM,
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
