// The tables of the MySQL store, and their names. A session is one row: what the server must compare has a column of its
// own, and the data is one flat JSON map of strings, so that one `UPDATE` sets and removes single keys.

import { ConfigurationError } from "../../core/errors.ts";

export const DEFAULT_TABLE = "vestiaire_sessions";

/** How the tables are called in SQL. */
export interface TableNames {
  readonly sessions: string;
  readonly marks: string;
}

/** MySQL takes names of 64 characters; the suffix below takes 6. */
const SHAPE = /^[A-Za-z_][A-Za-z0-9_]{0,57}$/;

/** Throws `ConfigurationError` for what is not a plain name. */
export function namesOf(table: string): TableNames {
  if (!SHAPE.test(table)) {
    throw new ConfigurationError(
      `"${table}" cannot be the table: letters, digits and _, at most 58 of them, no digit first.`,
    );
  }
  return { sessions: `\`${table}\``, marks: `\`${table}_marks\`` };
}

/**
 * What creates the tables of a store with this `table` option, for those who migrate by hand. Does nothing where they
 * are. Throws `ConfigurationError` for a name that cannot be one.
 */
export function schema(table: string = DEFAULT_TABLE): string {
  return tablesOf(namesOf(table)).join("");
}

// Ids and hashes are VARBINARY and BINARY: no collation takes two of them for one. `data` is text and not JSON, which
// MySQL's clients like to parse. The times are DOUBLE because they may have fractions.

/** One statement for each table. */
export function tablesOf({ sessions, marks }: TableNames): readonly string[] {
  return [
    `create table if not exists ${sessions} (
  id varbinary(32) not null primary key,
  user_key binary(32),
  user_id mediumtext,
  revision bigint unsigned not null,
  writes bigint unsigned not null,
  secret_hash varbinary(255) not null,
  former_secrets text not null,
  persistent boolean not null,
  created_at double not null,
  last_seen_at double not null,
  expires_at double not null,
  ends_at double not null,
  data longtext not null,
  key of_user (user_key),
  key due (expires_at)
) engine = InnoDB row_format = dynamic default character set = utf8mb4 collate = utf8mb4_bin;
`,
    `create table if not exists ${marks} (
  user_key binary(32) not null,
  except_id varbinary(32) not null,
  ended_at double not null,
  primary key (user_key, except_id),
  key due (ended_at)
) engine = InnoDB row_format = dynamic default character set = utf8mb4 collate = utf8mb4_bin;
`,
  ];
}
