// What `vestiaire doctor` finds out about an engine. A store may have an `inspect` beside it that looks at the settings
// on which its promises rest; it is no part of the contract.

/** One thing that was looked at. */
export interface Finding {
  /** What it is about, in a word. */
  readonly check: string;
  /** A `warning` is a choice that people may have made on purpose; a `problem` is none. */
  readonly verdict: "ok" | "warning" | "problem";
  /** What is so and, unless it is well, what to do. For people. */
  readonly message: string;
}

export const finding = (verdict: Finding["verdict"], check: string, message: string): Finding => ({
  check,
  verdict,
  message,
});

/** Milliseconds. The engines wait a minute before they remove what has expired. */
const NOTABLE = 5_000;
const HARMFUL = 60_000;

/** How far an engine's clock is from this machine's. `ask` answers its time, in milliseconds since 1970. */
export async function inspectClock(ask: () => Promise<number>): Promise<Finding> {
  const before = Date.now();
  const time = await ask();
  const skew = Math.round(time - (before + Date.now()) / 2);
  const seconds = `${(Math.abs(skew) / 1_000).toFixed(1)} s ${skew < 0 ? "behind" : "ahead of"} this machine's`;
  if (Math.abs(skew) < NOTABLE)
    return finding("ok", "clock", "The server's clock agrees with this machine's.");
  const message = `The server's clock is ${seconds}. Let both follow an NTP server.`;
  if (Math.abs(skew) < HARMFUL) return finding("warning", "clock", message);
  return finding("problem", "clock", `${message} Sessions may be removed too early, or stay too long.`);
}
