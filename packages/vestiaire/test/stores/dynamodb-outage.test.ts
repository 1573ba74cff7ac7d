// DynamoDB in trouble: the outage contract, and a table that was deleted. On an emulator, and a server in front of it that
// can be away, silent or throttled; both are in this process, so what is kept over a restart is Amazon's to prove.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { dynamodbStore } from "../../src/stores/dynamodb.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { testOutage } from "../../src/testing/outage-contract.ts";
import { OutageSite } from "../../src/testing/outage-site.ts";
import { DynamodbFront, startDynalite, tableUrl } from "../services/dynalite.ts";

describe("DynamoDB in trouble", async () => {
  const emulator = await startDynalite();
  const front = await DynamodbFront.to(emulator.port);
  after(async () => {
    await front.stop();
    emulator.stop();
  });

  testOutage("dynamodbStore", () => {
    const table = tableUrl(front.port);
    return {
      port: front.port,
      open: (port) => dynamodbStore(table.replace(String(front.port), String(port))),
      server: front.control,
      refusals: { throttled: front.throttling },
    };
  });

  test("the table was deleted: it is made again, and visitors are anonymous", async (t) => {
    const store = dynamodbStore(tableUrl(front.port));
    const site = await OutageSite.over(store);
    const empty = await startDynalite();
    t.after(async () => {
      front.target = emulator.port;
      await site.close();
      empty.stop();
    });
    const ada = await site.visitor();
    front.target = empty.port;
    assert.equal(await recovered(() => ada.count()), "nobody");
    await recovered(() => ada.visit((session) => session.signIn(ada.userId).set("count", 5)));
    assert.equal(await recovered(() => ada.count()), "5");
  });
});
