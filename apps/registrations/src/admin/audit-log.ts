// The audit log as administrators read it: newest first, by what was done, by or to whom, and with what result.

import type { Selectable } from "kysely";
import type { AuditAction } from "../audit/audit.ts";
import type { AuditTable, Queryable } from "../database/schema.ts";
import { beyond, contains, direction, type Page, type Place, pageOf } from "./listing.ts";

export interface AuditFilter {
  readonly action: AuditAction | null;
  /** What the name of whoever did it, or of what it was done to, contains. */
  readonly name: string;
  readonly result: AuditTable["result"] | null;
}

export type AuditRow = Selectable<AuditTable>;

/** The events that the filter lets through. */
export function listEvents(on: Queryable, filter: AuditFilter, place: Place): Promise<Page<AuditRow>> {
  return pageOf(
    place,
    ({ at, id }) => [at, id],
    (limit) => fetchEvents(on, filter, place, limit),
  );
}

/** The latest of what was refused. */
export function latestDenials(on: Queryable, limit: number): Promise<AuditRow[]> {
  return on
    .selectFrom("audit")
    .selectAll()
    .where("result", "=", "denied")
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

function fetchEvents(on: Queryable, { action, name, result }: AuditFilter, place: Place, limit: number) {
  const order = direction(place, "desc");
  return on
    .selectFrom("audit")
    .selectAll()
    .$if(action !== null, (query) => query.where("action", "=", action))
    .$if(result !== null, (query) => query.where("result", "=", result))
    .$if(name !== "", (query) =>
      query.where(({ eb, or }) => {
        const people = on.selectFrom("people").select("id").where(contains("people.nameKey", name));
        // Whoever is gone, or never was, is in the log by name only.
        return or([
          eb("actorId", "in", people),
          eb("detail", "in", people),
          contains("audit.actorName", name),
          contains("audit.target", name),
        ]);
      }),
    )
    .where(beyond(place, "desc", ["audit.at", "audit.id"]))
    .orderBy("audit.at", order)
    .orderBy("audit.id", order)
    .limit(limit)
    .execute();
}
