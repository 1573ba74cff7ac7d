// `vestiaire doctor` finds what was broken on purpose, says it in words, and answers 1.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { probe } from "../../src/cli/probe.ts";
import { OpenedStore } from "../../src/cli/store.ts";
import { type Finding, inspectClock } from "../../src/core/inspection.ts";
import { applyPatch, type SessionRecord } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/core/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { openStore } from "../../src/stores/open.ts";
import { memcachedServer, unlessInstalled } from "../services/memcached.ts";
import { someMongodb } from "../services/mongodb.ts";
import { mariadbServer, sql as mysql, urlOf as mysqlUrlOf, noMariadb, ORDINARY } from "../services/mysql.ts";
import { noPostgres, somePostgres, sql } from "../services/postgres.ts";
import { command, noRedisServer, redisServer } from "../services/redis.ts";
import { Service } from "../services/service.ts";
import { runHere } from "./terminal.ts";
import { session } from "./vestiaire.ts";

const withoutPostgres = await noPostgres();

interface Diagnosis {
  readonly code: number | null;
  readonly said: string;
  readonly healthy: boolean;
  /** The verdict on each check. */
  readonly verdicts: Readonly<Record<string, Finding["verdict"]>>;
}

async function diagnose(url: string, ...args: string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await runHere(["doctor", "--json", "--store", url, ...args]);
  const { healthy, findings } = JSON.parse(stdout) as { healthy: boolean; findings: Finding[] };
  const verdicts = Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
  return { code, said: stdout + stderr, healthy, verdicts };
}

describe("the doctor", () => {
  test("finds a server that cannot be reached, and repeats no password", async () => {
    const urls = [
      "redis://:pAssw0rd@127.0.0.1:1",
      "postgres://u:pAssw0rd@localhost:1/x",
      "memcached://127.0.0.1:1",
    ];
    for (const url of urls) {
      const { code, said, healthy, verdicts } = await diagnose(url);
      assert.deepEqual([code, healthy, verdicts], [1, false, { reach: "problem" }], said);
      assert.match(said, /ECONNREFUSED/);
      assert.doesNotMatch(said, /pAssw0rd/);
    }
  });

  test("refuses a URL that is none", async () => {
    const { code, stderr } = await runHere(["doctor", "--store", "reddis://u:pAssw0rd@host"]);
    assert.equal(code, 1);
    assert.match(stderr, /begins with one of .*redis:/);
    assert.doesNotMatch(stderr, /pAssw0rd/);
  });

  test("finds a folder and a file that others may read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vestiaire-doctor-"));
    for (const url of [`file:${join(folder, "sessions")}`, `sqlite:${join(folder, "sessions.db")}`]) {
      await (await openStore(url)).close?.();
      assert.equal((await diagnose(url)).code, 0);
      chmodSync(url.slice(url.indexOf(":") + 1), 0o755);
      const { code, verdicts, said } = await diagnose(url);
      assert.deepEqual([code, verdicts.permissions], [1, "problem"]);
      assert.match(said, /chmod go= /);
    }
    rmSync(folder, { recursive: true });
  });

  test("finds a Redis that evicts, and one that is a replica", { skip: noRedisServer() }, async () => {
    const redis = await Service.start(
      redisServer(["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]),
    );
    const url = `redis://127.0.0.1:${redis.port}`;
    try {
      const evicting = await diagnose(url);
      assert.deepEqual([evicting.code, evicting.verdicts.eviction], [1, "problem"]);
      assert.match(evicting.said, /noeviction/);
      await command(redis.port, "CONFIG", "SET", "maxmemory-policy", "noeviction");
      const sound = await diagnose(url);
      assert.deepEqual([sound.code, sound.verdicts.eviction, sound.verdicts.persistence], [0, "ok", "ok"]);
      await command(redis.port, "CONFIG", "SET", "appendonly", "no");
      assert.equal((await diagnose(url)).verdicts.persistence, "warning");
      await command(redis.port, "REPLICAOF", "127.0.0.1", "1");
      const replica = await diagnose(url);
      assert.deepEqual([replica.code, replica.verdicts.probe], [1, "problem"]);
    } finally {
      await redis.stop();
    }
  });

  test("finds a PostgreSQL that is read-only or isolates too much", { skip: withoutPostgres }, async () => {
    const { url, stop } = await somePostgres();
    const table = `vestiaire_doctor_${randomBytes(6).toString("hex")}`;
    const withOption = (option: string) => {
      const address = new URL(url);
      address.searchParams.set("options", `-c ${option}`);
      address.hash = table;
      return address.href;
    };
    try {
      const sound = await diagnose(`${url}#${table}`);
      assert.deepEqual([sound.code, sound.verdicts.writes, sound.verdicts.isolation], [0, "ok", "ok"]);
      const readOnly = await diagnose(withOption("default_transaction_read_only=on"));
      assert.deepEqual(
        [readOnly.code, readOnly.verdicts.probe, readOnly.verdicts.writes],
        [1, "problem", "problem"],
      );
      const isolated = await diagnose(withOption("default_transaction_isolation=serializable"));
      assert.deepEqual([isolated.code, isolated.verdicts.isolation], [1, "problem"]);
      const lax = await diagnose(withOption("synchronous_commit=off"));
      assert.deepEqual([lax.code, lax.verdicts.durability], [0, "warning"]);
    } finally {
      await sql(url, `drop table if exists ${table}, ${table}_marks`);
      await stop();
    }
  });

  test("finds a MariaDB that is read-only or keeps less than it says", { skip: noMariadb() }, async () => {
    const mariadb = await Service.start(mariadbServer());
    const url = mysqlUrlOf(mariadb.port, ORDINARY);
    const administer = (statement: string) => mysql(mysqlUrlOf(mariadb.port), statement);
    try {
      const sound = await diagnose(url);
      assert.deepEqual([sound.code, sound.verdicts.writes, sound.verdicts.durability], [0, "ok", "ok"]);
      assert.equal(sound.verdicts.clock, "ok");
      await administer("set global innodb_flush_log_at_trx_commit = 2");
      const lax = await diagnose(url);
      assert.deepEqual([lax.code, lax.verdicts.durability], [0, "warning"]);
      await administer("set global read_only = 1");
      const readOnly = await diagnose(url);
      assert.deepEqual(
        [readOnly.code, readOnly.verdicts.probe, readOnly.verdicts.writes],
        [1, "problem", "problem"],
      );
    } finally {
      await mariadb.stop();
    }
  });

  test("finds a MongoDB that is no replica set (an emulator, where there is none)", async () => {
    const { url, stop } = await someMongodb();
    try {
      const { code, verdicts } = await diagnose(url);
      assert.equal(code, 0);
      assert.deepEqual([verdicts.clock, verdicts.writes], ["ok", "ok"]);
      assert.ok(verdicts.durability === "ok" || verdicts.durability === "warning");
    } finally {
      await stop();
    }
  });

  test("finds a memcached that evicts", { skip: unlessInstalled() }, async () => {
    const memcached = await Service.start(memcachedServer("-m", "1", "-I", "512k"));
    const url = `memcached://127.0.0.1:${memcached.port}`;
    try {
      const sound = await diagnose(url);
      assert.deepEqual([sound.code, sound.verdicts.eviction, sound.verdicts.clock], [0, "ok", "ok"]);
      const store = await openStore(url);
      const text = JSON.stringify("x".repeat(400_000));
      for (let count = 0; count < 40; count += 1) {
        const { record } = session(null, { data: { '"x"': text } });
        await store.create(record, record.createdAt);
      }
      await store.close?.();
      const full = await diagnose(url);
      assert.deepEqual([full.code, full.verdicts.eviction], [1, "problem"]);
    } finally {
      await memcached.stop();
    }
  });

  test("looks at the cookie as the library does", async () => {
    const verdict = async (settings: string) => {
      const { code, verdicts } = await diagnose("memory:", "--cookie", settings);
      return [code, verdicts.cookie];
    };
    assert.deepEqual(await verdict("name=sid,secure"), [0, "ok"]);
    assert.deepEqual(await verdict("name=sid,secure=false"), [0, "warning"]);
    assert.deepEqual(await verdict("sameSite=None"), [1, "problem"]);
    assert.deepEqual(await verdict("name=__Host-sid,secure,domain=example.org"), [1, "problem"]);
  });
});

