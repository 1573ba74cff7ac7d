// MongoDB in trouble: the outage contract, and a write that no majority acknowledged. On the emulator, which keeps what it
// acknowledged: what this shows is the store's and the driver's part in it.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Document, MongoClient } from "mongodb";
import { mongodbStore } from "../../src/stores/mongodb.ts";
import { type Refusal, testOutage } from "../../src/testing/outage-contract.ts";
import { NOW, someRecord, stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { mongodbEmulator, urlOf } from "../services/mongodb.ts";
import { Service } from "../services/service.ts";

const OUT_OF_DISK_SPACE = 14_031;
const NOT_WRITABLE_PRIMARY = 10_107;
const WRITES = ["insert", "update", "delete", "findAndModify"];

describe("MongoDB in trouble", async () => {
  const service = await Service.start(mongodbEmulator);
  const { port } = service;
  after(() => service.stop());

  testOutage(
    "mongodbStore",
    () => ({
      port,
      // As hosts of MongoDB like to write it. The store's own settings win.
      open: (through) => mongodbStore(`${urlOf(through)}?retryReads=true&retryWrites=true`),
      server: service.control,
      refusals: {
        "a full disk": writesFail({ errorCode: OUT_OF_DISK_SPACE }),
        "no longer the primary": writesFail({ errorCode: NOT_WRITABLE_PRIMARY }),
      },
    }),
    // The driver looks for a server first, and that takes its time.
    { reconnects: false },
  );

  test("a write that no majority acknowledged is none that was done", async (t) => {
    const store = mongodbStore(urlOf(port));
    t.after(() => store.close?.());
    const { id } = await stored(store);
    const writeConcernError = { code: 64, errmsg: "waiting for replication timed out" };
    const { begin, end } = writesFail({ writeConcernError });
    t.after(end);
    await begin();
    await assert.rejects(async () => store.create(someRecord(), NOW));
    await assert.rejects(async () => store.patch(id, { set: values({ a: 1 }) }, NOW));
    await assert.rejects(async () => store.delete(id));
    await assert.rejects(async () => store.deleteByUser("ada", NOW));
  });

  /** The server answers every write like this. */
  function writesFail(answer: Document): Refusal {
    const configure = async (settings: Document) => {
      const admin = new MongoClient(urlOf(port));
      try {
        await admin.db("admin").command({ configureFailPoint: "failCommand", ...settings });
      } finally {
        await admin.close();
      }
    };
    return {
      begin: () => configure({ mode: "alwaysOn", data: { failCommands: WRITES, ...answer } }),
      end: () => configure({ mode: "off" }),
    };
  }
});
