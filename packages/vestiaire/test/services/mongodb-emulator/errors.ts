// The errors of the emulator: MongoDB's own, with its codes, and the one for whatever the emulator does not know. It
// never ignores what it does not know.

import type { Document } from "mongodb";

export class CommandError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** For what MongoDB would do and the emulator cannot. */
export function refuse(what: string): CommandError {
  return new CommandError(238, `The emulator does not know ${what}.`);
}

/** As the reply to a command. */
export function errorReply(error: unknown): Document {
  const code = error instanceof CommandError ? error.code : 1;
  return { ok: 0, code, errmsg: error instanceof Error ? error.message : String(error) };
}
