// `vestiaire end`: ends one session, those of a user, or all. They are dead for the very next request.

import { parseArgs } from "node:util";
import type { SessionRecord } from "../../core/record.ts";
import {
  type Command,
  checkArguments,
  Problem,
  STORE_HELP,
  STORE_OPTIONS,
  UsageError,
  userNamed,
} from "../command.ts";
import { Progress } from "../progress.ts";
import { idIn, type OpenedStore, storeUrl, withStore } from "../store.ts";
import { count, quoted, type Terminal } from "../terminal.ts";

export const end: Command = {
  summary: "end a session, a user's sessions, or all",
  help: `vestiaire end ID [--store URL] [--json]
vestiaire end --user NAME [--store URL] [--yes] [--json]
vestiaire end --all [--store URL] [--yes] [--json]

Ends sessions, and says how many. Their owners are signed out with their next request. With --user also sign-ins that are
under way end; with --all sessions that begin meanwhile may stay.

  --user NAME    all sessions of this user
  --all          all sessions of everybody
  --yes          does not ask first; needed where nobody can answer
${STORE_HELP}`,

  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...STORE_OPTIONS,
        user: { type: "string" },
        all: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
      },
    });
    checkArguments(positionals, ["ID"]);
    const [id] = positionals;
    const { user, all, yes } = values;
    if (Number(id !== undefined) + Number(user !== undefined) + Number(all) !== 1) {
      throw new UsageError("Which sessions? Give one of ID, --user NAME and --all.");
    }
    const work =
      id !== undefined ? one(id) : user !== undefined ? ofUser(userNamed(user)) : everybody(terminal);
    return withStore(storeUrl(values.store), async (opened) => {
      if (!yes && work.question !== null && !(await isConfirmed(await work.question(opened), terminal))) {
        terminal.note("Nothing was ended.");
        return 1;
      }
      const ended = await work.end(opened);
      terminal.print(values.json ? JSON.stringify({ ended }) : `Ended ${count(ended, "session")}.`);
      return 0;
    });
  },
};

/** One way to say which sessions. */
interface Work {
  /** What to ask first; `null` where no answer is needed. */
  readonly question: ((opened: OpenedStore) => Promise<string>) | null;
  end(opened: OpenedStore): Promise<number>;
}

function one(text: string): Work {
  const id = idIn(text);
  return {
    question: null,
    async end(opened) {
      const ended = await opened.ask("end the session", (store) => store.delete(id));
      if (ended === null) throw new Problem(`There is no session ${id}.`);
      return 1;
    },
  };
}

function ofUser(user: string): Work {
  return {
    async question(opened) {
      const theirs = await opened.ask("list the user's sessions", (store, now) =>
        store.findByUser(user, now),
      );
      return `End ${count(theirs.length, "session")} of ${quoted(user)}?`;
    },
    async end(opened) {
      const ended = await opened.ask("end the user's sessions", (store, now) =>
        store.deleteByUser(user, now),
      );
      return ended.length;
    },
  };
}

function everybody(terminal: Terminal): Work {
  return {
    question: async () => "End the sessions of everybody?",
    async end(opened) {
      const progress = new Progress(terminal, "Ended", "session");
      let ended = 0;
      try {
        for await (const records of opened.pages(Date.now())) {
          for (const group of groupsOf(records)) {
            ended += await endGroup(opened, group);
            progress.update(ended);
          }
        }
      } finally {
        progress.end();
      }
      return ended;
    },
  };
}

/** As many at once as a driver's connections take in good time. */
const AT_ONCE = 50;

function groupsOf(records: readonly SessionRecord[]): SessionRecord[][] {
  const starts = Array.from({ length: Math.ceil(records.length / AT_ONCE) }, (_, group) => group * AT_ONCE);
  return starts.map((start) => records.slice(start, start + AT_ONCE));
}

async function endGroup(opened: OpenedStore, records: readonly SessionRecord[]): Promise<number> {
  const end = ({ id }: SessionRecord) => opened.ask("end the session", (store) => store.delete(id));
  const answers = await Promise.all(records.map(end));
  return answers.filter((answer) => answer !== null).length;
}

async function isConfirmed(question: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.isInteractive)
    throw new UsageError("Nobody can answer here: give --yes to end them without a question.");
  return terminal.confirm(question);
}
