// The floor of PostgreSQL: one SELECT of a row by its key, and one UPDATE for a write, both prepared, through a pool as
// large as Vestiaire's.

import pg from "pg";
import { STORED } from "../../packages/vestiaire/src/stores/postgres/row.ts";
import { postgresStore, schema } from "../../packages/vestiaire/src/stores/postgres.ts";
import { serveFloor } from "./floor-app.ts";
import { engine } from "./serve.ts";

const table = "floor_sessions";
const pool = new pg.Pool({ connectionString: engine, max: 10 });
await pool.query(schema(table));

const select = `select ${STORED} from ${table} where id = $1`;
const update = `update ${table} set data = data || jsonb_build_object($2::text, $3::text) where id = $1`;

serveFloor(postgresStore(pool, { table }), {
  async read(id, key) {
    const { rows } = await pool.query({ name: "read", text: select, values: [id], rowMode: "array" });
    return rows[0] && JSON.parse(rows[0].at(-1))[key];
  },
  write: (id, key, text) => pool.query({ name: "write", text: update, values: [id, key, text] }),
});
