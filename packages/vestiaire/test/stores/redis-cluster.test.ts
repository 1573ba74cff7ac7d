// A Redis cluster that loses a node: a bounded time of clear failures, then service again without a restart.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { SessionError } from "../../src/core/errors.ts";
import type { SessionPage } from "../../src/core/store.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { command, noRedisServer, redisCluster, said, type TestCluster } from "../services/redis.ts";
import type { Service } from "../services/service.ts";
import { impatientHouse, signedIn } from "./outage-visits.ts";

/** Enough for each master to hold some. */
const VISITORS = 12;

describe("a Redis cluster", { skip: noRedisServer() }, () => {
  test("a master is killed: visits fail clearly until its replica takes over, and then all is there", async (t) => {
    const { cluster, house } = await start(t);
    const visitors = await Promise.all(
      Array.from({ length: VISITORS }, (_, index) => signedIn(house, `user${index}`)),
    );
    const [master] = cluster.masters;
    assert.ok(master);
    await replicated(master, cluster.replica);
    await master.kill();
    const outcomes = await Promise.allSettled(visitors.map((visitor) => visitor.read()));
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") assert.ok(outcome.reason instanceof SessionError);
      else assert.equal(outcome.value.count, 1);
    }
    assert.ok(outcomes.some(({ status }) => status === "rejected"));
    await said(cluster.replica.port, ["INFO", "replication"], /role:master/);
    for (const visitor of visitors) {
      assert.equal((await recovered(() => visitor.read())).count, 1);
      await recovered(() => visitor.visit((session) => session.set("count", 2)));
    }
    for (const visitor of visitors) {
      assert.equal((await recovered(() => visitor.read())).count, 2);
      await visitor.visit((session) => session.signOut());
      assert.equal(visitor.cookie, null);
    }
    await signedIn(house, "somebody new");
  });

  test("a replica takes over from a living master: calls follow, and a list starts over", async (t) => {
    const { cluster, store } = await start(t);
    const records = await Promise.all(Array.from({ length: 30 }, () => stored(store, { userId: "ada" })));
    const [master] = cluster.masters;
    assert.ok(master);
    await replicated(master, cluster.replica);
    const first = await store.list?.(NOW, undefined, 5);
    assert.ok(first?.cursor);
    await command(cluster.replica.port, "CLUSTER", "FAILOVER", "TAKEOVER");
    await said(master.port, ["INFO", "replication"], /role:slave/);
    for (const { id } of records) {
      const patch = { set: values({ a: 1 }) };
      let attempts = 0;
      const answer = await recovered(() => {
        attempts += 1;
        return store.patch(id, patch, NOW, { revision: 0 });
      });
      // An attempt whose answer was lost may have counted.
      assert.equal(answer, attempts > 1 && answer === "conflict" ? "conflict" : "done");
    }
    const rest = async () => {
      const seen = new Set(first.records.map(({ id }) => id));
      for (let cursor: string | null = first.cursor; cursor !== null; ) {
        const page: SessionPage | undefined = await store.list?.(NOW, cursor, 5);
        for (const { id } of page?.records ?? []) seen.add(id);
        cursor = page?.cursor ?? null;
      }
      assert.deepEqual([...seen].sort(), records.map(({ id }) => id).sort());
    };
    // Until the nodes agree, one may still send the client to the former master, which has begun as an empty replica.
    await recovered(rest);
    assert.equal((await store.deleteByUser("ada", NOW)).length, records.length);
    assert.equal(await store.create(someRecord({ userId: "ada" }), NOW), "ended");
  });
});

// ---- helpers

async function start(t: TestContext) {
  const cluster: TestCluster = await redisCluster();
  const store = redisStore(cluster.url);
  t.after(async () => {
    await store.close?.();
    await cluster.stop();
  });
  // The first call also loads the driver and connects.
  await store.find("", NOW);
  return { cluster, store, house: impatientHouse(store) };
}

/** Until the replica has all that the master has. */
async function replicated(master: Service, replica: Service): Promise<void> {
  const size = await command(master.port, "DBSIZE");
  await said(replica.port, ["DBSIZE"], new RegExp(`^${size}$`));
}
