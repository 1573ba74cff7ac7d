// Finds the command, runs it, and turns whatever happens into an exit code and a sentence.

import { type Command, messageOf, UsageError } from "./command.ts";
import { doctor } from "./commands/doctor.ts";
import { end } from "./commands/end.ts";
import { list } from "./commands/list.ts";
import { schema } from "./commands/schema.ts";
import { show } from "./commands/show.ts";
import { stats } from "./commands/stats.ts";
import { sweep } from "./commands/sweep.ts";
import type { Terminal } from "./terminal.ts";

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ list, show, end, sweep, stats, schema, doctor }),
);

const HELP = `vestiaire COMMAND [--store URL] …

${[...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`).join("\n")}

vestiaire COMMAND --help says more. The store is the one that --store names, or the variable VESTIAIRE_STORE.
Exit codes: 0, 1 for a problem, 2 for arguments that make no sense.`;

/** Answers the exit code: 0, 1 for a problem, 2 for arguments that make no sense. */
export async function run([name, ...args]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === "--help" || name === "-h" || name === "help") {
    terminal.print(HELP);
    return 0;
  }
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (command === undefined) {
    terminal.note(HELP);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    terminal.print(command.help);
    return 0;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    if (error instanceof UsageError || isFromParseArgs(error)) {
      terminal.note(`${error.message}\nvestiaire ${name} --help says more.`);
      return 2;
    }
    terminal.note(messageOf(error));
    return 1;
  }
}

function isFromParseArgs(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
