// The file store itself: the order in which a session's log, its user's index, the list of what is due and the marks are
// written and read. That order, and not a lock, makes every operation right among processes that may be killed anywhere.

import { readdirSync } from "node:fs";
import { CorruptRecordError, InvalidValueError } from "../../core/errors.ts";
import { isLive, type Patch, type PatchCondition, type SessionRecord } from "../../core/record.ts";
import type { Awaitable, SessionPage, SessionStore, Sweep } from "../../core/store.ts";
import { isSessionId, type SessionId } from "../../core/token.ts";
import { DueIndex } from "./due.ts";
import type { Durability } from "./durability.ts";
import { isFull } from "./files.ts";
import type { Layout } from "./layout.ts";
import type { SessionLog } from "./log.ts";
import { Marks } from "./marks.ts";
import { Sweeper } from "./sweep.ts";
import { hashUser, UserIndex } from "./users.ts";

const PAGE = 100;

export class FileStore implements SessionStore {
  readonly #layout: Layout;
  readonly #durability: Durability;
  readonly #log: SessionLog;
  readonly #users: UserIndex;
  readonly #due: DueIndex;
  readonly #marks: Marks;
  readonly #sweeper: Sweeper;

  constructor(layout: Layout, durability: Durability, log: SessionLog) {
    this.#layout = layout;
    this.#durability = durability;
    this.#log = log;
    this.#users = new UserIndex(layout, durability);
    this.#due = new DueIndex(layout, durability);
    this.#marks = new Marks(layout, durability);
    this.#sweeper = new Sweeper(layout, log, this.#users, this.#due, this.#marks);
  }

  /** What is remembered is compared with the file at each look, so every answer is `fresh`. */
  find(id: SessionId, now: number): Awaitable<SessionRecord | null> {
    return this.#run("find", () => this.#live(id, now));
  }

  create(record: SessionRecord, now: number): Awaitable<"created" | "taken" | "ended"> {
    return this.#run("create", () => {
      if (!isSessionId(record.id)) throw new InvalidValueError("id", "is not the id of a session");
      const { id, userId, expiresAt } = record;
      const user = userId === null ? null : hashUser(userId);
      let made = false;
      try {
        this.#due.list({ id, user }, expiresAt, () => {
          if (user !== null) this.#users.add(user, id);
          made = this.#log.create(record, now);
        });
        if (!made) return "taken";
        if (user === null) return "created";
        // A sweep may have found the entry without its session, if this process slept in between.
        if (!this.#users.has(user, id)) this.#users.add(user, id);
        // Last: sessions of this user that are ended from here on find this one by its entry.
        if (!this.#marks.end(user, record, now)) return "created";
      } catch (error) {
        // Nobody will be told of it.
        if (made) this.#end(id);
        throw error;
      }
      this.#end(id);
      return "ended";
    });
  }

  patch(
    id: SessionId,
    patch: Patch,
    now: number,
    when?: PatchCondition,
  ): Awaitable<"done" | "gone" | "conflict"> {
    return this.#run("patch", () => {
      if (!isSessionId(id)) return "gone";
      const change = when === undefined ? { patch, now } : { patch, when, now };
      const appended = unlessDamaged(() => this.#log.append(id, change));
      if (appended === null || appended.verdict === "gone") return "gone";
      this.#log.compact(id, now);
      return appended.verdict === "counts" ? "done" : "conflict";
    });
  }

  delete(id: SessionId): Awaitable<SessionRecord | null> {
    return this.#run("delete", () => (isSessionId(id) ? this.#end(id) : null));
  }

  findByUser(userId: string, now: number): Awaitable<SessionRecord[]> {
    return this.#run("findByUser", () => {
      const records = this.#users.ids(hashUser(userId)).map((id) => this.#sound(id, now));
      return records.filter((record) => record !== null).filter((record) => record.userId === userId);
    });
  }

  deleteByUser(userId: string, now: number, { except }: { except?: SessionId } = {}): Awaitable<SessionId[]> {
    return this.#run("deleteByUser", () => {
      const user = hashUser(userId);
      const mark = { at: now, except };
      const end = () => this.#users.ids(user).filter((id) => id !== except && this.#end(id, userId) !== null);
      const ended: SessionId[] = [];
      // First: sessions of this user that are made from here on find the mark.
      try {
        this.#marks.add(user, mark);
      } catch (error) {
        if (!isFull(error)) throw error;
        // Those that are there make room for it.
        ended.push(...end());
        this.#marks.add(user, mark);
      }
      return [...ended, ...end()];
    });
  }

  list(now: number, cursor = "", limit = PAGE): Awaitable<SessionPage> {
    return this.#run("list", () => {
      if (cursor !== "" && !isSessionId(cursor))
        throw new InvalidValueError("cursor", "did not come from `list`");
      const records: SessionRecord[] = [];
      for (const shard of readdirSync(this.#layout.sessions).sort()) {
        if (shard < cursor.slice(0, 2)) continue;
        const names = readdirSync(this.#layout.shard(shard)).filter(
          (name) => isSessionId(name) && name > cursor,
        );
        for (const id of names.sort()) {
          const record = this.#sound(id, now);
          if (record === null) continue;
          records.push(record);
          if (records.length >= limit) return { records, cursor: id };
        }
      }
      return { records, cursor: null };
    });
  }

  sweep(now: number, limit: number): Awaitable<Sweep> {
    return this.#run("sweep", () => this.#sweeper.sweep(now, Math.min(limit, this.#durability.most)));
  }

  close(): void {
    this.#log.forget();
  }

  #live(id: SessionId, now: number): SessionRecord | null {
    const state = isSessionId(id) ? this.#log.state(id) : null;
    return state !== null && !state.ended && isLive(state.record, now) ? state.record : null;
  }

  #sound(id: SessionId, now: number): SessionRecord | null {
    return unlessDamaged(() => this.#live(id, now));
  }

  /** Ends a session; with `userId` only if it is that user's. Answers the record if this call is what ended it. */
  #end(id: SessionId, userId?: string): SessionRecord | null {
    try {
      if (userId !== undefined && this.#log.state(id)?.record.userId !== userId) return null;
      const ended = this.#log.end(id);
      if (ended === null) return null;
      const { record } = ended.before;
      if (record.userId !== null) this.#users.remove(hashUser(record.userId), id);
      return ended.verdict === "counts" ? record : null;
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
      // Its entry in the user's index is removed when it is due.
      this.#log.erase(id);
      return null;
    }
  }

  /** Runs an operation to its end, and has what it wrote kept before it is acknowledged. */
  #run<Answer>(operation: string, work: () => Answer): Awaitable<Answer> {
    try {
      const settled = this.#durability.settle(work());
      if (!(settled instanceof Promise)) return settled;
      return settled.catch((error: unknown) => {
        throw this.#layout.failure(operation, error);
      });
    } catch (error) {
      this.#durability.drop();
      throw this.#layout.failure(operation, error);
    }
  }
}

function unlessDamaged<Answer>(look: () => Answer): Answer | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof CorruptRecordError) return null;
    throw error;
  }
}
