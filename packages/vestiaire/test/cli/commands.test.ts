// Every command of the CLI on every store that this machine has, as the people who run servers use it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createClient } from "redis";
import type { SessionStore } from "../../src/core/store.ts";
import { newToken } from "../../src/core/token.ts";
import { openStore } from "../../src/stores/open.ts";
import { noPostgres, somePostgres, sql } from "../services/postgres.ts";
import { noRedis, someRedis } from "../services/redis.ts";
import { type Known, session, vestiaire } from "./vestiaire.ts";

interface Site {
  readonly url: string;
  clean(): Promise<void>;
}

const name = `vestiaire_cli_${randomBytes(6).toString("hex")}`;

function onDisk(scheme: string): Site {
  const folder = mkdtempSync(join(tmpdir(), "vestiaire-cli-"));
  return {
    url: `${scheme}:${join(folder, "sessions")}`,
    clean: async () => rmSync(folder, { recursive: true }),
  };
}

async function onRedis(): Promise<Site> {
  const { url, stop } = await someRedis();
  return {
    url: `${url}#${name}:`,
    async clean() {
      const client = await createClient({ url }).connect();
      for await (const keys of client.scanIterator({ MATCH: `${name}:*` }))
        if (keys.length > 0) await client.del(keys);
      await client.close();
      await stop();
    },
  };
}

async function onPostgres(): Promise<Site> {
  const { url, stop } = await somePostgres();
  return {
    url: `${url}#${name}`,
    async clean() {
      await sql(url, `drop table if exists ${name}, ${name}_marks`);
      await stop();
    },
  };
}

const SITES: readonly (readonly [string, () => Site | Promise<Site>, string | false])[] = [
  ["the file store", () => onDisk("file"), false],
  ["the SQLite store", () => onDisk("sqlite"), false],
  ["the Redis store", onRedis, await noRedis()],
  ["the PostgreSQL store", onPostgres, await noPostgres()],
];

const HOSTILE = "\u001b]0;owned\u0007\u009b31m\u202eeve\n--all";
const SECRET_VALUE = "4111-1111";

