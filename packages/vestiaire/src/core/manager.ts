// The manager: opens the session of a request, commits it with the response, and ends sessions from outside. It puts
// the core's parts together and holds what one process knows; everything else is in the store.

import { type Plan, plan } from "./commit.ts";
import { Committer } from "./committer.ts";
import type { CoreContext } from "./context.ts";
import { SessionCookie } from "./cookie.ts";
import { Ending } from "./ending.ts";
import { HeadSentError, StoreError } from "./errors.ts";
import { eventSink } from "./events.ts";
import { endOf } from "./expiry.ts";
import { Guard } from "./guard.ts";
import type { JsonShape } from "./json.ts";
import { type ListOptions, listAll, listUser, type SessionInfo, type SessionInfoPage } from "./listing.ts";
import { Opener } from "./opener.ts";
import { readOptions, type SessionsOptions } from "./options.ts";
import { KeyedQueue } from "./queue.ts";
import { RecentlyEnded } from "./recent.ts";
import { ProxyTrust, type SessionRequest } from "./request.ts";
import { Session, type SessionHost, stateOf } from "./session.ts";
import type { SessionState } from "./state.ts";
import type { Awaitable } from "./store.ts";
import { Sweeper } from "./sweeper.ts";
import { isSessionId, type SessionId } from "./token.ts";
import { EndWatcher } from "./watch.ts";

/** What a response has to carry for its session. */
export interface Commit {
  /** The `Set-Cookie` value; `null` for none. */
  readonly cookie: string | null;
  /** Whether the handler looked at the session: the response then varies with the cookie. */
  readonly used: boolean;
}

/** Makes a manager for sessions that hold `D`. Throws `ConfigurationError` for options that cannot be. */
export function createSessions<D extends JsonShape<D>>(options: SessionsOptions): Sessions<D> {
  return new Sessions<D>(options);
}

/** All sessions of one store. Programs make one with {@link createSessions}; adapters make their own otherwise. */
export class Sessions<D extends JsonShape<D>> {
  readonly #core: CoreContext;
  readonly #opener: Opener;
  readonly #committer: Committer;
  readonly #watcher: EndWatcher;
  readonly #trust: ProxyTrust;
  readonly #sweeper: Sweeper;
  readonly #host: SessionHost;
  readonly #inProduction = process.env.NODE_ENV === "production";
  #warnedOfProxy = false;
  #lastSignIn = 0;
  #lastEnding = 0;

  constructor(options: SessionsOptions) {
    const { lifespan, limits, maxPerUser, deadline, clock } = readOptions(options);
    const { store } = options;
    const now = () => clock.now();
    const emit = eventSink(options.onEvent, now);
    this.#trust = new ProxyTrust(options.proxies);
    const guard = new Guard({ clock, deadline, emit });
    this.#watcher = new EndWatcher(store, guard, clock, lifespan);
    const recent = new RecentlyEnded();
    this.#core = {
      store,
      guard,
      cookie: new SessionCookie(options.cookie),
      lifespan,
      limits,
      maxPerUser,
      queue: new KeyedQueue(),
      ending: new Ending(recent, this.#watcher, emit, now),
      emit,
      now,
    };
    this.#opener = new Opener(this.#core, this.#trust, recent);
    this.#committer = new Committer(this.#core);
    this.#sweeper = new Sweeper(store, guard, clock, emit);
    if (options.sweep !== false) this.#sweeper.start();
    this.#host = {
      limits,
      signInTime: () => (this.#lastSignIn = Math.max(now(), this.#lastEnding + 1)),
      endOf: (record) => endOf(record, lifespan),
      save: (state) => this.#inTurn(state, () => this.#carryOut(state, this.#planSave(state))),
      claim: async (state, key) =>
        state.request.method === "HEAD"
          ? undefined
          : this.#inTurn(state, () => this.#committer.claim(state, key)),
      signalOf: (state) => this.#signalOf(state),
    };
  }

