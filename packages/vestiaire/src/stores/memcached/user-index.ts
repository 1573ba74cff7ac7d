// Which sessions a user has, and when they were all ended: one item for each user, and the authority. memcached may
// evict any item by itself; a session whose user's index is gone, or does not name it, is over.

import type { SessionRecord } from "../../core/record.ts";
import { MARK_LIFE } from "../../core/store.ts";
import type { SessionId } from "../../core/token.ts";

export interface UserIndex {
  readonly sessions: ReadonlyMap<SessionId, Entry>;
  readonly marks: readonly Mark[];
}

/** When the session began, and when it is over whatever happens. A visit moves neither. */
interface Entry {
  readonly createdAt: number;
  readonly endsAt: number;
}

/** The user's sessions were ended at this time, `except` one. */
interface Mark {
  readonly at: number;
  readonly except: SessionId | null;
}

export const NOBODY: UserIndex = { sessions: new Map(), marks: [] };

/** What the text says. A damaged index names no session, as if it had been evicted. */
export function parseIndex(text: string): UserIndex {
  try {
    const { sessions, marks } = JSON.parse(text);
    return { sessions: new Map(sessions), marks: [...marks] };
  } catch {
    return NOBODY;
  }
}

export function formatIndex({ sessions, marks }: UserIndex): string {
  return JSON.stringify({ sessions: [...sessions], marks });
}

/** Whether a mark ends this new session. */
export function isEnded({ marks }: UserIndex, { id, createdAt }: SessionRecord): boolean {
  return marks.some(({ at, except }) => createdAt <= at && id !== except);
}

export function withSession(index: UserIndex, { id, createdAt, endsAt }: SessionRecord): UserIndex {
  return { ...index, sessions: new Map(index.sessions).set(id, { createdAt, endsAt }) };
}

export function without(index: UserIndex, ids: Iterable<SessionId>): UserIndex {
  const sessions = new Map(index.sessions);
  for (const id of ids) sessions.delete(id);
  return { ...index, sessions };
}

/** A later mark does not soften an earlier one: there is one for each exception. */
export function withMark(index: UserIndex, now: number, except: SessionId | null): UserIndex {
  const same = index.marks.find((mark) => mark.except === except);
  const others = index.marks.filter((mark) => mark !== same && mark.at >= now - MARK_LIFE);
  return { ...index, marks: [...others, { at: Math.max(now, same?.at ?? now), except }] };
}

/** The sessions that began too long ago for their `create` to be still under way. */
export function settledSessions({ sessions }: UserIndex, now: number): SessionId[] {
  return [...sessions].filter(([, { createdAt }]) => createdAt < now - MARK_LIFE).map(([id]) => id);
}

/** Until when the index has anything to say, in milliseconds since 1970; `null` when it has nothing. */
export function neededUntil({ sessions, marks }: UserIndex): number | null {
  const ends = [...sessions.values()].map(({ endsAt }) => endsAt);
  const all = [...ends, ...marks.map(({ at }) => at + MARK_LIFE)];
  return all.length === 0 ? null : Math.max(...all);
}
