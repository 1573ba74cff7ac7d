// Counts the attempts at each name: nobody tries password after password.

const allowed = 5;
const attempts = new Map<string, number>();

// Everybody starts afresh now and then, and the map does not grow for ever.
setInterval(() => attempts.clear(), 15 * 60_000).unref();

/** Counts an attempt, and says whether it may be made. */
export function mayTry(name: string): boolean {
  const count = (attempts.get(name) ?? 0) + 1;
  attempts.set(name, count);
  return count <= allowed;
}

/** The password was right: those before it were typing mistakes. */
export function wasRight(name: string): void {
  attempts.delete(name);
}