for (const [store, open, skip] of SITES)
  describe(`the CLI on ${store}`, { skip }, () => {
    let site: Site;
    let sessions: SessionStore;
    let known: { readonly first: Known; readonly second: Known; readonly eve: Known; readonly nobody: Known };

    /** Runs it, and sees to it that whatever it says, it says no secret and moves no cursor. */
    const run = async (...args: string[]) => {
      const outcome = await vestiaire(args, { url: site.url });
      const said = outcome.stdout + outcome.stderr;
      for (const { record, secret } of Object.values(known)) {
        for (const hidden of [secret, record.secretHashes.current, record.secretHashes.retired ?? ""]) {
          assert.ok(!said.includes(hidden));
        }
      }
      assert.doesNotMatch(said, /[^\P{C}\n]/u);
      return outcome;
    };
    const lines = (text: string) => text.trimEnd().split("\n");

    before(async () => {
      site = await open();
      sessions = await openStore(site.url);
      known = {
        first: session("alice", {
          data: { '"card"': JSON.stringify(SECRET_VALUE), '"\\u001b[2J"': '"\u009b"' },
        }),
        second: session("alice", { createdAt: Date.now() - 30_000 }),
        eve: session(HOSTILE),
        nobody: session(null),
      };
      for (const { record } of Object.values(known)) await sessions.create(record, record.createdAt);
    });
    after(async () => {
      await sessions.close?.();
      await site.clean();
    });

    test("lists all live sessions, a line each", async () => {
      const { code, stdout } = await run("list");
      assert.equal(code, 0);
      const [heading, ...rows] = lines(stdout);
      assert.match(heading ?? "", /^ID .*USER$/);
      assert.deepEqual(
        rows.map((row) => row.slice(0, 32)).sort(),
        Object.values(known)
          .map(({ record }) => record.id)
          .sort(),
      );
      assert.ok(rows.some((row) => row.endsWith('eve\\n--all"')));
    });

    test("lists one object a line for machines, with exact names", async () => {
      const { code, stdout } = await run("list", "--json");
      assert.equal(code, 0);
      const listed = lines(stdout).map((line) => JSON.parse(line));
      const eve = listed.find(({ userId }) => userId === HOSTILE);
      const { id, userId, createdAt, lastSeenAt, expiresAt, endsAt, persistent, revision } = known.eve.record;
      assert.deepEqual(eve, {
        id,
        userId,
        createdAt,
        lastSeenAt,
        expiresAt,
        endsAt,
        persistent,
        revision,
        bytes: 0,
      });
    });

    test("lists a user's sessions, newest first, and as many as were asked for", async () => {
      const { stdout } = await run("list", "--user", "alice", "--json");
      assert.deepEqual(
        lines(stdout).map((line) => JSON.parse(line).id),
        [known.second.record.id, known.first.record.id],
      );
      const some = await run("list", "--limit", "2", "--json");
      assert.equal(lines(some.stdout).length, 2);
      assert.match(some.stderr, /more than 2/);
      assert.equal((await run("list", "--limit", "4")).stderr, "");
      assert.match((await run("list", "--user", HOSTILE)).stdout, new RegExp(known.eve.record.id));
    });

    test("shows a session without its values, unless they are asked for", async () => {
      const { id } = known.first.record;
      const plain = await run("show", id);
      assert.equal(plain.code, 0);
      assert.match(plain.stdout, /card \(11 bytes\)/);
      const json = await run("show", id, "--json");
      assert.deepEqual(JSON.parse(json.stdout).values[0], { key: "card", bytes: 11 });
      assert.ok(![plain, json].some(({ stdout }) => stdout.includes(SECRET_VALUE)));
      const values = JSON.parse((await run("show", id, "--json", "--values")).stdout).values;
      assert.deepEqual(values[0], { key: "card", bytes: 11, text: JSON.stringify(SECRET_VALUE) });
      assert.equal(values[1].text, '"\u009b"');
      assert.match((await run("show", id, "--values")).stdout, /card .*4111/);
    });

    test("says so when there is no such session", async () => {
      const absent = newToken().id;
      for (const command of ["show", "end"]) {
        const { code, stdout, stderr } = await run(command, absent);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, /There is no .*session/);
      }
    });

    test("counts the sessions, and those that expired and are still there", async () => {
      const now = Date.now();
      const over = session("carol", { expiresAt: now - 2_000 });
      await sessions.create(over.record, over.record.createdAt);
      const { code, stdout } = await run("stats", "--json");
      assert.equal(code, 0);
      const { live, signedIn, anonymous, expired, users, bytes, oldest, topUsers } = JSON.parse(stdout);
      assert.deepEqual([live, signedIn, anonymous, expired, users], [4, 3, 1, 1, 2]);
      assert.ok(bytes > 0 && oldest > now - 120_000);
      assert.deepEqual(topUsers[0], { userId: "alice", sessions: 2 });
      assert.match((await run("stats")).stdout, /^live +4 \(3 signed in, 1 anonymous\)$/m);
    });

    test("removes what has expired, and nothing else", async () => {
      const { code, stdout } = await run("sweep", "--json");
      assert.equal(code, 0);
      assert.deepEqual(Object.keys(JSON.parse(stdout)), ["removed"]);
      assert.match((await run("sweep")).stdout, /^Removed 0 expired sessions\.$/m);
      assert.equal(JSON.parse((await run("stats", "--json")).stdout).live, 4);
    });

    test("is satisfied with the store", async () => {
      const { code, stdout } = await run("doctor", "--json");
      const { healthy, findings } = JSON.parse(stdout);
      assert.deepEqual([code, healthy], [0, true], stdout);
      assert.deepEqual(
        findings.slice(0, 2).map(({ check }: { check: string }) => check),
        ["reach", "probe"],
      );
      assert.equal(JSON.parse((await run("stats", "--json")).stdout).live, 4);
      assert.match((await run("doctor")).stdout, /Nothing is wrong\.\n$/);
    });

    test("ends one session, a user's, and all", async () => {
      const { first, eve, nobody } = known;
      assert.match((await run("end", first.record.id)).stdout, /^Ended 1 session\.$/m);
      assert.equal(await sessions.find(first.record.id, Date.now(), { fresh: true }), null);
      assert.deepEqual(JSON.parse((await run("end", "--user", "alice", "--yes", "--json")).stdout), {
        ended: 1,
      });
      assert.deepEqual(await sessions.findByUser("alice", Date.now()), []);
      assert.notEqual(await sessions.find(nobody.record.id, Date.now()), null);
      assert.deepEqual(JSON.parse((await run("end", "--all", "--yes", "--json")).stdout), { ended: 2 });
      for (const { record } of [eve, nobody]) {
        assert.equal(await sessions.find(record.id, Date.now(), { fresh: true }), null);
      }
    });
  });
