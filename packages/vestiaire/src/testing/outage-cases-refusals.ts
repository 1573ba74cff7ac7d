// An engine that runs and yet does not do what it is asked: it serves nobody, or writes nothing. A write that is refused
// has not happened, and its visitor has the cookie from before.

import assert from "node:assert/strict";
import { assertAllReject, callsOf, inEach, type OutageCase, recovered } from "./outage-cases-fixtures.ts";
import { NOW, someId, stored, values } from "./store-cases-fixtures.ts";

export const refusalCases: readonly OutageCase[] = [
  {
    name: "an engine that serves nobody: every call and every visit fails; once it serves: the sessions are there",
    needs: ["outages"],
    async run({ store, site, link, outages }) {
      await inEach(outages, async (during) => {
        const ada = await site.visitor();
        link.drop();
        await during(async () => {
          await ada.assertAllRefused();
          await assertAllReject(callsOf(store));
        });
        assert.equal(await recovered(() => ada.count()), "1");
      });
    },
  },
  {
    name: "an engine that refuses writes: reads work and writes fail without a trace; later they work",
    needs: ["refusals"],
    async run({ store, site, refusals }) {
      await inEach(refusals, async (during, { endings = false }) => {
        const [ada, eve] = [await site.visitor(), await site.visitor()];
        const [{ cookie }, userId] = [ada, `user-${someId()}`];
        const record = await stored(store, { userId, data: values({ count: 1 }) });
        await during(async () => {
          await assert.rejects(async () => store.patch(record.id, { set: values({ count: 2 }) }, NOW));
          assert.equal(await recovered(() => ada.count()), "1");
          await ada.assertWritesRefused();
          if (endings) {
            await recovered(() => eve.visit((session) => session.signOut()));
            assert.equal(eve.cookie, undefined);
          } else {
            await ada.assertRefused((session) => session.signOut());
            await assert.rejects(async () => store.deleteByUser(userId, NOW));
          }
          assert.equal(await recovered(() => ada.count()), "1");
          assert.equal(ada.cookie, cookie);
        });
        assert.deepEqual(await recovered(() => store.findByUser(userId, NOW)), [record]);
        await recovered(() => ada.visit((session) => session.set("count", 2)));
        assert.equal(await recovered(() => ada.count()), "2");
      });
    },
  },
  {
    name: "a store that is opened while writes are refused reads what is there",
    needs: ["refusals"],
    async run({ store, open, refusals }) {
      const record = await stored(store);
      await inEach(refusals, (during) =>
        during(async () => {
          const late = await open();
          assert.deepEqual(await late.store.find(record.id, NOW), record);
        }),
      );
    },
  },
];
