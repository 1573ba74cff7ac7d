// How often passwords may be guessed, accounts be made and refusals be kept. A browser that has signed in to an account before is counted
// apart from strangers (OWASP's device cookies): strangers who guess at an account shut out each other, not its owner.

import { isIPv6 } from "node:net";
import { RateLimiterRes } from "rate-limiter-flexible";
import type { Clock } from "vestiaire";
import type { Database } from "../database/schema.ts";
import { AttemptsLimiter } from "./attempts-store.ts";
import { fingerprint } from "./secrets.ts";

/** Somebody is about to have a password looked at. */
export interface SignInAttempt {
  /** The account's name as it is compared, whether there is such an account or not. */
  readonly nameKey: string;
  readonly address: string;
  /** From `knownDevice`: which of the account's browsers this is; `null` for a stranger. */
  readonly device: string | null;
}

export interface ThrottleOptions {
  readonly clock: Clock;
  /** How many accounts one address may make. */
  readonly signUpsPerHour: number;
}

type Count = readonly [limiter: AttemptsLimiter, key: string];

const QUARTER = 900;
const HOUR = 3_600;

/**
 * Counts attempts. Every method throws what the database throws: who cannot be counted cannot go ahead. They must not
 * be called in a transaction, which could take back the count and on SQLite would wait for itself.
 */
export class Throttle {
  readonly #ofDevice: AttemptsLimiter;
  readonly #ofStranger: AttemptsLimiter;
  readonly #ofStrangers: AttemptsLimiter;
  readonly #ofAddress: AttemptsLimiter;
  readonly #signUps: AttemptsLimiter;
  readonly #confirmations: AttemptsLimiter;
  readonly #proofs: AttemptsLimiter;
  readonly #strangersEvents: AttemptsLimiter;
  readonly #newPasswords: AttemptsLimiter;

  constructor(database: Database, { clock, signUpsPerHour }: ThrottleOptions) {
    const limit = (name: string, points: number, seconds: number) =>
      new AttemptsLimiter(database, clock, { name, points, seconds });
    this.#ofDevice = limit("sign-in.device", 10, QUARTER);
    this.#ofStranger = limit("sign-in.stranger", 5, QUARTER);
    // Twice what one address can use up in an hour: shutting out strangers takes at least three.
    this.#ofStrangers = limit("sign-in.strangers", 40, HOUR);
    // A school may have one address for everybody, and its first lesson has everybody sign in at once.
    this.#ofAddress = limit("sign-in.address", 100, QUARTER);
    this.#signUps = limit("sign-up.address", signUpsPerHour, HOUR);
    this.#confirmations = limit("confirm.person", 10, QUARTER);
    // Neither can be guessed; but each attempt makes a session, and those should not come by the million.
    this.#proofs = limit("proof.address", 300, QUARTER);
    this.#strangersEvents = limit("event.address", 100, HOUR);
    // For a school, ten for each of a class. Three seconds of one processor at the worst.
    this.#newPasswords = limit("new-password.address", 300, QUARTER);
  }

  /** Counts an attempt before its password is looked at. Answers 0 to go ahead, else the seconds to wait. */
  signIn(attempt: SignInAttempt): Promise<number> {
    return count(this.#countsOf(attempt));
  }

  /** Takes back what was counted for an attempt that succeeded. */
  signedIn(attempt: SignInAttempt): Promise<void> {
    return takeBack(this.#countsOf(attempt));
  }

  /**
   * Counts an account that is about to be made. A name that turns out to be taken counts as well, or names could be
   * tried out. Answers 0 to go ahead, else the seconds to wait.
   */
  signUp(address: string): Promise<number> {
    return count([[this.#signUps, keyOf(networkOf(address))]]);
  }

  /**
   * Counts a proof, a passkey's or a provider's, that is about to be asked for. Answers 0 to go ahead, else the seconds
   * to wait.
   */
  proof(address: string): Promise<number> {
    return count([[this.#proofs, keyOf(networkOf(address))]]);
  }

  /**
   * Counts an event that nobody known brought about and that is to be kept. Answers how many more will be this hour; -1
   * when this one is too many already.
   */
  async strangersEvent(address: string): Promise<number> {
    try {
      return (await this.#strangersEvents.consume(keyOf(networkOf(address)))).remainingPoints;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return -1;
    }
  }

  /** Counts a new password that is about to be judged. Answers 0 to go ahead, else the seconds to wait. */
  newPassword(address: string): Promise<number> {
    return count([[this.#newPasswords, keyOf(networkOf(address))]]);
  }

  /**
   * Counts an attempt to confirm one's password while signed in: whoever sits at a stolen session may guess, too.
   * Answers 0 to go ahead, else the seconds to wait.
   */
  confirm(personId: string): Promise<number> {
    return count([[this.#confirmations, keyOf(personId)]]);
  }

  /** Takes back what was counted for a confirmation that succeeded. */
  confirmed(personId: string): Promise<void> {
    return takeBack([[this.#confirmations, keyOf(personId)]]);
  }

  #countsOf({ nameKey, address, device }: SignInAttempt): readonly Count[] {
    if (device !== null) return [[this.#ofDevice, keyOf(nameKey, device)]];
    const network = networkOf(address);
    return [
      [this.#ofStranger, keyOf(nameKey, network)],
      [this.#ofStrangers, keyOf(nameKey)],
      [this.#ofAddress, keyOf(network)],
    ];
  }
}

/** Counts with one limiter after the other. The first that refuses ends it, and the others get theirs back. */
async function count(counts: readonly Count[]): Promise<number> {
  for (const [index, [limiter, key]] of counts.entries()) {
    try {
      await limiter.consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      await takeBack(counts.slice(0, index));
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    }
  }
  return 0;
}

async function takeBack(counts: readonly Count[]): Promise<void> {
  for (const [limiter, key] of counts) await limiter.reward(key);
}

/** Hashed: what people type as a name may be their password, and addresses do not belong into a backup. */
function keyOf(...parts: readonly string[]): string {
  return fingerprint(JSON.stringify(parts));
}

/** What counts as one address: IPv6 gives every household a /64 to choose from. */
function networkOf(address: string): string {
  const [plain = ""] = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%");
  if (!isIPv6(plain)) return plain;
  // A URL's host is written in one way only, for instance [2001:db8::1].
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [before, after] = canonical.split("::").map((half) => half.split(":").filter(Boolean));
  const head = before ?? [];
  const zeros = Array<string>(8 - head.length - (after?.length ?? 0)).fill("0");
  return [...head, ...zeros].slice(0, 4).join(":");
}
