// What a handler holds: a frozen, typed view of the visitor's data, and the calls that change it. Every call is
// synchronous and goes into a log; the store hears of it once, when the response's head is about to leave.

import { apply, type Change, checkLimits, computeText, escapeKey, type Limits, viewOf } from "./changes.ts";
import { InvalidValueError } from "./errors.ts";
import { type DeepReadonly, decode, encode, type JsonShape } from "./json.ts";
import type { SessionRecord } from "./record.ts";
import type { SessionState } from "./state.ts";
import { newToken, type SessionId } from "./token.ts";

/** What a session needs of the manager that opened it. */
export interface SessionHost {
  readonly limits: Limits;
  /** The moment of a sign-in: later than every mass ending that this process has finished. */
  signInTime(): number;
  endOf(record: SessionRecord): number;
  save(state: SessionState): Promise<void>;
  claim(state: SessionState, key: string): Promise<string | undefined>;
  signalOf(state: SessionState): AbortSignal;
}

type Keys<D> = Extract<keyof D, string>;
type Value<D, K extends keyof D> = DeepReadonly<Exclude<D[K], undefined>>;

let stateOfSession: <D extends JsonShape<D>>(session: Session<D>) => SessionState;

/** The session's inside, for the manager. */
export function stateOf<D extends JsonShape<D>>(session: Session<D>): SessionState {
  return stateOfSession(session);
}

/**
 * One visitor's session during one request. `D` is the shape of its data; any of it may be absent.
 *
 * If the session could not be looked up, every member throws the `StoreError` that says why; adapters answer 503.
 */
export class Session<D extends JsonShape<D>> {
  readonly #state: SessionState;
  readonly #host: SessionHost;

  static {
    stateOfSession = (session) => session.#state;
  }

  /** Made by the manager; handlers get theirs from their adapter. */
  constructor(state: SessionState, host: SessionHost) {
    this.#state = state;
    this.#host = host;
  }

