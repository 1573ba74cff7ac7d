// `openStore`: the right store for each URL, and a clear word for what is none. The engines' own tests say what a store
// does with the rest of its URL.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../src/core/errors.ts";
import { placeOf } from "../../src/stores/open/place.ts";
import { openStore } from "../../src/stores/open.ts";

const temporary = () => mkdtempSync(join(tmpdir(), "vestiaire-open-"));

const CLASSES = {
  "memory:": "MemoryStore",
  "redis://127.0.0.1:1/2": "RedisStore",
  "rediss://user:pw@127.0.0.1:1": "RedisStore",
  "redis+cluster://127.0.0.1:1,127.0.0.1:2": "RedisStore",
  "valkey://127.0.0.1:1#shop:": "RedisStore",
  "postgres://127.0.0.1:1/shop": "PostgresStore",
  "postgresql://127.0.0.1:1/shop#app.sessions": "PostgresStore",
  "mysql://127.0.0.1:1/shop#visits": "MysqlStore",
  "mariadb://127.0.0.1:1/shop": "MysqlStore",
  "memcached://127.0.0.1:1#shop:": "MemcachedStore",
  "dynamodb://eu-west-3/sessions": "DynamodbStore",
  "mongodb://127.0.0.1:1/shop#visits": "MongodbStore",
  "mongodb+srv://example.org/shop": "MongodbStore",
};

describe("openStore", () => {
  for (const [url, name] of Object.entries(CLASSES)) {
    test(`opens a ${name} for ${url}, and connects to nothing yet`, async () => {
      const store = await openStore(url);
      assert.equal(store.constructor.name, name);
      await store.close?.();
    });
  }

  test("takes paths as they are written, with spaces, # and %", async () => {
    const folder = temporary();
    const path = join(folder, "a b#c%20");
    for (const url of [`file:${path}`, `file://${path}`]) await (await openStore(url)).close?.();
    await (await openStore(`sqlite:${path}.db`)).close?.();
    assert.ok(existsSync(path) && existsSync(`${path}.db`));
    rmSync(folder, { recursive: true });
    assert.equal(placeOf("file:./sessions").address, "./sessions");
    assert.equal(placeOf("file:///var/sessions").address, "/var/sessions");
  });

  test("hands the name after # to the store, and nothing to the engine", async () => {
    assert.deepEqual(placeOf("postgres://h/shop?sslmode=require#app.visits"), {
      engine: "postgres",
      address: "postgres://h/shop?sslmode=require",
      name: "app.visits",
    });
    assert.equal(placeOf("redis://h").name, null);
    await assert.rejects(openStore("postgres://h/shop#1; drop"), ConfigurationError);
    await assert.rejects(openStore("postgres://h/shop#Visits"), ConfigurationError);
  });

  test("lists the schemes that there are for one that is none", async () => {
    for (const url of ["", "sessions", "oracle://h", "./sessions", "REDIS//h", "constructor:"]) {
      await assert.rejects(openStore(url), (error) => {
        assert.ok(error instanceof ConfigurationError);
        for (const scheme of ["memory:", "file:", "redis:", "postgresql:", "mongodb+srv:"]) {
          assert.ok(error.message.includes(scheme));
        }
        return true;
      });
    }
  });

  test("refuses paths that cannot be", async () => {
    for (const url of ["file:", "sqlite:", "file://", "file://host/path", "sqlite://a", "memory:x"]) {
      await assert.rejects(openStore(url), ConfigurationError, url);
    }
  });

  test("repeats no password, whatever is wrong with the URL", async () => {
    const shapes = [
      "USER:SECRET@host",
      "redis://user:SECRET@",
      "redis://user:SECRET@host/x/y",
      "redis+cluster://user:SECRET@a b",
      "postgres://user:SECRET@host:99999/shop",
      "postgres://user:a#SECRET@host/shop",
      "postgres://user:a/SECRET@host/shop",
      "mysql://user:SECRET@host",
      "mysql://user:a#SECRET@host/shop",
      "memcached://user:SECRET@host",
      "dynamodb://user:SECRET@/table",
      "dynamodb://key:SECRET@eu-west-3/table?x=1",
      "mongodb://user:SECRET@",
      "mongodb://user:SECRET@host:port/x",
      "mongodb://user:a@SECRET@host/x?w=%",
    ];
    for (const url of shapes) {
      const said = await openStore(url)
        .then(async (store) => {
          try {
            await store.find("0".repeat(32), 1);
          } finally {
            await store.close?.();
          }
        })
        .then(
          () => assert.fail(url),
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
      assert.ok(!said.includes("SECRET"), said);
    }
  });
});
