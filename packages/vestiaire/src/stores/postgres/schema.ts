// The tables of the PostgreSQL store, and their names. A session is one row of typed columns; its data is one flat `jsonb`
// map of strings, so that one `UPDATE` sets and removes single keys. None of the indexed columns is touched by a visit, a
// patch or a rotation: PostgreSQL then updates the row within its page and no index at all (HOT).

import { ConfigurationError } from "../../core/errors.ts";
import type { Database } from "./database.ts";

export const DEFAULT_TABLE = "vestiaire_sessions";

/** How a table and what belongs to it are called in SQL. */
export interface TableNames {
  readonly sessions: string;
  readonly marks: string;
  /** Where endings and changes are told. */
  readonly channel: string;
  /** The name of an index, without the schema: an index lives where its table does. */
  index(suffix: string): string;
}

const SHAPE = /^(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*$/;
/** PostgreSQL cuts names at 63 bytes; the longest suffix below takes 10. */
const LONGEST = 53;

/** Throws `ConfigurationError` for what is not a plain name, with or without a schema before it. */
export function namesOf(table: string): TableNames {
  const path = table.split(".");
  const name = path.at(-1) ?? "";
  if (!SHAPE.test(table) || table.length > LONGEST) {
    throw new ConfigurationError(
      `"${table}" cannot be the table: lower-case letters, digits and _, at most ${LONGEST} of them, as in "sessions" or "app.sessions".`,
    );
  }
  const schema = path.slice(0, -1).map((part) => `"${part}".`);
  return {
    sessions: `${schema.join("")}"${name}"`,
    marks: `${schema.join("")}"${name}_marks"`,
    channel: table,
    index: (suffix) => `"${name}_${suffix}"`,
  };
}

/**
 * What creates the tables of a store with this `table` option, for those who migrate by hand. Does nothing where they
 * are. Throws `ConfigurationError` for a name that cannot be one.
 */
export function schema(table: string = DEFAULT_TABLE): string {
  const { sessions, marks, index } = namesOf(table);
  // Users are found through hash indexes: they compare whole values, whatever their length.
  return `create table if not exists ${sessions} (
  id text collate "C" primary key,
  user_id text collate "C",
  revision bigint not null,
  secret_hash text not null,
  previous_hash text,
  previous_until bigint,
  retired_hash text,
  persistent boolean not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  ends_at bigint not null,
  due_at bigint not null,
  data jsonb not null
) with (fillfactor = 80);
create index if not exists ${index("of_user")} on ${sessions} using hash (user_id);
create index if not exists ${index("due")} on ${sessions} (due_at);
create table if not exists ${marks} (
  user_id text collate "C" not null,
  except_id text collate "C" not null,
  at bigint not null
);
create index if not exists ${index("mark_user")} on ${marks} using hash (user_id);
create index if not exists ${index("mark_at")} on ${marks} (at);
`;
}

/**
 * Creates the tables where they are not there. Looks first, because not every user may create any. Of several processes
 * at once, one creates and the others wait: `if not exists` alone fails for them.
 */
export async function createTables(database: Database, table: string): Promise<void> {
  const { sessions, marks } = namesOf(table);
  const [found] = await database.query(
    { name: `vestiaire_tables`, text: "select to_regclass($1) is not null and to_regclass($2) is not null" },
    [sessions, marks],
  );
  if (found?.[0] === true) return;
  await database.run(`select pg_advisory_xact_lock(hashtext('vestiaire')); set local client_min_messages = warning;
    ${schema(table)}`);
}
