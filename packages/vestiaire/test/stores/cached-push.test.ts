// What one machine ends or changes, another knows as soon as the engine tells of it: two processes, each with sessions in
// a cached store, over real servers. Nothing here waits for time to pass: the other machine says what it was told, and
// its very next request must show it.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { milliseconds } from "../../src/core/expiry.ts";
import { ROTATION_LIMIT } from "../../src/core/rotation.ts";
import type { Session } from "../../src/core/session.ts";
import type { SessionId } from "../../src/core/token.ts";
import { cached } from "../../src/stores/cached.ts";
import { manualClock } from "../../src/testing/clock.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { FaultyLink } from "../../src/testing/outage-link.ts";
import { NOW } from "../../src/testing/store-cases-fixtures.ts";
import { type Browser, type House, house, type Visitor } from "../core/visits.ts";
import { memcachedServer, unlessInstalled } from "../services/memcached.ts";
import { noPostgresServer, postgresServer, urlOf } from "../services/postgres.ts";
import { noRedisServer, redisServer } from "../services/redis.ts";
import { Service } from "../services/service.ts";
import {
  type Answer,
  type Message,
  type Place,
  type Question,
  type Reading,
  STALENESS,
  storeAt,
} from "./cached-machine.ts";

/** How long the other process may take for anything, in milliseconds. Nothing waits that long unless it fails. */
const PATIENCE = 30_000;
const BOUND = milliseconds(STALENESS, "STALENESS");
const NOBODY = { userId: null, count: null, calls: ["find"] };

const somewhere = (url: string, notify = false): Place => ({ url, notify, now: NOW });
const REDIS = {
  skip: noRedisServer(),
  kind: redisServer(),
  placeAt: (port: number) => somewhere(`redis://127.0.0.1:${port}`),
};
const POSTGRES = {
  skip: noPostgresServer(),
  kind: postgresServer(),
  placeAt: (port: number) => somewhere(urlOf(port), true),
};
const SILENT_POSTGRES = { ...POSTGRES, placeAt: (port: number) => somewhere(urlOf(port)) };
const MEMCACHED = {
  skip: unlessInstalled(),
  kind: memcachedServer(),
  placeAt: (port: number) => somewhere(`memcached://127.0.0.1:${port}`),
};

/** How a machine ends a session. */
const ENDS: readonly ((here: House, visitor: SignedIn) => Promise<unknown>)[] = [
  ({ sessions }, { id }) => sessions.end(id),
  ({ sessions }, { userId }) => sessions.endAllOf(userId),
  (_, { browser }) => browser.visit((session) => session.signOut()),
  // Which gives the browser another session.
  (_, { browser }) => browser.visit((session) => session.signIn("eve")),
];

for (const [name, { skip, kind, placeAt }] of Object.entries({ Redis: REDIS, PostgreSQL: POSTGRES })) {
  describe(`${name} tells of changes`, { skip }, async () => {
    const service = await Service.start(kind);
    after(() => service.stop());
    const place = placeAt(service.port);

    test("however a session ends on one machine, it is dead on another at its next request", async (t) => {
      const { here, there } = await machines(t, place);
      await there.until(() => there.gaps > 0);
      for (const end of ENDS) {
        const visitor = await signedIn(here);
        await assertInMemory(there, visitor);
        await end(here, visitor);
        await there.until(() => there.changed.includes(visitor.id));
        assert.deepEqual(await there.read(visitor.cookie), NOBODY, String(end));
      }
    });

    test("what one machine writes is what another reads at its next request", async (t) => {
      const { here, there } = await machines(t, place);
      const visitor = await signedIn(here);
      const { userId, cookie, browser } = visitor;
      await there.until(() => there.gaps > 0);
      await assertInMemory(there, visitor);
      const blind = (session: Session<Visitor>) => session.set("count", 2);
      const exact = (session: Session<Visitor>) => session.update("count", (before = 0) => before + 1);
      for (const [index, write] of [blind, exact].entries()) {
        await browser.visit(write);
        await there.until(() => there.changed.length > index);
        assert.deepEqual(await there.read(cookie), { userId, count: index + 2, calls: ["find"] });
      }
    });

    test("a secret that one machine replaced opens nothing on another once it is retired", async (t) => {
      const { here, there } = await machines(t, place);
      const visitor = await signedIn(here);
      const { userId, cookie, browser } = visitor;
      await there.until(() => there.gaps > 0);
      await assertInMemory(there, visitor);
      await browser.visit((session) => session.rotate());
      assert.ok(browser.cookie !== null && browser.cookie !== cookie);
      await there.until(() => there.changed.includes(visitor.id));
      assert.ok(ROTATION_LIMIT < BOUND);
      assert.deepEqual(await there.read(cookie, NOW + ROTATION_LIMIT), NOBODY);
      assert.deepEqual(await there.read(browser.cookie, NOW + ROTATION_LIMIT), {
        userId,
        count: 1,
        calls: [],
      });
    });

    test("what a machine missed while its connection was cut, it does not answer from memory", async (t) => {
      const link = await FaultyLink.to(service.port);
      t.after(() => link.close());
      const { here, there } = await machines(t, place, placeAt(link.port));
      const visitor = await signedIn(here);
      await there.until(() => there.gaps > 0);
      await assertInMemory(there, visitor);
      const { gaps } = there;
      link.swallow();
      await here.sessions.end(visitor.id);
      link.pass();
      link.drop();
      await there.until(() => there.gaps > gaps);
      // It may have to connect first.
      const reading = await recovered(() => there.read(visitor.cookie));
      assert.deepEqual(reading, NOBODY);
      assert.deepEqual(there.changed, []);
    });
  });
}

