// A connection that breaks in the middle of a reply, or over which no reply comes any more. Nobody knows then whether what
// was asked has been done, so nothing is asked twice.

import assert from "node:assert/strict";
import { assertAllReject, callsOf, type OutageCase, recovered } from "./outage-cases-fixtures.ts";
import type { FaultyLink } from "./outage-link.ts";
import type { Visitor } from "./outage-site.ts";
import { NOW, someId, someRecord, stored, values } from "./store-cases-fixtures.ts";

/** Longer than the last cut of {@link CUTS}. */
const LONG_NOTE = "x".repeat(2_000);
const CUTS = [0, 1, 10, 100, 300];

/** Each makes one reply go wrong. */
const LOSSES: readonly ((link: FaultyLink) => unknown)[] = [
  (link) => link.swallow(),
  (link) => link.cutAfter(0),
  (link) => link.cutAfter(1),
];

/** More than any pool has connections: the last ones wait for one. */
const CROWD = 25;

export const linkCases: readonly OutageCase[] = [
  {
    name: "a connection cut in the middle of a reply fails one visit, and its visitor is not taken for a stranger",
    async run({ store, site, link, traits }) {
      const ada = await site.visitor({ note: LONG_NOTE });
      const find = async () => assert.ok(await store.find(ada.id, Date.now()));
      for (const bytes of CUTS) {
        const cut = link.cutAfter(bytes);
        await ada.assertRefused((session) => session.userId);
        await cut;
        await (traits.reconnects ? find() : recovered(find));
      }
      assert.equal(await recovered(() => ada.count()), "1");
    },
  },
  {
    name: "a write whose reply is cut off or lost fails, and is not sent again",
    async run({ store, site, link }) {
      const ada = await site.visitor();
      const revision = async () => (await store.find(ada.id, Date.now()))?.revision ?? 0;
      // How often the text of a write is sent when all is well. The first one may take more.
      const written = async (visitor: Visitor, note: string) => {
        await recovered(() => visitor.visit((session) => session.set("note", note)));
        return link.heard(note);
      };
      for (const visitor of [ada, site.stranger()]) await written(visitor, someId());
      for (const lose of LOSSES) {
        for (const somebody of [() => ada, () => site.stranger()]) {
          const usual = await written(somebody(), someId());
          const [before, lost] = [await recovered(revision), someId()];
          // After the look-up, so that it strikes the write.
          await somebody().assertRefused((session) => {
            session.set("note", lost);
            void lose(link);
          });
          link.pass();
          link.drop();
          assert.ok((await recovered(revision)) <= before + 1);
          assert.ok(link.heard(lost) <= usual, `sent ${link.heard(lost)} times, and not ${usual}`);
        }
      }
    },
  },
  {
    name: "a call that nobody answers gives up by itself, and is not sent again; then there are connections again",
    needs: ["patience"],
    async run({ store, open, link }) {
      const [usual, note] = [someId(), someId()];
      const { id } = await stored(store, { data: values({ note: usual }) });
      // One has a connection and opens more, the other has all that it may have.
      const { store: crowded } = await open();
      const finds = (from: typeof store) => Array.from({ length: CROWD }, () => () => from.find(id, NOW));
      await Promise.all(finds(crowded).map((find) => find()));
      link.swallow();
      await assertAllReject([
        () => store.create(someRecord({ data: values({ note }) }), NOW),
        ...callsOf(store),
        ...finds(store),
        ...finds(crowded),
      ]);
      link.pass();
      assert.ok(link.heard(note) <= link.heard(usual));
      for (const each of [store, crowded]) assert.ok(await recovered(() => each.find(id, NOW)));
    },
  },
  {
    name: "a server that answers nothing from the first call on: it fails in time, and closing does not wait for ever",
    async run({ open, link }) {
      link.swallow();
      const { site } = await open();
      await site.stranger().assertRefused((session) => session.signIn("eve"));
      await site.close();
    },
  },
];