describe("the probe", () => {
  const sound = memoryStore({ maxSessions: 10 });
  const broken = (changes: Partial<SessionStore>): OpenedStore => {
    const { find, create, patch, delete: remove, findByUser, deleteByUser } = sound;
    const methods = { find, create, patch, delete: remove, findByUser, deleteByUser };
    const bound = Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [name, method.bind(sound)]),
    );
    return new OpenedStore({ ...(bound as unknown as SessionStore), ...changes });
  };

  test("is content with a store that keeps its promises, and leaves nothing", async () => {
    assert.equal((await probe(broken({}))).verdict, "ok");
    assert.deepEqual(sound.list?.(0), { records: [], cursor: null });
  });

  const faults: Readonly<Record<string, readonly [Partial<SessionStore>, RegExp]>> = {
    "that forgets": [{ find: () => null }, /stored is found/],
    "that drops changes": [{ patch: () => "done" }, /kept exactly/],
    "that ignores the revision": [
      { patch: (id, patch, now) => sound.patch(id, patch, now) },
      /what others have changed is refused/,
    ],
    "that loses a user's sessions": [{ findByUser: () => [] }, /user's sessions are found/],
    "that keeps the expired": [{ find: (id) => sound.find(id, 1) }, /has expired is not found/],
    "that ends nothing": [{ delete: () => null }, /can be ended/],
    "that fails": [
      {
        create: () => {
          throw new Error("disk full");
        },
      },
      /disk full/,
    ],
  };
  for (const [fault, [changes, complaint]] of Object.entries(faults)) {
    test(`finds a store ${fault}`, async () => {
      const { verdict, message } = await probe(broken(changes));
      assert.equal(verdict, "problem");
      assert.match(message, complaint);
      for (const { id } of (await sound.list?.(0))?.records ?? []) await sound.delete(id);
    });
  }

  test("finds a store whose sessions come back", async () => {
    let last: SessionRecord | null = null;
    const returning = broken({
      patch(id, patch, now, when) {
        last = (sound.find(id, now) as SessionRecord | null) ?? last;
        const answer = sound.patch(id, patch, now, when);
        if (answer === "gone" && last !== null) sound.create(applyPatch(last, patch), now);
        return answer;
      },
    });
    assert.match((await probe(returning)).message, /does not come back/);
  });
});

describe("the clock of an engine", () => {
  const verdicts = (skew: number) => inspectClock(async () => Date.now() + skew);

  test("may differ by seconds, and not by minutes", async () => {
    assert.equal((await verdicts(0)).verdict, "ok");
    assert.equal((await verdicts(-30_000)).verdict, "warning");
    const ahead = await verdicts(600_000);
    assert.equal(ahead.verdict, "problem");
    assert.match(ahead.message, /600\.0 s ahead/);
    assert.match((await verdicts(-600_000)).message, /600\.0 s behind/);
    assert.equal((await verdicts(Number.NaN)).verdict, "problem");
  });
});
