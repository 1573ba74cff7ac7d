// Passwords as they are kept: argon2id, in its own text format. The effort can be raised at any time; hashes of before
// stay valid and say that they are outdated.

import { randomBytes } from "node:crypto";
import { hash, parseOptions, verify } from "@node-rs/argon2";

/** The effort that one password takes. */
export interface PasswordCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

/**
 * How many are worked on at once. They run in Node.js's four threads for slow work, which files and names need as well:
 * without a limit, every page would wait behind a rush of sign-ins. It bounds the memory, too.
 */
const AT_ONCE = 2;

/** Hashes and checks passwords. They count as their NFKC form, whole, however long they are. */
export class Passwords {
  readonly #cost: PasswordCost;
  /** What nobody's password hashes to, in the format and with the effort of the others. */
  readonly #nobodys: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(cost: PasswordCost) {
    this.#cost = cost;
    const [salt, result] = [16, 32].map((length) =>
      randomBytes(length).toString("base64").replaceAll("=", ""),
    );
    this.#nobodys = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=1$${salt}$${result}`;
  }

  /** The text to keep in the password's place. */
  hash(password: string): Promise<string> {
    const { memory, passes } = this.#cost;
    return this.#inTurn(() =>
      hash(password.normalize("NFKC"), { memoryCost: memory, timeCost: passes, parallelism: 1 }),
    );
  }

  /**
   * Whether the hash is this password's. `null`, for nobody or nobody with a password, takes the same work and answers
   * false. Throws for a text that is no hash.
   */
  verify(hashed: string | null, password: string): Promise<boolean> {
    return this.#inTurn(() => verify(hashed ?? this.#nobodys, password.normalize("NFKC")));
  }

  /** Whether the hash took less effort than one would now. Throws for a text that is no hash. */
  isOutdated(hashed: string): boolean {
    const { memoryCost, timeCost } = parseOptions(hashed);
    const { memory, passes } = this.#cost;
    return !hashed.startsWith("$argon2id$v=19$") || memoryCost < memory || timeCost < passes;
  }

  /** How many passwords wait for their turn now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    // Whoever ends hands its place to the next in line, so the count changes only where nobody waits.
    if (this.#running === AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
