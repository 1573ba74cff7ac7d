// A server that is stopped, killed, paused, or not yet there. Whoever comes meanwhile is told so in a bounded time; when it
// is back everything goes on without a restart of the process that uses it.

import assert from "node:assert/strict";
import {
  assertAllReject,
  callsOf,
  type OutageCase,
  type OutageTraits,
  recovered,
} from "./outage-cases-fixtures.ts";
import type { Visitor } from "./outage-site.ts";
import { NOW, someRecord, stored } from "./store-cases-fixtures.ts";

/** Checks that a visitor with a count of 1 goes on as the engine promises, over the same connections and manager. */
async function assertServedAgain(visitor: Visitor, { durable }: Required<OutageTraits>): Promise<void> {
  assert.equal(await recovered(() => visitor.count()), durable ? "1" : "nobody");
  await recovered(() =>
    visitor.visit((session) => (durable ? session : session.signIn(visitor.userId)).set("count", 2)),
  );
  assert.equal(await recovered(() => visitor.count()), "2");
}

export const serverCases: readonly OutageCase[] = [
  {
    name: "a stopped server: every call and every visit fails; started again: visitors are served",
    needs: ["server"],
    async run({ store, site, server, traits }) {
      const ada = await site.visitor();
      await server.stop();
      await assertAllReject(callsOf(store));
      await ada.assertAllRefused();
      await server.start();
      await assertServedAgain(ada, traits);
    },
  },
  {
    name: "a killed server: what was acknowledged is there, and what was ended stays ended",
    needs: ["server", "durable"],
    async run({ store, site, server, traits }) {
      const [ada, eve] = [await site.visitor(), await site.visitor()];
      const ended = await stored(store);
      await store.delete(ended.id);
      await store.deleteByUser(eve.userId, Date.now());
      await server.kill();
      await assertAllReject(callsOf(store));
      await ada.assertAllRefused();
      await server.start();
      await assertServedAgain(ada, traits);
      assert.equal(await store.find(ended.id, NOW), null);
      assert.equal(await recovered(() => eve.count()), "nobody");
      assert.equal(await store.create(someRecord({ userId: eve.userId }), NOW), "ended");
    },
  },
  {
    name: "a server that is not there when the store is opened: visits fail until it is, and then work",
    needs: ["server"],
    async run({ server, open }) {
      await server.stop();
      const { store, site } = await open();
      await assertAllReject(callsOf(store));
      await site.stranger().assertRefused((session) => session.signIn("eve"));
      await server.start();
      const ada = await site.visitor();
      assert.equal(await recovered(() => ada.count()), "1");
    },
  },
  {
    name: "a server that was restarted between two visits: connections that broke while idle are replaced",
    needs: ["server"],
    async run({ site, server, traits }) {
      const ada = await site.visitor();
      await server.stop();
      await server.start();
      await assertServedAgain(ada, traits);
    },
  },
  {
    name: "a paused server: every visit fails in time; resumed: the sessions are there",
    needs: ["server"],
    async run({ site, server }) {
      // What was refused meanwhile may have been done: whether ada is signed out is unknown.
      const [ada, eve] = [await site.visitor(), await site.visitor()];
      await server.pause();
      await ada.assertAllRefused();
      for (let page = 0; page < 3; page += 1) await eve.assertRefused((session) => session.userId);
      await server.resume();
      assert.equal(await recovered(() => eve.count()), "1");
      await recovered(() => eve.visit((session) => session.set("count", 2)));
      assert.equal(await recovered(() => eve.count()), "2");
    },
  },
];
