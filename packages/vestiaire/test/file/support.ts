// What the file store's tests share: directories that go when the test is over, records, and stores with inner parts
// of the test's choosing, which the public options do not offer.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ConfigurationError, StoreError } from "../../src/core/errors.ts";
import { NO_DATA, type SessionRecord } from "../../src/core/record.ts";
import { newToken } from "../../src/core/token.ts";
import { type Durability, processDurability } from "../../src/stores/file/durability.ts";
import type { judge } from "../../src/stores/file/fold.ts";
import { Layout } from "../../src/stores/file/layout.ts";
import { SessionLog } from "../../src/stores/file/log.ts";
import { FileStore } from "../../src/stores/file/store.ts";

export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export function newDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "vestiaire-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A store that compacts at so many bytes. With `judgeOwn`, one that judges its own lines in that way: a mutant. */
export function smallStore(
  directory: string,
  compactAt: number,
  judgeOwn?: typeof judge,
  durability: Durability = processDurability,
): FileStore {
  const layout = new Layout(directory);
  return new FileStore(layout, durability, new SessionLog(layout, durability, compactAt, judgeOwn));
}

export function someRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: newToken().id,
    revision: 0,
    userId: null,
    secretHashes: { current: "current", previous: null, retired: null },
    persistent: false,
    createdAt: NOW,
    lastSeenAt: NOW,
    expiresAt: NOW + HOUR,
    endsAt: NOW + 30 * DAY,
    data: NO_DATA,
    ...fields,
  };
}

export function pathOf(directory: string, id: string): string {
  return join(directory, "sessions", id.slice(0, 2), id);
}

/** Fails as a call to the file system does. */
export function fail(code: string): never {
  throw Object.assign(new Error(`${code}: i/o error`), { code });
}

/** Expects that a directory is refused. */
export function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, message);
    return true;
  };
}

/** Expects that an operation fails. */
export function failure(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, "STORE_FAILED");
    assert.match(error.message, message);
    return true;
  };
}
