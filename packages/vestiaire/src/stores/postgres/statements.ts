// Everything that the PostgreSQL store ever says to PostgreSQL. Each statement is its own transaction and leaves nothing
// in the connection. Every parameter is text, a number, a boolean or null, so that both drivers write it the same way.

import { hash } from "node:crypto";
import { ENDED, PATCHED } from "./feed.ts";
import { STORED } from "./row.ts";
import type { TableNames } from "./schema.ts";

export interface Statement {
  /** The same for the same text, everywhere: prepared statements are told apart by it. */
  readonly name: string;
  readonly text: string;
}

export type Statements = ReturnType<typeof statementsFor>;

/** `notify`: whether patches tell, as endings always do. */
export function statementsFor({ sessions, marks, channel }: TableNames, notify: boolean) {
  const tell = (sign: string, id = "id") => `pg_notify('${channel}', '${sign}' || ${id})`;
  const told = notify ? `, ${tell(PATCHED, "s.id")}` : "";
  // A damaged row is not patched: it is gone already.
  const live = "s.id = $1 and s.expires_at > $2::bigint and jsonb_typeof(s.data) = 'object'";
  // What is not named stays: `coalesce` and `greatest` pass over null.
  const change = `
    data = case when $3::boolean then
      (case when $4::boolean then '{}' else s.data - array(select jsonb_array_elements_text($5::text::jsonb)) end)
      || $6::text::jsonb else s.data end,
    revision = s.revision + $3::boolean::int,
    secret_hash = coalesce($7::text, s.secret_hash),
    previous_hash = case when $7::text is null then s.previous_hash else $8::text end,
    previous_until = case when $7::text is null then s.previous_until else $9::bigint end,
    retired_hash = case when $7::text is null then s.retired_hash else $10::text end,
    expires_at = greatest(s.expires_at, $11::bigint),
    last_seen_at = greatest(s.last_seen_at, $12::bigint)`;

  return {
    find: statement(`select ${STORED} from ${sessions} where id = $1 and expires_at > $2::bigint`),
    create: statement(`
      insert into ${sessions} (id, user_id, revision, secret_hash, previous_hash, previous_until, retired_hash,
        persistent, created_at, last_seen_at, expires_at, ends_at, data, due_at)
      values ($1, $2, $3::bigint, $4, $5, $6::bigint, $7, $8::boolean, $9::bigint, $10::bigint, $11::bigint,
        $12::bigint, $13::text::jsonb, $11::bigint)
      on conflict (id) do nothing returning id`),
    endIfMarked: statement(`
      with mark as (select from ${marks} where user_id = $2 and at >= $3::bigint and except_id <> $1),
        undone as (delete from ${sessions} where id = $1 and exists (select from mark))
      select true from mark limit 1`),
    patch: statement(`update ${sessions} as s set ${change} where ${live} returning s.id${told}`),
    // The row is locked first. Otherwise a session that ends meanwhile would look like a conflict.
    patchWhen: statement(`
      with found as materialized (
          select s.id, s.revision = coalesce($13::bigint, s.revision)
            and s.secret_hash = coalesce($14::text, s.secret_hash) as met
          from ${sessions} as s where ${live} for no key update),
        patched as (update ${sessions} as s set ${change}
          from found where s.id = found.id and found.met returning s.id${told})
      select found.met from found`),
    delete: statement(`delete from ${sessions} where id = $1 returning ${STORED}, ${tell(ENDED)}`),
    ofUser: statement(`select ${STORED} from ${sessions} where user_id = $1 and expires_at > $2::bigint`),
    mark: statement(`insert into ${marks} (user_id, except_id, at) values ($1, $2, $3::bigint)`),
    // In order, so that two of them cannot wait for each other.
    deleteOfUser: statement(`
      with doomed as materialized (
          select id from ${sessions} where user_id = $1 and id <> $2 order by id for update),
        ended as (delete from ${sessions} as s using doomed where s.id = doomed.id returning s.id)
      select id, ${tell(ENDED)} from ended`),
    page: statement(
      `select ${STORED} from ${sessions} where id > $1 and expires_at > $2::bigint order by id limit $3::bigint`,
    ),
    // A session that lives on is due again when it expires by now: visits do not touch the index.
    sweep: statement(`
      with due as materialized (
          select id, expires_at from ${sessions} where due_at <= $1::bigint
          order by due_at limit $2::bigint for update skip locked),
        swept as (delete from ${sessions} as s using due
          where s.id = due.id and due.expires_at <= $1::bigint returning s.id),
        spared as (update ${sessions} as s set due_at = due.expires_at from due
          where s.id = due.id and due.expires_at > $1::bigint),
        forgotten as (delete from ${marks} where ctid = any (array(
          select ctid from ${marks} where at < $3::bigint limit $2::bigint for update skip locked)))
      select (select count(*) from due), (select count(*) from swept)`),
  };
}

function statement(text: string): Statement {
  return { name: `vestiaire_${hash("sha256", text).slice(0, 32)}`, text };
}
