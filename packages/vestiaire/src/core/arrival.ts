// How a new session comes into the store and to its browser: the first write of an anonymous visitor, and signing in. The
// order of the steps is what keeps the invariants; when one of them fails, what came before is taken back.

import { difference, replay } from "./changes.ts";
import { type CoreContext, setCookie } from "./context.ts";
import { StoreError } from "./errors.ts";
import { applyPatch, type SessionRecord } from "./record.ts";
import { firstSecret } from "./rotation.ts";
import type { Job, SessionState } from "./state.ts";
import { hashSecret, newToken, type SessionId, type Token } from "./token.ts";

interface Made {
  readonly token: Token;
  readonly record: SessionRecord;
}

export class Arrival {
  readonly #core: CoreContext;

  constructor(core: CoreContext) {
    this.#core = core;
  }

  /** Makes the visitor's first session, or the one after signing out. */
  async create(state: SessionState, job: Job): Promise<void> {
    const made = await this.#store(job);
    if (made === null) return state.lose(job);
    return this.#orUndo(made, () => this.#arrive(state, job, made));
  }

  /**
   * Signing in where there was a session. The new one is stored first, so that a failure leaves the old; the old one's
   * deletion answers its last state, so that whatever it acknowledged meanwhile is carried over or was refused as gone.
   */
  async replace(state: SessionState, job: Job): Promise<void> {
    const { guard, store, ending } = this.#core;
    const old = state.record as SessionRecord;
    const made = await this.#store(job);
    if (made === null) return state.lose(job);
    return this.#orUndo(made, async () => {
      const ended = await guard.run("delete the old session", () => store.delete(old.id));
      if (ended === null) {
        await this.#undo(made.record.id);
        return this.#lose(state, job, old.id);
      }
      ending.happened(old.id, old.userId, "replaced");
      const record = job.log.carries ? await this.#carryOver(job, made.record, ended) : made.record;
      if (record === null) return this.#lose(state, job, made.record.id);
      return this.#arrive(state, job, { token: made.token, record });
    });
  }

  /** The new record with what the old one gained since it was seen; `null` when the new one is over already. */
  async #carryOver(job: Job, made: SessionRecord, ended: SessionRecord): Promise<SessionRecord | null> {
    const { guard, store, now } = this.#core;
    const gained = difference(made.data, replay(job.changes, ended.data));
    if (Object.keys(gained).length === 0) return made;
    const outcome = await guard.run("carry the old session's data over", () =>
      store.patch(made.id, gained, now()),
    );
    return outcome === "done" ? applyPatch(made, gained) : null;
  }

  /** Takes a session back that nobody will be told of, when the work that should end with its arrival fails. */
  async #orUndo(made: Made, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#undo(made.record.id);
      throw error;
    }
  }

  /** Stores the visitor's new record; `null` when the user's sessions were ended while this one was being made. */
  async #store({ decision: { successor }, data }: Job): Promise<Made | null> {
    const { guard, store, emit, lifespan } = this.#core;
    const token = successor?.token ?? newToken();
    const now = this.#core.now();
    const createdAt = successor?.createdAt ?? now;
    const endsAt = createdAt + lifespan.lifetime;
    const record: SessionRecord = {
      id: token.id,
      revision: 1,
      userId: successor?.userId ?? null,
      secretHashes: firstSecret(hashSecret(token.secret)),
      persistent: successor?.persistent ?? false,
      createdAt,
      lastSeenAt: now,
      expiresAt: Math.min(now + lifespan.idleTimeout, endsAt),
      endsAt,
      data,
    };
    const outcome = await guard.run("create the session", () => store.create(record, now));
    if (outcome === "created") return { token, record };
    // 128 random bits do not meet twice: such a store is broken, or its random source is.
    if (outcome === "taken") {
      throw new StoreError("STORE_FAILED", "create the session", "it says that a new random id is taken.");
    }
    emit({ type: "lost", id: token.id });
    return null;
  }

  /** The new session is stored; the browser is to have it, unless it is over already. */
  async #arrive(state: SessionState, job: Job, { token, record }: Made): Promise<void> {
    const { emit } = this.#core;
    if (!(await this.#limit(record))) return this.#lose(state, job, record.id);
    const { id, userId } = record;
    const previous = state.record?.id ?? null;
    emit(userId === null ? { type: "created", id } : { type: "signedIn", id, userId, previous });
    state.settle(job, record);
    state.presented = record.secretHashes.current;
    setCookie(this.#core, state, token, record);
  }

  /** Ends the user's oldest sessions beyond the limit. `false` when the new one was among them. */
  async #limit(record: SessionRecord): Promise<boolean> {
    const { maxPerUser, guard, store, ending, now } = this.#core;
    const { userId } = record;
    if (userId === null || maxPerUser === Number.POSITIVE_INFINITY) return true;
    const all = await guard.run("list the user's sessions", () => store.findByUser(userId, now()));
    // By time, then by id, so that parallel sign-ins agree on who is beyond the limit.
    const newestFirst = all.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    let stays = true;
    for (const { id } of newestFirst.slice(maxPerUser)) {
      const ended = await guard.run("end a session over the limit", () => store.delete(id));
      if (ended) ending.happened(id, userId, "over the limit");
      if (id === record.id) stays = false;
    }
    return stays;
  }

  #lose(state: SessionState, job: Job, id: SessionId): void {
    state.lose(job);
    this.#core.ending.lost(id);
  }

  async #undo(id: SessionId): Promise<void> {
    const { guard, store } = this.#core;
    try {
      // Nobody tries it again, and it may well be a missed deadline that it is done for.
      await guard.runAside("take the new session back", () => store.delete(id));
    } catch {
      // Its secret never left this process, so it opens for nobody, and expires.
    }
  }
}
