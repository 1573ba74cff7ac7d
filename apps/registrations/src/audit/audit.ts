// Who did what, when, from where, and with what result: one line of JSON for each event in the log, and a row in the
// database for the back office (OWASP ASVS 5.0, V16). Never a password, a token or a link's secret.

import type { Logger } from "pino";
import { v7 as orderedId } from "uuid";
import type { Clock } from "vestiaire";
import type { Person } from "../accounts/people.ts";
import type { Throttle } from "../accounts/throttle.ts";
import { afterCommit } from "../database/after-commit.ts";
import type { AuditTable, Database, Queryable } from "../database/schema.ts";
import type { Metrics } from "../operations/metrics.ts";
import type { AppContext } from "../web/visit.ts";

/** Everything that is written down. The back office has a text for each: `audit.<action>`. */
export const auditActions = [
  "request.cross-site",
  "access.denied",
  "sign-up",
  "sign-in",
  "sign-out",
  "identity.confirm",
  "password.change",
  "password.reset",
  "passkey.add",
  "passkey.remove",
  "provider.link",
  "provider.unlink",
  "session.end",
  "account.download",
  "account.delete",
  "registration.add",
  "registration.remove",
  "person.add",
  "person.disable",
  "person.enable",
  "person.remove",
  "person.promote",
  "person.demote",
  "person.reset-link",
  "sport.add",
  "sport.rename",
  "sport.close",
  "sport.open",
  "sport.remove",
  "registrations.export",
  "administrator.first",
] as const;

export type AuditAction = (typeof auditActions)[number];

export interface AuditEvent {
  readonly action: AuditAction;
  readonly result: AuditTable["result"];
  /** Who did it, where that is not the person who is signed in. */
  readonly actor?: Person | null;
  /** What it was done to: an id, a name that was tried, a path. */
  readonly target?: string;
  readonly detail?: string;
}

export interface AuditParts {
  readonly database: Database;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly throttle: Throttle;
}

export class Audit {
  readonly #parts: AuditParts;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /**
   * Writes an event down, in the transaction `on` where one is under way; the log tells it once that is committed. Throws
   * what the database throws: what cannot be written down is not done.
   */
  async record(c: AppContext, event: AuditEvent, on: Queryable = this.#parts.database): Promise<void> {
    const actor = event.actor === undefined ? (c.var.person ?? null) : event.actor;
    const isStrangersFailure = actor === null && event.result !== "done" && !on.isTransaction;
    const room = isStrangersFailure ? await this.#parts.throttle.strangersEvent(c.var.address) : Infinity;
    const row = {
      // Of two events within a millisecond, the later one has the greater id.
      id: orderedId(),
      at: this.#parts.clock.now(),
      action: event.action,
      result: event.result,
      actorId: actor?.id ?? null,
      actorName: actor?.name ?? null,
      address: c.var.address,
      target: asWritten(event.target),
      detail: readable(room === 0 ? [event.detail, LAST].filter(Boolean).join("; ") : event.detail, 500),
    };
    // Strangers may fail as often as they like; what they leave in the database has an end.
    if (room >= 0) await on.insertInto("audit").values(row).execute();
    afterCommit(on, () => this.#tell(row, c.var.requestId));
  }

  #tell(row: AuditTable & { action: AuditAction }, requestId: string): void {
    this.#parts.metrics.audited(row.action, row.result);
    const audit = { ...row, at: new Date(row.at).toISOString() };
    this.#parts.log.info({ audit, requestId }, row.action);
  }
}

/** What the last event of a stranger says that is kept. */
const LAST = "more from this address within the hour are in the log only";

/** A target, as the rows have it. */
export function asWritten(target: string | undefined): string | null {
  return readable(target, 200);
}

/** At most so long, with whatever has no glyph written out: it could hide text, or move a terminal's cursor. */
function readable(text: string | undefined, length: number): string | null {
  if (text === undefined) return null;
  const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;
  const written = text.replaceAll(unseen, (unit) => `\\u{${unit.codePointAt(0)?.toString(16)}}`);
  return written.slice(0, length);
}
