// A terminal without a screen, for tests that run the CLI in their own process.

import { run } from "../../src/cli/run.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { Outcome } from "./vestiaire.ts";

export interface Script {
  readonly terminal: Terminal;
  readonly printed: string[];
  readonly noted: string[];
  readonly progress: string[];
  readonly questions: string[];
}

/** A terminal, with people at it or not, and what the CLI did there. */
export function terminal(isInteractive: boolean, answer = false): Script {
  const [printed, noted, progress, questions] = [[], [], [], []] as string[][] as [
    string[],
    string[],
    string[],
    string[],
  ];
  const terminal: Terminal = {
    isInteractive,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    showProgress: (line) => progress.push(line),
    async confirm(question) {
      questions.push(question);
      return answer;
    },
  };
  return { terminal, printed, noted, progress, questions };
}

/** Runs the CLI in this process, with nobody at the terminal. */
export async function runHere(args: readonly string[]): Promise<Outcome> {
  const { terminal: screen, printed, noted } = terminal(false);
  const code = await run(args, screen);
  return { code, stdout: printed.join("\n"), stderr: noted.join("\n") };
}
