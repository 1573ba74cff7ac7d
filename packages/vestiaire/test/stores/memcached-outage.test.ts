// memcached in trouble: the outage contract, and a memory that is full. memcached keeps nothing over a restart of its own.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { memcachedStore } from "../../src/stores/memcached.ts";
import { recovered } from "../../src/testing/outage-cases-fixtures.ts";
import { testOutage } from "../../src/testing/outage-contract.ts";
import { OutageSite } from "../../src/testing/outage-site.ts";
import { stored, values } from "../../src/testing/store-cases-fixtures.ts";
import { memcachedServer, unlessInstalled } from "../services/memcached.ts";
import { Service } from "../services/service.ts";

const FILLER = "x".repeat(5_000);

describe("memcached in trouble", { skip: unlessInstalled() }, async () => {
  const service = await Service.start(memcachedServer());
  after(() => service.stop());

  testOutage(
    "memcachedStore",
    () => ({ port: service.port, open: (port) => memcachedStore(urlOf(port)), server: service.control }),
    { durable: false },
  );

  test("full, and told to evict nothing: reads work, and what takes more memory fails", async (t) => {
    const full = await Service.start(memcachedServer("-M", "-m", "2"));
    const store = memcachedStore(urlOf(full.port));
    const site = await OutageSite.over(store);
    t.after(async () => {
      await site.close();
      await full.stop();
    });
    const ada = await site.visitor();
    const { cookie } = ada;
    await assert.rejects(async () => {
      for (;;) await stored(store, { data: values({ FILLER }) });
    }, /out of memory/);
    for (let page = 0; page < 3; page += 1) assert.equal(await recovered(() => ada.count()), "1");
    assert.equal(ada.cookie, cookie);
    await site.stranger().assertRefused((session) => session.set("note", FILLER));
  });
});

function urlOf(port: number): string {
  return `memcached://127.0.0.1:${port}`;
}
