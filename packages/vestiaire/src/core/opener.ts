// Finds the session that a request's cookie opens, if it opens one. Whatever does not is an anonymous visitor; only a store
// that fails is a failure, and that is kept for whoever uses the session.

import { andThen } from "./awaitable.ts";
import { viewOf } from "./changes.ts";
import type { CoreContext } from "./context.ts";
import { CorruptRecordError, type SessionError } from "./errors.ts";
import { endOf, refreshIsDue } from "./expiry.ts";
import type { RecentlyEnded } from "./recent.ts";
import type { SessionRecord } from "./record.ts";
import type { ProxyTrust, SessionRequest } from "./request.ts";
import { afterUse, standing } from "./rotation.ts";
import { SessionState } from "./state.ts";
import type { Awaitable, FindOptions } from "./store.ts";
import { hashSecret, parseToken, type Token } from "./token.ts";

export class Opener {
  readonly #core: CoreContext;
  readonly #trust: ProxyTrust;
  readonly #recent: RecentlyEnded;

  constructor(core: CoreContext, trust: ProxyTrust, recent: RecentlyEnded) {
    this.#core = core;
    this.#trust = trust;
    this.#recent = recent;
  }

  /** Never throws. Answers at once where the store does. */
  open(request: SessionRequest): Awaitable<SessionState> {
    const { cookie, emit } = this.#core;
    const state = new SessionState(request, cookie.isSecure(this.#trust.isEncrypted(request)));
    const reading = cookie.read(request.header("cookie"), state.secure);
    if (reading.kind === "none") return state;
    state.cookieSent = true;
    if (reading.kind === "ambiguous") emit({ type: "ambiguous" });
    const token = reading.kind === "one" ? parseToken(reading.value) : null;
    if (token === null) return state;
    const failed = (error: SessionError) => this.#failed(state, token, error);
    try {
      const looked = this.#look(state, token, {});
      if (looked instanceof Promise) return looked.catch(failed).then(() => state);
    } catch (error) {
      failed(error as SessionError);
    }
    return state;
  }

  #look(state: SessionState, token: Token, options: FindOptions): Awaitable<void> {
    const { guard, store, now } = this.#core;
    const found = guard.run("look the session up", () => store.find(token.id, now(), options));
    return andThen(found, (record) => this.#found(state, token, record, options));
  }

  #found(
    state: SessionState,
    token: Token,
    record: SessionRecord | null,
    { fresh = false }: FindOptions,
  ): Awaitable<void> {
    const { lifespan, emit, now } = this.#core;
    const time = now();
    if (record === null || endOf(record, lifespan) <= time) {
      state.superseded = this.#recent.has(token.id, time);
      if (state.superseded) emit({ type: "superseded", id: token.id });
      return;
    }
    const presented = hashSecret(token.secret);
    const verdict = standing(record.secretHashes, presented, time);
    // A cache may not have heard yet of the rotation that gave the browser this secret.
    if (verdict === "wrong" && !fresh) return this.#look(state, token, { fresh: true });
    if (verdict === "retired") emit({ type: "reused", id: record.id, userId: record.userId });
    if (verdict === "wrong") emit({ type: "mismatch", id: record.id });
    if (verdict === "retired" || verdict === "wrong") return;
    viewOf(record.data); // Damaged values show here, not in the handler.
    state.presented = presented;
    state.isNew = false;
    state.refreshes =
      refreshIsDue(record, time, lifespan) ||
      (verdict === "current" && afterUse(record.secretHashes, time) !== null);
    state.adopt(record);
  }

  #failed(state: SessionState, token: Token, error: SessionError | SyntaxError): void {
    if (error instanceof SyntaxError || error instanceof CorruptRecordError) {
      this.#core.emit({ type: "corrupt", id: token.id, error });
    } else {
      state.failure = error;
    }
  }
}
