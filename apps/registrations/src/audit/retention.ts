// For how long the audit log is kept: it holds names and addresses, and would grow for ever.

import type { Logger } from "pino";
import type { Clock } from "vestiaire";
import type { Database } from "../database/schema.ts";

const HOUR = 3_600_000;
/** So many rows at a time, so that nobody waits for long behind a removal. */
const BATCH = 1_000;

/** Removes what is older than `retention` milliseconds, once an hour. Several processes may do so at once. */
export class AuditRetention {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #retention: number;
  #cancel = () => {};
  #isClosed = false;
  #running: Promise<void>;

  constructor(database: Database, clock: Clock, log: Logger, retention: number) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
    this.#retention = retention;
    this.#running = this.#run();
  }

  /** Resolves when nothing is being removed any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      const before = this.#clock.now() - this.#retention;
      while (!this.#isClosed && (await this.#removeSome(before)) === BATCH);
    } catch (error) {
      this.#log.warn({ err: error }, "old audit events could not be removed");
    }
    if (this.#isClosed) return;
    this.#cancel = this.#clock.after(HOUR, () => {
      this.#running = this.#run();
    });
  }

  async #removeSome(before: number): Promise<number> {
    const old = this.#database.selectFrom("audit").select("id").where("at", "<", before).limit(BATCH);
    const { numDeletedRows } = await this.#database
      .deleteFrom("audit")
      .where("id", "in", old)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }
}
