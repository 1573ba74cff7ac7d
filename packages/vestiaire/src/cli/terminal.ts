// Where the CLI reads and writes. Results go to the standard output, everything for people beside them to the standard
// error output. Whatever came from outside is made printable first: a user's name may hold the escape sequences of a
// terminal, or an error that of a server.

import { once } from "node:events";
import { createInterface } from "node:readline/promises";

export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line beside the result. */
  note(line: string): void;
  /** Replaces the line that is shown while work goes on; `""` removes it. */
  showProgress(line: string): void;
  /** Whether people see what is noted, and may answer. */
  readonly isInteractive: boolean;
  /** Whether the answer to the question was yes. */
  confirm(question: string): Promise<boolean>;
}

/** The process's own. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // Whoever reads may have enough, as `head` does.
  stdout.on("error", () => process.exit());
  return {
    print: (line) => stdout.write(`${printable(line)}\n`),
    note: (line) => stderr.write(`${printable(line)}\n`),
    showProgress: (line) => stderr.write(`\r\x1b[K${printable(line)}`),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    async confirm(question) {
      const dialogue = createInterface({ input: stdin, output: stderr });
      // Whoever closes the terminal, or leaves with Ctrl+C, has not agreed.
      const left = once(dialogue, "close").then(() => "");
      const answer = dialogue.question(`${printable(question)} [y/N] `).catch(() => "");
      const agreed = /^y(es)?$/i.test((await Promise.race([answer, left])).trim());
      dialogue.close();
      return agreed;
    },
  };
}

/** The text with everything that does not show, or moves what shows, as JSON's escapes. Line breaks stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** A name that somebody else chose: as it is where it could be nothing else, and quoted otherwise. */
export function quoted(name: string): string {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}.@_+-]*$/u.test(name) ? name : JSON.stringify(name);
}

/** A time in milliseconds since 1970, to the second; the number where no calendar has it. */
export function moment(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${date.toISOString().slice(0, 19)}Z`;
}

/** `1,234 sessions`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}
