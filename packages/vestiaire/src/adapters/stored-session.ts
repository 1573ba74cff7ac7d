// A session with the methods of React Router's. As with React Router's own, what it hands out is the caller's to change in
// place: that is written too.

import { encode } from "../core/json.ts";
import { type Session, stateOf } from "../core/session.ts";

/** Data whose shape only the caller knows. */
export type AnyData = Record<string, never>;

/** React Router's key for a value that is read once. */
const flashKey = (name: string) => `__flash_${name}__`;

export class Stored {
  readonly #session: Session<AnyData>;
  /** What was handed out or in, with the text that it had then. */
  readonly #shared = new Map<string, { readonly value: unknown; readonly text: string }>();

  constructor(session: Session<AnyData>) {
    this.#session = session;
  }

  get id(): string {
    return this.#session.id ?? "";
  }

  get userId(): string | null {
    return this.#session.userId;
  }

  get data(): object {
    return Object.fromEntries(Object.keys(this.#session.data).map((name) => [name, this.#share(name)]));
  }

  has(name: string): boolean {
    return this.#holds(name) || this.#holds(flashKey(name));
  }

  get(name: string): unknown {
    return this.#holds(name) ? this.#share(name) : structuredClone(this.#session.take(flashKey(name)));
  }

  set(name: string, value: unknown): void {
    // JSON leaves it out, and so does React Router.
    if (value === undefined) {
      this.unset(name);
      return;
    }
    this.#session.set(name, value as never);
    this.#shared.set(name, { value, text: encode(value, name) });
  }

  flash(name: string, value: unknown): void {
    this.set(flashKey(name), value);
  }

  unset(name: string): void {
    this.#session.delete(name);
  }

  signIn(userId: string, options: { readonly persistent?: boolean } = {}): void {
    this.#session.signIn(userId, options);
  }

  signOut(): void {
    this.#session.signOut();
  }

  /**
   * Stores what was done so far, and what was changed in place. Answers the `Set-Cookie` value, `""` for none, and the
   * same again if it is asked again.
   */
  async commit(): Promise<string> {
    for (const [name, { value, text }] of this.#shared) {
      if (this.#holds(name) && encode(value, name) !== text) this.set(name, value);
    }
    await this.#session.save();
    return stateOf(this.#session).cookie ?? "";
  }

  #holds(name: string): boolean {
    return name in this.#session.data;
  }

  /** The value, the same object at each call. */
  #share(name: string): unknown {
    const shared = this.#shared.get(name);
    if (shared) return shared.value;
    const value: unknown = structuredClone(this.#session.data[name]);
    this.#shared.set(name, { value, text: encode(value, name) });
    return value;
  }
}