const SILENT = { memcached: MEMCACHED, "PostgreSQL without notify": SILENT_POSTGRES };
for (const [name, { skip, kind, placeAt }] of Object.entries(SILENT)) {
  describe(`${name} tells nothing`, { skip }, async () => {
    const service = await Service.start(kind);
    after(() => service.stop());

    test("a session that one machine ended is dead on another at the bound", async (t) => {
      const { here, there } = await machines(t, placeAt(service.port));
      const visitor = await signedIn(here);
      const { id, userId, cookie } = visitor;
      await assertInMemory(there, visitor);
      await here.sessions.end(id);
      assert.deepEqual(await there.read(cookie, NOW + BOUND - 1), { userId, count: 1, calls: [] });
      assert.deepEqual(await there.read(cookie, NOW + BOUND), NOBODY);
      assert.deepEqual([there.changed, there.gaps], [[], 0]);
    });
  });
}

// ---- helpers

interface SignedIn {
  readonly id: SessionId;
  readonly userId: string;
  readonly cookie: string;
  readonly browser: Browser;
}

/** This process and another, over the same data. */
async function machines(t: TestContext, place: Place, placeThere: Place = place) {
  const store = cached(await storeAt(place), { staleness: STALENESS });
  const here = house({ store, clock: manualClock(NOW) });
  t.after(() => here.sessions.close());
  return { here, there: new OtherMachine(t, placeThere) };
}

/** A visitor who signed in here. */
async function signedIn(here: House): Promise<SignedIn> {
  const userId = crypto.randomUUID();
  const browser = here.browser();
  await browser.visit((session) => session.signIn(userId).set("count", 1));
  const [{ id } = assert.fail("nobody is signed in")] = await here.sessions.ofUser(userId);
  return { id, userId, cookie: browser.cookie ?? assert.fail("there is no cookie"), browser };
}

/** Checks that the machine asks the store for the session once, and then answers from memory. */
async function assertInMemory(there: OtherMachine, { userId, cookie }: SignedIn): Promise<void> {
  for (const calls of [["find"], []]) {
    assert.deepEqual(await there.read(cookie), { userId, count: 1, calls });
  }
}

/** A machine that is a process of its own, and what it was told so far. */
class OtherMachine {
  readonly changed: SessionId[] = [];
  gaps = 0;
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];

  constructor(t: TestContext, place: Place) {
    const script = join(import.meta.dirname, "cached-machine.ts");
    this.#child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(place)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    t.after(() => this.#child.kill());
    this.#child.on("message", (message: Message) => this.#hear(message));
  }

  /** What it takes the session for at this time. Rejects where its store fails. */
  async read(cookie: string, at = NOW): Promise<Reading> {
    const before = this.#answers.length;
    this.#child.send({ cookie, at } satisfies Question);
    await this.until(() => this.#answers.length > before);
    const answer = this.#answers.at(-1);
    if (answer === undefined || "failed" in answer) throw new Error(answer?.failed);
    return answer.read;
  }

  /** Resolves once it has said what makes this true. */
  async until(holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    while (!holds()) await once(this.#child, "message", { signal });
  }

  #hear(message: Message): void {
    if (!("told" in message)) this.#answers.push(message);
    else if (message.told === null) this.gaps += 1;
    else this.changed.push(message.told);
  }
}
