import type { Patch, PatchCondition, SessionId, SessionRecord, SessionStore } from "vestiaire";

interface Mark {
  readonly userId: string;
  readonly at: number;
  readonly except: SessionId | undefined;
}

/** Keeps sessions in a `Map`. An engine does the same in its own words: each method is one atomic step. */
export class MapStore implements SessionStore {
  readonly #records = new Map<SessionId, SessionRecord>();
  /** Who was ended when. An engine lets go of a mark after ten minutes. */
  readonly #marks: Mark[] = [];

  find(id: SessionId, now: number): SessionRecord | null {
    const record = this.#records.get(id);
    return record !== undefined && record.expiresAt > now ? record : null;
  }

  create(record: SessionRecord): "created" | "taken" | "ended" {
    if (this.#records.has(record.id)) return "taken";
    const { id, userId, createdAt } = record;
    const ended = this.#marks.some(
      (mark) => mark.userId === userId && createdAt <= mark.at && mark.except !== id,
    );
    if (ended) return "ended";
    this.#records.set(id, record);
    return "created";
  }

  patch(id: SessionId, patch: Patch, now: number, when: PatchCondition = {}): "done" | "gone" | "conflict" {
    const record = this.find(id, now);
    if (record === null) return "gone";
    const { revision = record.revision, secretHash = record.secretHashes.current } = when;
    if (revision !== record.revision || secretHash !== record.secretHashes.current) return "conflict";
    this.#records.set(id, patched(record, patch));
    return "done";
  }

  delete(id: SessionId): SessionRecord | null {
    const record = this.#records.get(id) ?? null;
    this.#records.delete(id);
    return record;
  }

  findByUser(userId: string, now: number): SessionRecord[] {
    return [...this.#records.values()].filter((one) => one.userId === userId && one.expiresAt > now);
  }

  deleteByUser(userId: string, now: number, { except }: { except?: SessionId } = {}): SessionId[] {
    this.#marks.push({ userId, at: now, except });
    const ids = [...this.#records.values()]
      .filter((record) => record.userId === userId && record.id !== except)
      .map(({ id }) => id);
    for (const id of ids) this.#records.delete(id);
    return ids;
  }
}

function patched(record: SessionRecord, { clear, set, unset, ...rest }: Patch): SessionRecord {
  const changesData = clear === true || set !== undefined || unset !== undefined;
  const kept = Object.entries(clear ? {} : record.data).filter(([key]) => !unset?.includes(key));
  return {
    ...record,
    revision: record.revision + (changesData ? 1 : 0),
    secretHashes: rest.secretHashes ?? record.secretHashes,
    expiresAt: Math.max(record.expiresAt, rest.expiresAt ?? 0),
    lastSeenAt: Math.max(record.lastSeenAt, rest.lastSeenAt ?? 0),
    data: Object.fromEntries([...kept, ...Object.entries(set ?? {})]),
  };
}
