// `vestiaire list`: the live sessions, all of them or one user's.

import { parseArgs } from "node:util";
import type { SessionRecord } from "../../core/record.ts";
import {
  type Command,
  checkArguments,
  STORE_HELP,
  STORE_OPTIONS,
  userNamed,
  wholeNumber,
} from "../command.ts";
import { HEADING, line, summary } from "../record.ts";
import { type OpenedStore, storeUrl, withStore } from "../store.ts";

const DEFAULT_LIMIT = 100;

export const list: Command = {
  summary: "show the live sessions",
  help: `vestiaire list [--store URL] [--user NAME] [--limit N] [--json]

Shows the live sessions, a line each: all of them in the store's order, or one user's, newest first.

  --user NAME    only the sessions of this user
  --limit N      at most so many; ${DEFAULT_LIMIT} by default
${STORE_HELP}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...STORE_OPTIONS, user: { type: "string" }, limit: { type: "string" } },
    });
    checkArguments(positionals, []);
    const { json } = values;
    const user = values.user === undefined ? null : userNamed(values.user);
    const limit = values.limit === undefined ? DEFAULT_LIMIT : wholeNumber(values.limit, "--limit");
    return withStore(storeUrl(values.store), async (opened) => {
      // One more than is shown tells whether there are more.
      const pages = user === null ? opened.pages(Date.now(), limit + 1) : pageOf(opened, user);
      let found = 0;
      let heading = json ? null : HEADING;
      for await (const records of pages) {
        if (heading !== null) terminal.print(heading);
        heading = null;
        for (const record of records.slice(0, limit - found)) {
          terminal.print(json ? JSON.stringify(summary(record)) : line(record));
        }
        found += records.length;
      }
      if (found > limit) terminal.note(`There are more than ${limit}; --limit shows more.`);
      return 0;
    });
  },
};

async function* pageOf(opened: OpenedStore, user: string): AsyncGenerator<readonly SessionRecord[]> {
  const records = await opened.ask("list the user's sessions", (store, now) => store.findByUser(user, now));
  yield records.toSorted((a, b) => b.createdAt - a.createdAt);
}
