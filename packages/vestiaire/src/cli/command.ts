// What every command of the CLI is, and what they share in reading their arguments.

import type { Terminal } from "./terminal.ts";

export interface Command {
  /** For the list of commands. */
  readonly summary: string;
  /** All there is to know about its arguments. */
  readonly help: string;
  /**
   * Answers the exit code: 0, or 1 for a problem that was said already. Throws {@link UsageError} and what `parseArgs`
   * throws for arguments that make no sense, and any other error, whose message is for people, for what went wrong.
   */
  run(args: string[], terminal: Terminal): Promise<number>;
}

/** The arguments make no sense. Never repeats an argument: it may be a cookie that was pasted in the wrong place. */
export class UsageError extends Error {}

/** What was asked for cannot be done. The message says why, and what to do. */
export class Problem extends Error {}

/** The options of all commands that use a store. */
export const STORE_OPTIONS = {
  store: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

export const STORE_HELP = `  --store URL    where the sessions are, such as file:./sessions or redis://localhost:6379. Other users of this
                 machine can read it here; the variable VESTIAIRE_STORE is the place for a URL with a password.
  --json         answers in JSON, one object for each line. Times are milliseconds since 1970.`;

export function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (/^\d{1,15}$/.test(text) && number >= 1) return number;
  throw new UsageError(`${option} must be a whole number above 0.`);
}

/** Throws {@link UsageError} when there are more arguments than the command has names for. */
export function checkArguments(positionals: readonly string[], names: readonly string[]): void {
  if (positionals.length <= names.length) return;
  const expected = names.length === 0 ? "no argument" : `only ${names.join(" ")}`;
  throw new UsageError(`There are too many arguments: the command takes ${expected} beside its options.`);
}

export function userNamed(name: string): string {
  if (name !== "") return name;
  throw new UsageError("--user must name somebody.");
}

/** For people. A connection that was refused at each of a host's addresses has no message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
