// Requests of one session that overlap. Whatever the order in which they end, an acknowledged write is kept, and what
// was ended stays ended.

import assert from "node:assert/strict";
import {
  type AdapterCase,
  type AdapterContext,
  assertNoCookie,
  assertPage,
  COMMON,
  cookieFrom,
  HOME,
  idOf,
  Latch,
  routes,
  type Scenario,
} from "./adapter-cases-fixtures.ts";

const WRITERS = 50;

/** What a slow request may have done to its session, each with the status it is still answered with. */
const SLOW: Readonly<Record<string, Scenario>> = {
  "a read": (session) => ({ body: String(session.userId) }),
  "a write": (session) => ({ body: String(session.set("slow", 1).userId) }),
  "an update": (session) => ({ body: String(session.update("slow", () => 1).userId) }),
  "a rotation": (session) => ({ body: String(session.rotate().userId) }),
  "a sign-in": (session) => ({ body: String(session.signIn("ada").userId) }),
};

const IN_FLIGHT: readonly AdapterCase[] = Object.entries(SLOW).map(([kind, act]) => ({
  name: `T9 ${kind} in flight during the sign-out brings nothing back, and gets no cookie`,
  async run({ serve, store, clock }) {
    const latch = new Latch();
    const site = await serve(
      routes({
        ...COMMON,
        "/slow": async (session, request) => {
          const answer = await act(session, request);
          await latch.wait();
          return answer;
        },
      }),
    );
    const cookie = await cookieFrom(site);
    const slow = site.start({ path: "/slow", cookie });
    await latch.reached;
    assert.equal((await site.send({ path: "/out", cookie })).status, 303);
    latch.open();
    const reply = await slow.reply();
    assertPage(reply, "ada");
    assertNoCookie(reply);
    assert.deepEqual(await store.records(clock.now()), []);
    assertPage(await site.send({ path: "/who", cookie }), "nobody");
  },
}));

export const overlapCases: readonly AdapterCase[] = [
  ...IN_FLIGHT,
  {
    name: "a session that an administrator ends is dead for the next request, and for the one in flight",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve(routes({ ...COMMON, "/slow": slowWrite(latch, "slow") }));
      const cookie = await cookieFrom(site);
      const slow = site.start({ path: "/slow", cookie });
      await latch.reached;
      assert.deepEqual(await site.sessions.endAllOf("ada"), [idOf(cookie)]);
      assertPage(await site.send({ path: "/who", cookie }), "nobody");
      latch.open();
      const reply = await slow.reply();
      assertPage(reply, "written");
      assertNoCookie(reply);
      assert.deepEqual(await store.records(clock.now()), []);
    },
  },
  {
    name: "T10 of requests at once that write different keys, all win",
    async run(context) {
      await assertAllWin(context, (index) => `key${index}`);
    },
  },
  {
    name: "T10 50 requests at once that count lose none",
    async run({ serve, store, clock }) {
      const { arrive } = meeting(WRITERS);
      const site = await serve(
        routes({
          ...COMMON,
          "/count": async (session) => {
            session.update("count", (count) => Number(count ?? 0) + 1);
            await arrive();
            return { body: "counted" };
          },
        }),
      );
      const cookie = await cookieFrom(site);
      const replies = await Promise.all(
        Array.from({ length: WRITERS }, () => site.send({ path: "/count", cookie })),
      );
      for (const reply of replies) {
        assertPage(reply, "counted");
        assertNoCookie(reply);
      }
      const [record] = await store.records(clock.now());
      assert.equal(record?.data['"count"'], String(WRITERS));
    },
  },
  {
    name: "what a slow request wrote before the sign-in of another is carried over, or was not acknowledged",
    async run({ serve, store, clock }) {
      const latch = new Latch();
      const site = await serve(
        routes({
          ...COMMON,
          "/slow": slowWrite(latch, "slow"),
          "/cart": (session) => ({ body: String(session.set("cart", "bread").isNew) }),
        }),
      );
      const cookie = await cookieFrom(site, "/cart");
      const create = store.hold("create");
      const slow = site.start({ path: "/slow", cookie });
      await latch.reached;
      const signingIn = site.start({ path: "/in", cookie });
      await create.reached;
      latch.open();
      assertPage(await slow.reply(), "written");
      create.release();
      assert.equal((await signingIn.reply()).status, HOME.status);
      const [record] = await store.records(clock.now());
      assert.deepEqual(record?.data, { '"cart"': '"bread"', '"slow"': "1" });
    },
  },
];

function slowWrite(latch: Latch, key: string): Scenario {
  return async (session) => {
    session.set(key, 1);
    await latch.wait();
    return { body: "written" };
  };
}

/** Nobody goes on before so many have arrived. */
function meeting(size: number): { arrive(): Promise<void> } {
  const everybody = new Latch();
  let arrived = 0;
  return {
    arrive() {
      arrived += 1;
      if (arrived === size) everybody.open();
      return everybody.wait();
    },
  };
}

async function assertAllWin(
  { serve, store, clock }: AdapterContext,
  key: (index: number) => string,
): Promise<void> {
  const { arrive } = meeting(WRITERS);
  const table: Record<string, Scenario> = { ...COMMON };
  for (let index = 0; index < WRITERS; index += 1) {
    table[`/write/${index}`] = async (session) => {
      session.set(key(index), index);
      await arrive();
      return { body: "written" };
    };
  }
  const site = await serve(routes(table));
  const cookie = await cookieFrom(site);
  const replies = await Promise.all(
    Array.from({ length: WRITERS }, (_, index) => site.send({ path: `/write/${index}`, cookie })),
  );
  for (const reply of replies) assertPage(reply, "written");
  const [record] = await store.records(clock.now());
  const expected = Array.from({ length: WRITERS }, (_, index) => [JSON.stringify(key(index)), String(index)]);
  assert.deepEqual({ ...record?.data }, Object.fromEntries(expected));
}
