// Keeps sessions in a table of DynamoDB. A session is one item whose data is a map of strings, so that a patch is one
// conditional update that touches the keys it names and no others. Beside it, under the user's own key, stands an item
// that names the session: it is written first and removed last, so no transaction is needed.

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ContentionError, InvalidValueError } from "../core/errors.ts";
import {
  applyPatch,
  isLive,
  meets,
  type Patch,
  type PatchCondition,
  type SessionRecord,
  soundRecord,
  soundRecords,
} from "../core/record.ts";
import type { SessionPage, SessionStore } from "../core/store.ts";
import type { SessionId } from "../core/token.ts";
import { connectTo, loadSdk, placeIn } from "./dynamodb/connection.ts";
import {
  INDEX_PREFIX,
  type Item,
  idIn,
  indexKey,
  isEndedBy,
  itemOf,
  MARK_PREFIX,
  markItem,
  number,
  RECORD,
  recordIn,
  recordKey,
  ttl,
  userKey,
  userText,
} from "./dynamodb/item.ts";
import { checkedName, DEFAULT_TABLE } from "./dynamodb/schema.ts";
import { Table } from "./dynamodb/table.ts";
import { isTooLong, updateFor } from "./dynamodb/update.ts";

export { schema } from "./dynamodb/schema.ts";

/** Which table. */
export interface DynamodbStoreOptions {
  /** The name of the table. Default: the one in the URL, else `"vestiaire-sessions"`. */
  readonly table?: string;
}

/**
 * A store in DynamoDB: `"dynamodb://REGION/TABLE"`, with the credentials that the AWS SDK finds, or a `DynamoDBClient`
 * of yours, which `close` leaves open. `?endpoint=http://localhost:8000` leads to an emulator. The table is made on
 * first use, which takes DynamoDB some seconds; {@link schema} makes it beforehand. A client of yours should have
 * `maxAttempts: 1` and time-outs: a repeated update that had been done already answers `"conflict"` or `"gone"`.
 *
 * DynamoDB keeps every acknowledged write in three places, and all reads here are strongly consistent. Use no global
 * table whose replicas are written in two regions: there the last writer wins, and an ended session can come back.
 * An expired session counts no longer, and DynamoDB's own time to live removes it, a few days later at most: there is no
 * `sweep`, and no watching. `list` reads the whole table, page by page. A session may have 400 kB.
 *
 * Throws `ConfigurationError` for a URL or a table's name that cannot be.
 */
export function dynamodbStore(
  clientOrUrl: string | DynamoDBClient,
  options: DynamodbStoreOptions = {},
): SessionStore {
  if (typeof clientOrUrl === "string") {
    const { region, endpoint, table } = placeIn(clientOrUrl);
    const name = checkedName(options.table ?? (table || DEFAULT_TABLE));
    return new DynamodbStore(new Table(name, () => connectTo(region, endpoint)));
  }
  const connection = async () => ({ sdk: await loadSdk(), client: clientOrUrl, close: () => {} });
  return new DynamodbStore(new Table(checkedName(options.table ?? DEFAULT_TABLE), connection));
}

const ATTEMPTS = 100;
const PAGE = 100;
const CURSOR = /^(session:[0-9a-f]{32}|user:[0-9a-f]{64})\/(record|session:[0-9a-f]{32}|mark:[0-9a-f]*)$/;

class DynamodbStore implements SessionStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(id: SessionId, now: number): Promise<SessionRecord | null> {
    const record = recordIn(await this.#table.get(recordKey(id)));
    return record !== null && isLive(record, now) ? record : null;
  }

