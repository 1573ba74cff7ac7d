// Lists of sessions, as people see them: one user's, for a list of devices, and everybody's, for a back office. A list
// shows what lives under the limits configured now, and nothing that opens a session.

import { viewOf } from "./changes.ts";
import type { CoreContext } from "./context.ts";
import { InvalidValueError, UnsupportedError } from "./errors.ts";
import { endOf } from "./expiry.ts";
import type { DeepReadonly } from "./json.ts";
import type { SessionRecord } from "./record.ts";
import type { SessionId } from "./token.ts";

/** A session as lists show it. Times are milliseconds since 1970. Nothing in it opens the session. */
export interface SessionInfo<D> {
  readonly id: SessionId;
  readonly userId: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** When it ends unless somebody visits again. */
  readonly expiresAt: number;
  readonly persistent: boolean;
  /** Empty when what is stored cannot be read. */
  readonly data: DeepReadonly<Partial<D>>;
}

/** Some of all sessions. */
export interface SessionInfoPage<D> {
  readonly sessions: readonly SessionInfo<D>[];
  /** Leads to the next page; `null` after the last. Plain text, fit for a URL once escaped. */
  readonly cursor: string | null;
}

/** Which page of all sessions. */
export interface ListOptions {
  /** From the page before. Without one, or with an empty one, the list begins. */
  readonly cursor?: string | null;
  /** How many sessions to ask the store for: 1 to 1,000, by default 100. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** The live sessions of a user, newest first. */
export async function listUser<D>(core: CoreContext, userId: string): Promise<SessionInfo<D>[]> {
  const now = core.now();
  const records = await core.guard.run("list the user's sessions", () => core.store.findByUser(userId, now));
  return infosOf<D>(core, records, now).sort((a, b) => b.createdAt - a.createdAt);
}

/** One page of all live sessions. */
export async function listAll<D>(core: CoreContext, options: ListOptions): Promise<SessionInfoPage<D>> {
  const { cursor, limit = DEFAULT_LIMIT } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidValueError("limit", `must be a whole number from 1 to ${MAX_LIMIT}. It was ${limit}.`);
  }
  const list = core.store.list?.bind(core.store);
  if (list === undefined) {
    throw new UnsupportedError(
      "This session store cannot list all sessions: it has no `list`. Use one that can, such as sqliteStore, or ask for one user's sessions with `ofUser`.",
    );
  }
  const now = core.now();
  const page = await core.guard.run("list the sessions", () => list(now, cursor || undefined, limit));
  return { sessions: infosOf<D>(core, page.records, now), cursor: page.cursor };
}

function infosOf<D>(core: CoreContext, records: readonly SessionRecord[], now: number): SessionInfo<D>[] {
  return records
    .filter((record) => endOf(record, core.lifespan) > now)
    .map((record) => infoOf<D>(core, record));
}

function infoOf<D>({ lifespan, emit }: CoreContext, record: SessionRecord): SessionInfo<D> {
  const { id, userId, createdAt, lastSeenAt, persistent } = record;
  let view = {};
  try {
    view = viewOf(record.data);
  } catch (error) {
    // It can still be seen and ended, which is what lists are for.
    emit({ type: "corrupt", id, error });
  }
  return {
    id,
    userId,
    createdAt,
    lastSeenAt,
    expiresAt: endOf(record, lifespan),
    persistent,
    data: view as DeepReadonly<Partial<D>>,
  };
}
