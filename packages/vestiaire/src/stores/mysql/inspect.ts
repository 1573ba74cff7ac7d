// Whether a MySQL or MariaDB server is set up to keep sessions, for `vestiaire doctor`.

import { type Finding, finding, inspectClock } from "../../core/inspection.ts";
import { Database } from "./database.ts";

const TIME = "select unix_timestamp(now(6)) * 1000";
const SETTINGS = "select @@global.read_only, @@innodb_flush_log_at_trx_commit";

/** Rejects when the server cannot be reached. */
export async function inspect(url: string): Promise<readonly Finding[]> {
  const database = new Database(url, []);
  try {
    const clock = await inspectClock(async () => Number((await database.rows(TIME, []))[0]?.[0]));
    const [readOnly, flush] = (await database.rows(SETTINGS, []))[0] ?? [];
    return [
      clock,
      Number(readOnly) === 0
        ? finding("ok", "writes", "The server takes writes.")
        : finding(
            "problem",
            "writes",
            "The server is read-only, a replica most likely. Name the primary in the URL.",
          ),
      Number(flush) === 1
        ? finding("ok", "durability", "What is acknowledged survives a crash.")
        : finding(
            "warning",
            "durability",
            `A crash may lose what was acknowledged: innodb_flush_log_at_trx_commit is ${flush}. Set it to 1.`,
          ),
    ];
  } finally {
    await database.close();
  }
}