  async create(record: SessionRecord): Promise<"created" | "taken" | "ended"> {
    const { id, userId, endsAt } = record;
    if (userId !== null) await this.#table.put({ ...indexKey(userId, id), ttl: ttl(endsAt) });
    const created = await this.#table.put(itemOf(record), {
      ConditionExpression: "attribute_not_exists(pk)",
    });
    if (!created) return "taken";
    if (userId === null) return "created";
    const marks = await this.#table.query(userKey(userId), MARK_PREFIX);
    if (!marks.some((mark) => isEndedBy(mark, record))) return "created";
    await this.delete(id);
    return "ended";
  }

  async patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition = {},
  ): Promise<"done" | "gone" | "conflict"> {
    if (!isTooLong(patch)) return this.#update(id, patch, now, when);
    // More keys than an update can name: all of the data is replaced, on condition that none of it has changed.
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const item = await this.#table.get(recordKey(id));
      const record = soundRecord(() => recordIn(item));
      if (record === null || !isLive(record, now)) return "gone";
      if (!meets(record, when)) return "conflict";
      const whole = { ...patch, clear: true, set: applyPatch(record, patch).data };
      const answer = await this.#update(id, whole, now, { ...when, revision: record.revision });
      if (answer !== "conflict") return answer;
    }
    throw new ContentionError();
  }

  async delete(id: SessionId): Promise<SessionRecord | null> {
    const item = await this.#table.delete(recordKey(id));
    const record = soundRecord(() => recordIn(item));
    if (record !== null && record.userId !== null) await this.#forget(record.userId, id);
    return record;
  }

  async findByUser(userId: string, now: number): Promise<SessionRecord[]> {
    const index = await this.#table.query(userKey(userId), INDEX_PREFIX);
    const items = await Promise.all(index.map((entry) => this.#table.get(recordKey(idIn(entry)))));
    return soundRecords(items, recordIn).filter((record) => record.userId === userId && isLive(record, now));
  }

  async deleteByUser(
    userId: string,
    now: number,
    options: { except?: SessionId } = {},
  ): Promise<SessionId[]> {
    // Before the index is read: a session that is not in it yet will meet the mark.
    await this.#table.put(markItem(userId, now, options.except), {
      ConditionExpression: "attribute_not_exists(pk) OR #at < :at",
      ExpressionAttributeNames: { "#at": "at" },
      ExpressionAttributeValues: { ":at": number(now) },
    });
    const index = await this.#table.query(userKey(userId), INDEX_PREFIX);
    const ids = index.map(idIn).filter((id) => id !== options.except);
    const removed = await Promise.all(ids.map((id) => this.#deleteOf(userId, id)));
    return ids.filter((_, place) => removed[place]);
  }

  async list(now: number, cursor?: string, limit: number = PAGE): Promise<SessionPage> {
    let after = cursor === undefined ? undefined : keyIn(cursor);
    let records: SessionRecord[] = [];
    // The items of users and marks are passed by, so a page may be short; but not empty, unless it is the last.
    do {
      const { Items = [], LastEvaluatedKey } = await this.#table.scan(
        limit,
        after,
        "sk = :record AND expiresAt > :now",
        { ":record": { S: RECORD }, ":now": number(now) },
      );
      records = soundRecords(Items, recordIn);
      after = LastEvaluatedKey;
    } while (records.length === 0 && after !== undefined);
    return { records, cursor: after === undefined ? null : `${after.pk?.S}/${after.sk?.S}` };
  }

  close(): Promise<void> {
    return this.#table.close();
  }

  /** One update. When it is refused, what was found says why. */
  async #update(
    id: SessionId,
    patch: Patch,
    now: number,
    when: PatchCondition,
  ): Promise<"done" | "gone" | "conflict"> {
    const key = recordKey(id);
    let rest = patch;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const outcome = await this.#table.update(key, updateFor(rest, now, when));
      if (outcome.done) return "done";
      const item = outcome.found ?? (await this.#table.get(key));
      const record = soundRecord(() => recordIn(item));
      if (record === null || !isLive(record, now)) return "gone";
      if (!meets(record, when)) return "conflict";
      rest = withoutOlderTimes(rest, record);
    }
    throw new ContentionError();
  }

  /** Removes the session if it is the user's, and tells whether it was. */
  async #deleteOf(userId: string, id: SessionId): Promise<boolean> {
    const removed = await this.#table.delete(recordKey(id), {
      ConditionExpression: "userId = :user",
      ExpressionAttributeValues: { ":user": { S: userText(userId) } },
    });
    // An entry without a session stays: its `create` may be under way.
    if (removed === undefined) return false;
    await this.#forget(userId, id);
    return true;
  }

  /** What stays in the index does no harm, so failing here is no failure of what was asked. */
  async #forget(userId: string, id: SessionId): Promise<void> {
    await this.#table.delete(indexKey(userId, id)).catch(() => {});
  }
}

/** The patch without the times that would move back. Once later, the stored ones stay later. */
function withoutOlderTimes(patch: Patch, stored: SessionRecord): Patch {
  const { expiresAt, lastSeenAt, ...rest } = patch;
  return {
    ...rest,
    ...(expiresAt !== undefined && expiresAt > stored.expiresAt && { expiresAt }),
    ...(lastSeenAt !== undefined && lastSeenAt > stored.lastSeenAt && { lastSeenAt }),
  };
}

/** Where a page ended. */
function keyIn(cursor: string): Item {
  const [, pk = "", sk = ""] = CURSOR.exec(cursor) ?? [];
  if (pk === "") throw new InvalidValueError("cursor", "did not come from `list`");
  return { pk: { S: pk }, sk: { S: sk } };
}
