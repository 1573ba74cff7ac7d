// `vestiaire stats`: how many sessions there are, whose, and how large.

import { parseArgs } from "node:util";
import type { SessionRecord } from "../../core/record.ts";
import { type Command, checkArguments, STORE_HELP, STORE_OPTIONS } from "../command.ts";
import { Progress } from "../progress.ts";
import { sizeOf } from "../record.ts";
import { type OpenedStore, storeUrl, withStore } from "../store.ts";
import { moment, quoted, type Terminal } from "../terminal.ts";

const TOP = 10;

export const stats: Command = {
  summary: "count the sessions",
  help: `vestiaire stats [--store URL] [--json]

Reads all sessions, and shows how many are live, how many of these are signed in, how many have expired and were not
removed yet, how large they are, and who has the most. While sessions come and go the figures are approximate.

${STORE_HELP}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: STORE_OPTIONS });
    checkArguments(positionals, []);
    return withStore(storeUrl(values.store), async (opened) => {
      const figures = await countAll(opened, terminal);
      if (values.json) terminal.print(JSON.stringify(figures));
      else for (const text of linesFor(figures)) terminal.print(text);
      return 0;
    });
  },
};

interface Figures {
  readonly live: number;
  readonly signedIn: number;
  readonly anonymous: number;
  /** Not removed yet. */
  readonly expired: number;
  readonly users: number;
  /** Of keys and values, of the live ones. */
  readonly bytes: number;
  readonly largestBytes: number;
  /** When the oldest live one was made; `null` when there is none. */
  readonly oldest: number | null;
  readonly topUsers: readonly { readonly userId: string; readonly sessions: number }[];
}

async function countAll(opened: OpenedStore, terminal: Terminal): Promise<Figures> {
  const now = Date.now();
  const progress = new Progress(terminal, "Read", "session");
  const sessionsOf = new Map<string, number>();
  let live = 0;
  let signedIn = 0;
  let expired = 0;
  let bytes = 0;
  let largestBytes = 0;
  let oldest = Number.POSITIVE_INFINITY;
  const add = (record: SessionRecord) => {
    const { userId, createdAt } = record;
    live += 1;
    const size = sizeOf(record);
    bytes += size;
    largestBytes = Math.max(largestBytes, size);
    oldest = Math.min(oldest, createdAt);
    if (userId === null) return;
    signedIn += 1;
    sessionsOf.set(userId, (sessionsOf.get(userId) ?? 0) + 1);
  };
  try {
    // In 1970 those that have expired since were live.
    for await (const records of opened.pages(0)) {
      for (const record of records) {
        if (record.expiresAt > now) add(record);
        else expired += 1;
      }
      progress.update(live + expired);
    }
  } finally {
    progress.end();
  }
  const ranked = [...sessionsOf].sort(([, a], [, b]) => b - a).slice(0, TOP);
  return {
    live,
    signedIn,
    anonymous: live - signedIn,
    expired,
    users: sessionsOf.size,
    bytes,
    largestBytes,
    oldest: live === 0 ? null : oldest,
    topUsers: ranked.map(([userId, sessions]) => ({ userId, sessions })),
  };
}

function linesFor(figures: Figures): string[] {
  const { live, signedIn, anonymous, expired, users, bytes, largestBytes, oldest, topUsers } = figures;
  const average = live === 0 ? 0 : Math.round(bytes / live);
  const number = (value: number) => value.toLocaleString("en");
  const fields = {
    live: `${number(live)} (${number(signedIn)} signed in, ${number(anonymous)} anonymous)`,
    expired: `${number(expired)} not removed yet`,
    users: number(users),
    bytes: `${number(bytes)} (${number(average)} on average, ${number(largestBytes)} at most)`,
    oldest: oldest === null ? "-" : moment(oldest),
  };
  return [
    ...Object.entries(fields).map(([name, text]) => `${name.padEnd(10)} ${text}`),
    ...topUsers.map(
      ({ userId, sessions }, at) =>
        `${(at === 0 ? "most" : "").padEnd(10)} ${number(sessions)} ${quoted(userId)}`,
    ),
  ];
}
