// One transaction of SQLite's, with no `await` in it.

import type { DatabaseSync } from "node:sqlite";

/**
 * Does the work in one transaction, and answers what it answers. `"deferred"` reads one state of the database, and
 * `"immediate"` is for changes: it takes the lock at once. Whatever is thrown, also by the commit, undoes the work.
 */
export function inTransaction<T>(db: DatabaseSync, kind: "deferred" | "immediate", work: () => T): T {
  db.exec(`BEGIN ${kind}`);
  try {
    const answer = work();
    db.exec("COMMIT");
    return answer;
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
    throw error;
  }
}
