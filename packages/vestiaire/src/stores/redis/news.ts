// Listening to what the scripts publish, over a connection of its own for as long as somebody wants to know. Redis keeps
// nothing for those who are away, so each loss of the connection is a gap.

import type { Ear, Link } from "./link.ts";

const PAUSE = 250;

/**
 * Listens until the answer is called. `onGap` is called whenever something may have been missed: once it listens, and
 * when the connection is lost. Nothing is called after the end.
 */
export function listen(
  link: Link,
  channels: readonly string[],
  onMessage: (message: string) => void,
  onGap: () => void,
): () => void {
  let stopped = false;
  let ear: Ear | null = null;
  let timer: NodeJS.Timeout | undefined;

  const again = () => {
    ear?.close();
    ear = null;
    if (stopped) return;
    // Not all processes at once.
    timer = setTimeout(start, PAUSE * (0.5 + Math.random())).unref();
  };
  const start = async () => {
    let listening = false;
    let lost = false;
    const lose = () => {
      if (lost) return;
      lost = true;
      if (listening && !stopped) onGap();
      again();
    };
    try {
      const mine = await link.ear();
      if (stopped) return;
      ear = mine;
      await mine.listen(channels, (message) => stopped || onMessage(message), lose);
      if (stopped || lost) return;
      listening = true;
      onGap();
    } catch {
      lose();
    }
  };
  void start();

  return () => {
    stopped = true;
    clearTimeout(timer);
    ear?.close();
    ear = null;
  };
}
