// What a request knows of its session: how it was opened, and what the handler did to it since. `Session` is the
// handler's view of this, `Committer` carries it out; nobody else sees it.

import { apply, type Change, replay } from "./changes.ts";
import type { Intent } from "./commit.ts";
import type { SessionError } from "./errors.ts";
import { type Data, NO_DATA, type SessionRecord } from "./record.ts";
import type { SessionRequest } from "./request.ts";
import type { Token } from "./token.ts";

/** The session that signing in will make. Its token is known at once, so that handlers can name it. */
export interface Successor {
  readonly token: Token;
  readonly userId: string;
  readonly persistent: boolean;
  /** The moment of signing in, in milliseconds. */
  readonly createdAt: number;
}

/** What the handler's calls amount to so far. A new object for every decision, so that one under way can be told from the next. */
export interface Decision {
  readonly intent: Intent;
  readonly successor: Successor | null;
}

const KEEP: Decision = { intent: "keep", successor: null };

interface Log {
  /** Whether the log starts from the record's data; after a change of person it starts from nothing. */
  readonly carries: boolean;
  readonly changes: Change[];
}

/** What one commit works on. Handlers may go on while it runs; what they do then belongs to the next. */
export interface Job {
  readonly decision: Decision;
  readonly log: Log;
  readonly changes: readonly Change[];
  /** The data as the handler saw it. */
  readonly data: Data;
  readonly refreshes: boolean;
}

/** Mutable, one for each request. */
export class SessionState {
  readonly request: SessionRequest;
  /** Whether the cookie is, or would be, the `Secure` one. */
  readonly secure: boolean;
  /** Whether the request carried a session cookie, good or bad. */
  cookieSent = false;
  /** The session is over, and a successor's cookie may be on its way: writes are dropped. */
  superseded = false;
  /** The hash of the secret that opened `record`. */
  presented = "";
  /** The live session as last seen; `null` when the request has none. */
  record: SessionRecord | null = null;
  isNew = true;
  /** Why the session could not be looked up. Thrown at its first use. */
  failure: SessionError | null = null;
  /** Whether the handler looked at the session, so that the response depends on the cookie. */
  used = false;

  decision = KEEP;
  log: Log = { carries: false, changes: [] };
  /** The data as the handler sees it: where the log starts from, with the log applied. */
  current: Data = NO_DATA;
  /** Whether the visit is worth writing down: it moves the end far enough, or the handler asked for it. */
  refreshes = false;

  /** The `Set-Cookie` value that the response is to carry. */
  cookie: string | null = null;
  headSent: boolean;
  /** The commit or claim under way, if any; never rejects. */
  committing: Promise<void> | null = null;
  /** Made when the handler first asks for it. */
  signal: AbortSignal | null = null;

  constructor(request: SessionRequest, secure: boolean) {
    this.request = request;
    this.secure = secure;
    this.headSent = request.headSent ?? false;
  }

  /** Takes over a live record. */
  adopt(record: SessionRecord): void {
    this.record = record;
    this.log = { carries: true, changes: this.log.changes };
    this.current = record.data;
    for (const change of this.log.changes) this.current = apply(change, this.current);
  }

  /** Drops the log, and what it started from. */
  startEmpty(): void {
    this.log = { carries: false, changes: [] };
    this.current = NO_DATA;
  }

  /** What a commit that starts now is to do. */
  job(): Job {
    const { decision, log, current, refreshes } = this;
    return { decision, log, changes: [...log.changes], data: current, refreshes };
  }

  /** The job is done: the store holds `record` for this visitor, or nothing. */
  settle(job: Job, record: SessionRecord | null): void {
    if (this.decision === job.decision) this.decision = KEEP;
    this.refreshes = false;
    this.record = record;
    if (this.log !== job.log) return;
    this.log = { carries: record !== null, changes: job.log.changes.slice(job.changes.length) };
    this.current = replay(this.log.changes, record?.data ?? NO_DATA);
  }

  /** The session turned out to be over: nothing more of this request is stored, save a sign-in. */
  lose(job: Job): void {
    this.settle(job, null);
    this.superseded = true;
    this.cookie = null;
  }
}
