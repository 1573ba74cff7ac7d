// Carries out what `commit.ts` decided: the store's work in the order that keeps the invariants, then the cookie. Every
// method leaves `state` as the store now is, so that `save()` may be followed by more.

import { Arrival } from "./arrival.ts";
import { checkLimits, dependsOnRecord, replay, toPatch } from "./changes.ts";
import type { StoreWork } from "./commit.ts";
import { type CoreContext, setCookie } from "./context.ts";
import { ContentionError } from "./errors.ts";
import { endAfterVisit } from "./expiry.ts";
import { applyPatch, type Patch, type SessionRecord } from "./record.ts";
import { afterRotation, afterUse } from "./rotation.ts";
import type { Job, SessionState } from "./state.ts";
import { hashSecret, newSecret, type SessionId } from "./token.ts";

/** How often an exact update tries again before it gives up. Each failure means that somebody else succeeded. */
const ATTEMPTS = 100;

export class Committer {
  readonly #core: CoreContext;
  readonly #arrival: Arrival;

  constructor(core: CoreContext) {
    this.#core = core;
    this.#arrival = new Arrival(core);
  }

  /** Does the work. Throws a `SessionError` when it cannot be done; the response must then carry no cookie. */
  carryOut(work: Exclude<StoreWork, "none">, state: SessionState): Promise<void> {
    const job = state.job();
    switch (work) {
      case "create":
        return this.#arrival.create(state, job);
      case "patch":
      case "rotate":
        return this.#change(state, job);
      case "refresh":
        return this.#refresh(state, job);
      case "replace":
        return this.#arrival.replace(state, job);
      case "delete":
        return this.#signOut(state, job);
      case "delete and create":
        return this.#startOver(state, job);
    }
  }

  /** Removes a value from the store now; its text goes to one caller, `undefined` to the rest. */
  async claim(state: SessionState, key: string): Promise<string | undefined> {
    const { queue, guard, store } = this.#core;
    const opened = state.record;
    if (opened === null) return undefined;
    return queue.run(opened.id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const record = await this.#findFresh(opened.id);
        const text = record?.data[key];
        if (record === null || text === undefined) return undefined;
        const patch = { unset: [key] };
        const outcome = await guard.run("claim a value", () =>
          store.patch(record.id, patch, this.#core.now(), { revision: record.revision }),
        );
        if (outcome === "gone") return undefined;
        if (outcome === "conflict") continue;
        if (state.log.carries) state.adopt(applyPatch(record, patch));
        return text;
      }
      throw new ContentionError();
    });
  }

  /** Patches the live record with the log, and with a new secret where one is wanted and nobody else was first. */
  #change(state: SessionState, job: Job): Promise<void> {
    const { id } = state.record as SessionRecord;
    const conditional = job.decision.intent === "rotate" || dependsOnRecord(job.changes);
    // Blind writes need no turn: the store merges them.
    if (!conditional) return this.#tryToChange(state, job, false);
    return this.#core.queue.run(id, (waited) => this.#tryToChange(state, job, waited));
  }

  async #tryToChange(state: SessionState, job: Job, waited: boolean): Promise<void> {
    const { guard, store, now } = this.#core;
    const exact = dependsOnRecord(job.changes);
    let record = state.record as SessionRecord;
    const { id } = record;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (waited || attempt > 0) {
        const fresh = await this.#findFresh(id);
        if (fresh === null) return this.#lose(state, job, id);
        record = fresh;
        checkLimits(replay(job.changes, record.data), this.#core.limits);
      }
      const time = now();
      const { patch, secret } = this.#patchFor(state, job, record, time);
      if (Object.keys(patch).length === 0) return state.settle(job, record);
      const when = {
        ...(exact && { revision: record.revision }),
        ...(patch.secretHashes && { secretHash: state.presented }),
      };
      const outcome = await guard.run("change the session", () => store.patch(id, patch, time, when));
      if (outcome === "gone") return this.#lose(state, job, id);
      if (outcome === "done") return this.#changed(state, job, applyPatch(record, patch), secret);
    }
    throw new ContentionError();
  }

  /** What the job does to this record: the log, the visit, and a new secret unless the one presented is outdated. */
  #patchFor(
    state: SessionState,
    job: Job,
    record: SessionRecord,
    now: number,
  ): { patch: Patch; secret: string | null } {
    const { secretHashes } = record;
    const presentedCurrent = secretHashes.current === state.presented;
    const secret = job.decision.intent === "rotate" && presentedCurrent ? newSecret() : null;
    const hashes =
      secret !== null
        ? afterRotation(secretHashes, hashSecret(secret), now)
        : presentedCurrent
          ? afterUse(secretHashes, now)
          : null;
    const visit = { lastSeenAt: now, expiresAt: endAfterVisit(record, now, this.#core.lifespan) };
    const patch: Patch = {
      ...toPatch(job.changes, record.data),
      ...(job.refreshes && visit),
      ...(hashes && { secretHashes: hashes }),
    };
    return { patch, secret };
  }

  #changed(state: SessionState, job: Job, record: SessionRecord, secret: string | null): void {
    state.settle(job, record);
    if (secret === null) return;
    state.presented = record.secretHashes.current;
    this.#core.emit({ type: "rotated", id: record.id });
    setCookie(this.#core, state, { id: record.id, secret }, record);
  }

  /** A visit is worth no failure: the session merely ends a little earlier than it might. */
  async #refresh(state: SessionState, job: Job): Promise<void> {
    const { id } = state.record as SessionRecord;
    try {
      await this.#tryToChange(state, job, false);
    } catch (error) {
      this.#core.emit({ type: "refreshFailed", id, error });
    }
  }

  async #signOut(state: SessionState, job: Job): Promise<void> {
    if (!(await this.#delete(state, job))) return;
    state.settle(job, null);
    state.cookie = this.#core.cookie.clear(state.secure);
  }

  async #startOver(state: SessionState, job: Job): Promise<void> {
    if (await this.#delete(state, job)) await this.#arrival.create(state, job);
  }

  /** Whether it was this request that ended the session. If not, a cookie would overwrite one of whoever did. */
  async #delete(state: SessionState, job: Job): Promise<boolean> {
    const { guard, store, ending } = this.#core;
    const { id, userId } = state.record as SessionRecord;
    const ended = await guard.run("end the session", () => store.delete(id));
    if (ended) ending.happened(id, userId, "signed out");
    else this.#lose(state, job, id);
    return ended !== null;
  }

  #lose(state: SessionState, job: Job, id: SessionId): void {
    state.lose(job);
    this.#core.ending.lost(id);
  }

  async #findFresh(id: string): Promise<SessionRecord | null> {
    const { guard, store, now } = this.#core;
    return guard.run("look the session up again", () => store.find(id, now(), { fresh: true }));
  }
}