  /**
   * The session of a request, looked up by its cookie. Never throws and never writes: whatever does not open a session
   * is anonymous, and a look-up that failed is thrown by the session's first use. Answers at once where the store does.
   */
  open(request: SessionRequest): Awaitable<Session<D>> {
    const opening = this.#opener.open(request);
    return opening instanceof Promise
      ? opening.then((state) => new Session<D>(state, this.#host))
      : new Session<D>(opening, this.#host);
  }

  /**
   * Commits the session with a response of this status. The answer must go into its head, and the head must not leave
   * before. Throws a `SessionError` when the store fails: the response must then be a 503 (500 for
   * `UndeclaredProxyError`) without a cookie. Does its work once; asked again, it answers what is left to send: nothing.
   */
  commit(session: Session<D>, status: number): Awaitable<Commit> {
    const state = stateOf(session);
    if (state.headSent) return { cookie: null, used: state.used };
    state.headSent = true;
    if (state.failure && state.used) throw state.failure;
    const decide = () => this.#plan(state, status >= 500);
    const answer = () => ({ cookie: state.cookie, used: state.used });
    if (state.committing === null && isNothing(decide())) return answer();
    return this.#inTurn(state, () => this.#carryOut(state, decide())).then(answer);
  }

  /** The live sessions of a user, newest first. Throws `StoreError`. */
  ofUser(userId: string): Promise<SessionInfo<D>[]> {
    return listUser(this.#core, userId);
  }

  /**
   * One page of all live sessions, anonymous ones included, in no particular order. Its `cursor` leads to the next page,
   * and only a `null` cursor says that it was the last: a page may hold fewer than `limit`, or none. Over all pages each
   * session that lives throughout comes at least once, and may come twice. Throws `InvalidValueError` for a `limit` out
   * of range and for a `cursor` that no page of this store can have given, `UnsupportedError` when the store cannot list
   * all sessions, and `StoreError`.
   */
  list(options: ListOptions = {}): Promise<SessionInfoPage<D>> {
    return listAll(this.#core, options);
  }

  /** Ends one session. `false` when there was none of that id. Throws `StoreError`. */
  async end(id: SessionId): Promise<boolean> {
    const { guard, store, ending } = this.#core;
    if (!isSessionId(id)) return false;
    const ended = await guard.run("end the session", () => store.delete(id));
    if (ended) ending.happened(id, ended.userId, "ended by manager");
    else ending.noticed(id);
    return ended !== null;
  }

  /**
   * Ends a user's sessions, sign-ins that are under way included, and answers the ids of those that were there. `except`
   * spares one, by its id, or as the session of this request: that is saved first, so that a sign-in it is about to make
   * is spared too. Throws `StoreError`.
   */
  async endAllOf(
    userId: string,
    options: { readonly except?: Session<D> | SessionId | null } = {},
  ): Promise<SessionId[]> {
    const { guard, store, ending, now } = this.#core;
    if (options.except instanceof Session) await options.except.save();
    const spared = options.except instanceof Session ? options.except.id : options.except;
    // Not before any sign-in so far, and before any to come, however coarse the clock.
    this.#lastEnding = Math.max(now(), this.#lastSignIn);
    const at = this.#lastEnding;
    const ids = await guard.run("end the user's sessions", () =>
      store.deleteByUser(userId, at, spared ? { except: spared } : {}),
    );
    for (const id of ids) ending.happened(id, userId, "ended by manager");
    return ids;
  }

  /** Removes what has expired, in batches, and answers how many sessions that were. Throws `StoreError`. */
  sweep(): Promise<number> {
    return this.#sweeper.run();
  }

  /** Stops the background work and closes the store. */
  async close(): Promise<void> {
    this.#sweeper.stop();
    this.#watcher.close();
    await this.#core.store.close?.();
  }

  #plan(state: SessionState, failed: boolean): Plan {
    return plan({
      opened: state.record === null ? "nothing" : "live",
      intent: state.decision.intent,
      changed: state.log.changes.length > 0,
      refreshDue: state.refreshes,
      cookieSent: state.cookieSent,
      superseded: state.superseded,
      failed,
      head: state.request.method === "HEAD",
    });
  }

  #carryOut(state: SessionState, { store, cookie }: Plan): Awaitable<void> {
    if (cookie !== "none") this.#refuseUndeclaredProxy(state);
    if (store !== "none") return this.#committer.carryOut(store, state);
    if (cookie === "clear") state.cookie = this.#core.cookie.clear(state.secure);
  }

  #planSave(state: SessionState): Plan {
    const decided = this.#plan(state, false);
    if (state.headSent && decided.cookie !== "none") throw new HeadSentError();
    return decided;
  }

  /**
   * Does what changes the stored session after all that is under way for this request: two commits at once would both
   * store what they find in the log.
   */
  async #inTurn<T>(state: SessionState, work: () => Awaitable<T>): Promise<T> {
    while (state.committing) await state.committing;
    if (state.failure) throw state.failure;
    const { promise, resolve } = Promise.withResolvers<void>();
    state.committing = promise;
    try {
      return await work();
    } catch (error) {
      // A store that failed once in a request has failed it: whatever the handler makes of that, the answer is a 503.
      if (error instanceof StoreError) state.failure = error;
      throw error;
    } finally {
      state.committing = null;
      resolve();
    }
  }

  #refuseUndeclaredProxy(state: SessionState): void {
    if (state.secure || !this.#core.cookie.followsRequest) return;
    const error = this.#trust.suspicion(state.request);
    if (error === null) return;
    this.#core.emit({ type: "undeclaredProxy", error });
    if (this.#inProduction) throw error;
    if (!this.#warnedOfProxy) console.error(`vestiaire: ${error.message}`);
    this.#warnedOfProxy = true;
  }

  #signalOf(state: SessionState): AbortSignal {
    if (state.signal) return state.signal;
    // Whoever came with a session and has none any more saw its end.
    if (state.record === null) return state.isNew ? new AbortController().signal : AbortSignal.abort();
    const { signal, release } = this.#watcher.hold(state.record.id);
    state.request.onClose?.(release);
    state.signal = signal;
    return signal;
  }
}

function isNothing({ store, cookie }: Plan): boolean {
  return store === "none" && cookie === "none";
}
