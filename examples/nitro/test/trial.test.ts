// What only Nitro has: its own error handler, public files and caches. On an application that is built and run for it.

import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Running } from "../../test/running.ts";
import { build } from "./build.ts";

describe("in Nitro", () => {
  let app: Running;
  before(async () => {
    app = await Running.start(build("test/trial"));
  });
  after(() => app.stop());

  const cookieOf = async () => (await app.ask("GET", "/in")).cookies[0]?.split(";", 1)[0] ?? "";

  test("an error is committed by the status that Nitro's error handler gives it", async () => {
    const refused = await app.ask("GET", "/fails?status=401");
    assert.deepEqual([refused.status, refused.body], [401, "the application's page: no"]);
    assert.match(refused.cookies[0] ?? "", /^session=/);
    const failed = await app.ask("GET", "/fails?status=500");
    assert.deepEqual([failed.status, failed.cookies], [500, []]);
  });

  test("an outage is a 503 without a cookie, and no business of the error handler's", async () => {
    const cookie = await cookieOf();
    const sessions = join(app.folder, "sessions");
    renameSync(sessions, `${sessions}.away`);
    for (const path of ["/who", "/in"]) {
      const { status, cookies, body } = await app.ask("GET", path, { cookie });
      assert.deepEqual([status, cookies], [503, []], path);
      assert.doesNotMatch(body, /the application's page/);
    }
    assert.equal((await app.ask("GET", "/robots.txt", { cookie })).status, 200);
    assert.equal((await app.ask("GET", "/nowhere", { cookie })).status, 404);
    renameSync(`${sessions}.away`, sessions);
    assert.equal((await app.ask("GET", "/who", { cookie })).body, "ada");
  });

  test("a page that is cached by a rule has no session, and says so, instead of keeping one for all", async () => {
    const { status, body } = await app.ask("GET", "/cached-by-rule", { cookie: await cookieOf() });
    assert.equal(status, 500);
    assert.match(body, /has no session/);
  });
});
