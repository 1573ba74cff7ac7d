// Waiting for another process that holds the database. SQLite's own time-out would put the whole process to sleep, so it
// is off: here only the call that was locked out waits, and everything else goes on.

// Less than the core's deadline for a call: a lock is told as what it is, and not taken for a store that hangs.
const PATIENCE = 1_500;
const LONGEST_PAUSE = 25;

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

/** Whether another connection was in the way, and nothing was done. */
export function isLocked(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  // The upper bits say which kind of busy it was.
  const code = error.errcode & 0xff;
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/**
 * Attempts again, after short pauses of random length, until it is not locked out or 1.5 seconds have passed; then
 * the last error is thrown. Any other error is thrown at once.
 */
export async function whenUnlocked<T>(attempt: () => T): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    try {
      return attempt();
    } catch (error) {
      if (!isLocked(error) || performance.now() > deadline) throw error;
    }
  }
}
