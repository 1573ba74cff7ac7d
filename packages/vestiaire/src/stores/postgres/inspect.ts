// Whether a PostgreSQL database is set up to keep sessions, for `vestiaire doctor`.

import { type Finding, finding, inspectClock } from "../../core/inspection.ts";
import { type Database, databaseOf } from "./database.ts";

const TIME = "select extract(epoch from clock_timestamp()) * 1000";
const SETTINGS = `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on',
  current_setting('synchronous_commit'), current_setting('fsync'), current_setting('default_transaction_isolation')`;

/** Rejects when the server cannot be reached. */
export async function inspect(url: string): Promise<readonly Finding[]> {
  const database = databaseOf(url, false);
  try {
    const clock = await inspectClock(async () => Number((await row(database, TIME))[0]));
    const [readOnly, synchronous, fsync, isolation] = await row(database, SETTINGS);
    return [
      clock,
      readOnly === true
        ? finding(
            "problem",
            "writes",
            "The server is read-only, a replica most likely. Name the primary in the URL.",
          )
        : finding("ok", "writes", "The server takes writes."),
      synchronous === "off" || fsync === "off"
        ? finding(
            "warning",
            "durability",
            `A crash may lose what was acknowledged: synchronous_commit is ${synchronous}, and fsync is ${fsync}. Set both to on.`,
          )
        : finding("ok", "durability", "What is acknowledged survives a crash."),
      isolation === "read committed"
        ? finding("ok", "isolation", "Transactions are isolated as the store needs them.")
        : finding(
            "problem",
            "isolation",
            `default_transaction_isolation is ${isolation}; changes at the same time would fail. Set it to read committed for this user.`,
          ),
    ];
  } finally {
    await database.close();
  }
}

async function row(database: Database, text: string): Promise<readonly unknown[]> {
  return (await database.query({ name: "vestiaire_inspect", text }, []))[0] ?? [];
}
