// `vestiaire sweep`: removes expired sessions, a batch at a time. For those who let no server do it.

import { parseArgs } from "node:util";
import { type Command, checkArguments, STORE_HELP, STORE_OPTIONS } from "../command.ts";
import { Progress } from "../progress.ts";
import { BATCH, type OpenedStore, storeUrl, withStore } from "../store.ts";
import { count, type Terminal } from "../terminal.ts";

export const sweep: Command = {
  summary: "remove expired sessions",
  help: `vestiaire sweep [--store URL] [--json]

Removes the sessions that have expired, ${BATCH} at a time, and says how many they were. Servers do it by themselves,
unless they were told not to; some engines do it instead of them. May be interrupted at any time.

${STORE_HELP}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: STORE_OPTIONS });
    checkArguments(positionals, []);
    return withStore(storeUrl(values.store), async (opened) => {
      if (opened.store.sweep === undefined) {
        terminal.note("There is nothing to do: this engine removes expired sessions by itself.");
      }
      const removed = await removeExpired(opened, terminal);
      terminal.print(
        values.json ? JSON.stringify({ removed }) : `Removed ${count(removed, "expired session")}.`,
      );
      return 0;
    });
  },
};

/** Answers how many. */
export async function removeExpired(opened: OpenedStore, terminal: Terminal): Promise<number> {
  const progress = new Progress(terminal, "Removed", "expired session");
  let removed = 0;
  try {
    for (let more = true; more; ) {
      const batch = await opened.ask("remove expired sessions", (store, now) => store.sweep?.(now, BATCH));
      removed += batch?.removed ?? 0;
      more = batch?.more ?? false;
      progress.update(removed);
    }
  } finally {
    progress.end();
  }
  return removed;
}
