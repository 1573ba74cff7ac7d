// Everything that the MySQL store ever says to MySQL or MariaDB, in words that both understand. Each statement is its own
// transaction: no lock is held while a client thinks, or has vanished.

import { STORED } from "./row.ts";
import type { TableNames } from "./schema.ts";

export type Statements = ReturnType<typeof statementsFor>;

export function statementsFor({ sessions, marks }: TableNames) {
  return {
    find: `select ${STORED} from ${sessions} where id = ?`,
    create: `insert into ${sessions} (${STORED}, user_key, writes) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
    // A merge patch sets what is text and removes what is null; it looks deeper only into objects, and there are none.
    // A damaged map would merge to NULL: such a row is gone already.
    // `writes` changes with each patch: a client may be set to count the rows that changed, not those that matched.
    patch: `update ${sessions} set
        data = if(?, json_merge_patch(if(?, '{}', data), ?), data),
        revision = revision + ?,
        secret_hash = coalesce(?, secret_hash),
        former_secrets = coalesce(?, former_secrets),
        expires_at = greatest(expires_at, ?),
        last_seen_at = greatest(last_seen_at, ?),
        writes = writes + 1
      where id = ? and expires_at > ? and json_valid(data)
        and revision = coalesce(?, revision) and secret_hash = coalesce(?, secret_hash)`,
    findWithWrites: `select ${STORED}, writes from ${sessions} where id = ?`,
    deleteAsWritten: `delete from ${sessions} where id = ? and writes = ?`,
    delete: `delete from ${sessions} where id = ?`,
    ofUser: `select ${STORED} from ${sessions} where user_key = ? and expires_at > ?`,
    idsOfUser: `select id from ${sessions} where user_key = ? and id <> ?`,
    mark: `insert into ${marks} (user_key, except_id, ended_at) values (?, ?, ?)
      on duplicate key update ended_at = greatest(ended_at, ?)`,
    isMarked: `select 1 from ${marks} where user_key = ? and ended_at >= ? and except_id <> ? limit 1`,
    pruneMarks: `delete from ${marks} where ended_at < ? order by ended_at limit ?`,
    page: `select ${STORED} from ${sessions} where id > ? and expires_at > ? order by id limit ?`,
    sweep: `delete from ${sessions} where expires_at <= ? order by expires_at limit ?`,
    anyExpired: `select 1 from ${sessions} where expires_at <= ? limit 1`,
  };
}
