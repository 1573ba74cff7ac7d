// Where rate-limiter-flexible keeps its counts: the table `attempts`, which survives restarts and is shared by every
// process. Counting is one statement, so that a hundred guesses at once are a hundred counts.

import { RateLimiterRes } from "rate-limiter-flexible";
import RateLimiterStoreAbstract from "rate-limiter-flexible/lib/RateLimiterStoreAbstract.js";
import type { Clock } from "vestiaire";
import type { Database } from "../database/schema.ts";

/** How many counts are between two purges: what has expired never takes more rows than this for each limit. */
const PURGE_EVERY = 100;

export interface AttemptsLimit {
  /** What is limited; the keys in the table begin with it. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

interface Count {
  readonly points: number;
  readonly expiresAt: number;
}

/** A limit on how often something is tried: so many points for each key, anew so many seconds after the first. */
export class AttemptsLimiter extends RateLimiterStoreAbstract {
  readonly #database: Database;
  readonly #clock: Clock;
  #counted = 0;

  constructor(database: Database, clock: Clock, { name, points, seconds }: AttemptsLimit) {
    super({ storeClient: database, keyPrefix: name, points, duration: seconds });
    this.#database = database;
    this.#clock = clock;
  }

  /** Called by the base class: adds points, or takes them back where they are negative, and answers the count. */
  async _upsert(key: string, points: number, milliseconds: number): Promise<Count> {
    const now = this.#clock.now();
    if (++this.#counted % PURGE_EVERY === 0) await this.#purge(now);
    // What is taken back may have been counted in a time that is over: nothing goes below zero.
    const fresh = { key, points: Math.max(points, 0), expiresAt: now + milliseconds };
    return await this.#database
      .insertInto("attempts")
      .values(fresh)
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet(({ case: either, eb, ref }) => {
          const expired = eb("attempts.expiresAt", "<=", now);
          const sum = eb("attempts.points", "+", points);
          return {
            points: either()
              .when(eb.or([expired, eb(sum, "<", 0)]))
              .then(ref("excluded.points"))
              .else(sum)
              .end(),
            expiresAt: either()
              .when(expired)
              .then(ref("excluded.expiresAt"))
              .else(ref("attempts.expiresAt"))
              .end(),
          };
        }),
      )
      .returning(["points", "expiresAt"])
      .executeTakeFirstOrThrow();
  }

  /** Called by the base class: what the count means. */
  _getRateLimiterRes(_key: string, changed: number, { points, expiresAt }: Count): RateLimiterRes {
    const left = Math.max(this.points - points, 0);
    return new RateLimiterRes(left, Math.max(expiresAt - this.#clock.now(), 0), points, points === changed);
  }

  async #purge(now: number): Promise<void> {
    try {
      await this.#database.deleteFrom("attempts").where("expiresAt", "<=", now).execute();
    } catch {
      // Another process may be at it. Nobody's sign-in depends on it, and there will be a next time.
    }
  }
}
