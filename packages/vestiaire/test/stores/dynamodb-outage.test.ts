// What becomes of requests while DynamoDB (an emulator of it) is away, silent or throttled, or a connection breaks: a
// clear failure in a bounded time, nothing sent twice, and service again without a restart.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { SessionStore } from "../../src/core/store.ts";
import { dynamodbStore } from "../../src/stores/dynamodb.ts";
import { NOW, someRecord } from "../../src/testing/store-cases-fixtures.ts";
import { startDynalite, tableUrl } from "../services/dynalite.ts";
import { FaultyLink } from "../services/faulty-link.ts";
import {
  assertAllRefused,
  assertRefused,
  assertWritesRefused,
  impatientHouse,
  recovered,
  signedIn,
} from "./outage-visits.ts";

test("DynamoDB is away: everything fails; back again: everything works", async (t) => {
  const { front, store, house } = await start(t);
  const ada = await signedIn(house);
  front.mode = "away";
  await assertAllRefused(house, ada);
  await assertCallsFail(store);
  front.mode = "pass";
  assert.equal((await recovered(() => ada.read())).count, 1);
  await ada.visit((session) => session.set("count", 2));
  assert.equal((await ada.read()).count, 2);
});

test("DynamoDB is silent: everything fails in time; speaks again: everything works", async (t) => {
  const { proxy, house } = await start(t);
  const ada = await signedIn(house);
  proxy.swallow();
  await assertAllRefused(house, ada);
  proxy.pass();
  proxy.drop();
  assert.equal((await recovered(() => ada.read())).count, 1);
});

test("a call without an answer is given up by itself", { timeout: 20_000 }, async (t) => {
  const { proxy, store } = await start(t);
  proxy.swallow();
  await assert.rejects(async () => store.find(someRecord().id, NOW), /time/i);
});

test("a connection cut in the middle of a reply fails one request", async (t) => {
  const { proxy, house } = await start(t);
  const ada = await signedIn(house);
  for (const bytes of [0, 1, 100, 300]) {
    proxy.cutAfter(bytes);
    await assertRefused(ada, (session) => session.data);
    assert.equal((await ada.read()).count, 1);
  }
});

test("a write whose reply is lost fails, and is not sent again", async (t) => {
  const { front, proxy, house } = await start(t);
  const ada = await signedIn(house);
  front.seen.length = 0;
  proxy.swallow();
  await assertRefused(house.browser(), (session) => session.set("count", 1));
  proxy.pass();
  proxy.drop();
  assert.equal((await recovered(() => ada.read())).count, 1);
  assert.deepEqual(
    front.seen.filter((operation) => operation !== "GetItem"),
    ["PutItem"],
  );
});

test("throttled: reads work, and writes fail at once", async (t) => {
  const { front, house } = await start(t);
  const ada = await signedIn(house);
  front.mode = "throttle";
  assert.equal((await ada.read()).count, 1);
  await assertWritesRefused(house, ada);
  front.mode = "pass";
  assert.equal((await ada.read()).count, 1);
});

test("the table was deleted: it is made again, and visitors are anonymous", async (t) => {
  const { front, house } = await start(t);
  const ada = await signedIn(house);
  const empty = await startDynalite();
  t.after(() => empty.stop());
  front.target = empty.port;
  assert.equal((await recovered(() => ada.read())).count, undefined);
  await ada.visit((session) => session.signIn("ada").set("count", 5));
  assert.equal((await ada.read()).count, 5);
});

// ---- helpers

/** A server between the store and the emulator. */
interface Front {
  target: number;
  /** `away`: every connection is closed. `throttle`: writes are refused, as beyond the capacity that was paid for. */
  mode: "pass" | "away" | "throttle";
  /** The operations that came this far. */
  readonly seen: string[];
}

const THROTTLED = JSON.stringify({
  __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  message: "The level of configured provisioned throughput for the table was exceeded.",
});

async function start(t: TestContext) {
  const emulator = await startDynalite();
  const front: Front = { target: emulator.port, mode: "pass", seen: [] };
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    front.seen.push(operation);
    if (front.mode === "away") return void request.socket.destroy();
    const body = await text(request);
    if (front.mode === "throttle" && /^(Put|Update|Delete)Item$/.test(operation)) {
      return void response.writeHead(400, { "Content-Type": "application/x-amz-json-1.0" }).end(THROTTLED);
    }
    const { authorization = "", "x-amz-target": target = "" } = request.headers;
    const answer = await fetch(`http://127.0.0.1:${front.target}`, {
      method: "POST",
      headers: {
        ...{ Authorization: authorization, "X-Amz-Target": String(target) },
        ...{
          "X-Amz-Date": String(request.headers["x-amz-date"]),
          "Content-Type": "application/x-amz-json-1.0",
        },
      },
      body,
    });
    response.writeHead(answer.status, { "Content-Type": "application/x-amz-json-1.0" });
    response.end(await answer.text());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await FaultyLink.to((server.address() as AddressInfo).port);
  const store = dynamodbStore(tableUrl(proxy.port));
  // The table is there before a request needs it.
  await store.find(someRecord().id, NOW);
  t.after(async () => {
    await proxy.close();
    server.close();
    server.closeAllConnections();
    emulator.stop();
    await store.close?.();
  });
  return { front, proxy, store, house: impatientHouse(store) };
}

async function assertCallsFail(store: SessionStore): Promise<void> {
  const record = someRecord({ userId: "ada" });
  await assert.rejects(async () => store.find(record.id, NOW));
  await assert.rejects(async () => store.create(record, NOW));
  await assert.rejects(async () => store.patch(record.id, { clear: true }, NOW));
  await assert.rejects(async () => store.delete(record.id));
  await assert.rejects(async () => store.findByUser("ada", NOW));
  await assert.rejects(async () => store.deleteByUser("ada", NOW));
  await assert.rejects(async () => store.list?.(NOW));
}
