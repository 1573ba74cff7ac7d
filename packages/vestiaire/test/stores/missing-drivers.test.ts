// A store whose driver is not installed: its module can be imported all the same, and its first call says what to do.

import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { ConfigurationError } from "../../src/core/errors.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { dynamodbStore } from "../../src/stores/dynamodb.ts";
import { memcachedStore } from "../../src/stores/memcached.ts";
import { mongodbStore } from "../../src/stores/mongodb.ts";
import { mysqlStore } from "../../src/stores/mysql.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { NOW, someId } from "../../src/testing/store-cases-fixtures.ts";

const STORES: readonly (readonly [packageName: string, store: SessionStore])[] = [
  ["memcache-client", memcachedStore("memcached://127.0.0.1:1")],
  ["@aws-sdk/client-dynamodb", dynamodbStore("dynamodb://eu-west-3")],
  ["mysql2", mysqlStore("mysql://127.0.0.1:1/sessions")],
  ["redis", redisStore("redis://127.0.0.1:1")],
  ["pg", postgresStore("postgres://127.0.0.1:1/none")],
  ["mongodb", mongodbStore("mongodb://127.0.0.1:1/none")],
];

registerHooks({
  resolve(specifier, context, next) {
    if (STORES.some(([packageName]) => packageName === specifier)) throw new Error("it is not installed");
    return next(specifier, context);
  },
});

for (const [packageName, store] of STORES) {
  test(`without ${packageName} the first call says which package to install`, async () => {
    for (let call = 0; call < 2; call += 1) {
      await assert.rejects(
        async () => store.find(someId(), NOW),
        (error) =>
          error instanceof ConfigurationError && error.message.includes(`npm install ${packageName}`),
      );
    }
    await store.close?.();
  });
}
