// Where no driver is installed: the CLI and `openStore` need none until a URL asks for one, and then say which.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { vestiaire } from "./vestiaire.ts";

const options = ["--import", new URL("no-drivers.ts", import.meta.url).href];

const DRIVERS = {
  "redis://127.0.0.1:1": "redis",
  "redis+cluster://127.0.0.1:1": "redis",
  "postgres://127.0.0.1:1/shop": "pg",
  "mysql://127.0.0.1:1/shop": "mysql2",
  "memcached://127.0.0.1:1": "memcache-client",
  "dynamodb://eu-west-3": "@aws-sdk/client-dynamodb",
  "mongodb://127.0.0.1:1": "mongodb",
};

describe("without any driver", () => {
  test("the CLI works on stores that need none", async () => {
    assert.equal((await vestiaire(["doctor"], { url: "memory:", options })).code, 0);
  });

  for (const [url, driver] of Object.entries(DRIVERS)) {
    test(`${url} names the package to install`, async () => {
      const { code, stderr } = await vestiaire(["end", "--user", "alice", "--yes"], { url, options });
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`package \`?${driver}\\b.*`));
      assert.match(stderr, /install/);
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }
});