  /** The session's data, frozen, this handler's own changes included. Every change makes a new object. */
  get data(): DeepReadonly<Partial<D>> {
    return viewOf(this.#use().current) as DeepReadonly<Partial<D>>;
  }

  /** The session's public name; `null` until something is to be stored. Opens nothing, so it may be logged. */
  get id(): SessionId | null {
    return this.#use().decision.successor?.token.id ?? this.#record()?.id ?? null;
  }

  /** Who is signed in; `null` for nobody. */
  get userId(): string | null {
    return this.#use().decision.successor?.userId ?? this.#record()?.userId ?? null;
  }

  /** Whether the visitor came without a live session. */
  get isNew(): boolean {
    return this.#use().isNew;
  }

  /** When the session was made, in milliseconds; `null` when there is none. */
  get createdAt(): number | null {
    return this.#use().decision.successor?.createdAt ?? this.#record()?.createdAt ?? null;
  }

  /** When its user signed in, in milliseconds; `null` for nobody. For "has this person signed in recently?". */
  get signedInAt(): number | null {
    return this.userId === null ? null : this.createdAt;
  }

  /** The last visit that was written down, in milliseconds; `null` when there is no stored session. */
  get lastSeenAt(): number | null {
    return this.#record()?.lastSeenAt ?? null;
  }

  /** When the session ends without another visit, in milliseconds; `null` when there is none. */
  get expiresAt(): number | null {
    const record = this.#record();
    return record && this.#host.endOf(record);
  }

  /**
   * Fires when the session ends, wherever that happens: hang open sockets and streams on it. It belongs to the session
   * that the request came with; without one it never fires.
   */
  get signal(): AbortSignal {
    return this.#host.signalOf(this.#use());
  }

  /** Stores a value. Throws `InvalidValueError` or `SessionTooLargeError`, and then changes nothing. */
  set<K extends Keys<D>>(key: K, value: Value<D, K>): this {
    return this.#log({ kind: "set", key: escapeKey(key), value: encode(value, key) });
  }

  /** Removes a value, if there is one. */
  delete(key: Keys<D>): this {
    return this.#log({ kind: "delete", key: escapeKey(key) });
  }

  /** Removes every key that the session has when the request is committed, whoever wrote it. */
  clear(): this {
    return this.#log({ kind: "clear" });
  }

  /** Reads a value and removes it: for messages shown once. Two requests at once may both see it; see {@link claim}. */
  take<K extends Keys<D>>(key: K): Value<D, K> | undefined {
    const text = this.#use().current[escapeKey(key)];
    if (text === undefined) return undefined;
    this.delete(key);
    return decode(text) as Value<D, K>;
  }

  /**
   * Computes a value from the present one (`undefined` when absent; answer `undefined` to remove it). Exact however many
   * requests do it at once, because `fn` runs again if another was quicker: it must be pure and synchronous. What this
   * handler sees is provisional until `await save()`.
   */
  update<K extends Keys<D>>(key: K, fn: (current: Value<D, K> | undefined) => Value<D, K> | undefined): this {
    return this.#log({ kind: "update", key: escapeKey(key), compute: computeText(key, fn) });
  }

  /**
   * Removes the value from the store now, and gives it to exactly one caller; `undefined` to all others. For whatever
   * must work once: codes, challenges, form tickets. A HEAD request claims nothing.
   */
  async claim<K extends Keys<D>>(key: K): Promise<Value<D, K> | undefined> {
    const text = await this.#host.claim(this.#use(), escapeKey(key));
    return text === undefined ? undefined : (decode(text) as Value<D, K>);
  }

  /**
   * Signs a user in: the response carries a new session, and the one before is gone. Data is carried over from an
   * anonymous session and from the same user's; as another user it starts empty. `persistent` lets the cookie outlive
   * the browser; left out, it stays as it was for the same user, and is false for another. Throws `InvalidValueError`
   * for an empty id, or one that is not well-formed text.
   */
  signIn(userId: string, options: { readonly persistent?: boolean } = {}): this {
    if (userId === "") throw new InvalidValueError("userId", "must not be empty: nobody would be signed in.");
    if (!userId.isWellFormed()) throw new InvalidValueError("userId", "is not well-formed Unicode.");
    const state = this.#use();
    const before = this.userId;
    if (before !== null && before !== userId) state.startEmpty();
    const successor = {
      token: newToken(),
      userId,
      persistent: options.persistent ?? (before === userId && this.#isPersistent()),
      createdAt: this.#host.signInTime(),
    };
    state.decision = { intent: "replace", successor };
    return this;
  }

  /** Ends the session and drops its data. Fine for the anonymous too. */
  signOut(): this {
    const state = this.#use();
    state.startEmpty();
    state.decision = { intent: "end", successor: null };
    return this;
  }

  /** Gives the session a new secret under the same id, as after a change of rights. Parallel requests survive it. */
  rotate(): this {
    const state = this.#use();
    // Signing in brings a new secret anyway, and what is signed out needs none.
    if (state.decision.intent === "keep") state.decision = { intent: "rotate", successor: null };
    return this;
  }

  /** Writes this visit down even if it moves the end by little: for long-lived connections. */
  touch(): this {
    this.#use().refreshes = true;
    return this;
  }

  /**
   * Commits what was done so far. Needed only before the response does it: to see an `update` settled, to keep changes
   * though the response fails, or in a connection that outlives its head. Throws `HeadSentError` when the head has left
   * and the browser would have to be told; `StoreError` when the store fails.
   */
  async save(): Promise<void> {
    await this.#host.save(this.#use());
  }

  #use(): SessionState {
    const state = this.#state;
    state.used = true;
    if (state.failure) throw state.failure;
    return state;
  }

  #isPersistent(): boolean {
    return this.#use().decision.successor?.persistent ?? this.#record()?.persistent ?? false;
  }

  /** The stored session, unless the handler has signed out of it. */
  #record(): SessionRecord | null {
    const { decision, record } = this.#use();
    return decision.intent === "end" ? null : record;
  }

  #log(change: Change): this {
    const state = this.#use();
    const current = apply(change, state.current);
    if (change.kind === "set" || change.kind === "update") checkLimits(current, this.#host.limits);
    state.log.changes.push(change);
    state.current = current;
    return this;
  }
}
