// Shows that long work goes on: a bar that moves where people look, otherwise a line every few seconds for a log. How much
// there is to do is not known beforehand, so the bar does not fill.

import { count, type Terminal } from "./terminal.ts";

const WIDTH = 24;
const BLOCK = 6;
const FRAME = 100;
const LINE = 5_000;

export class Progress {
  readonly #terminal: Terminal;
  readonly #verb: string;
  readonly #thing: string;
  readonly #interval: number;
  #shownAt = performance.now();
  #frame = 0;

  /** Says `VERB 1,200 THINGs …` as the work goes on. */
  constructor(terminal: Terminal, verb: string, thing: string) {
    this.#terminal = terminal;
    this.#verb = verb;
    this.#thing = thing;
    this.#interval = terminal.isInteractive ? FRAME : LINE;
  }

  update(done: number): void {
    const now = performance.now();
    if (now - this.#shownAt < this.#interval) return;
    this.#shownAt = now;
    const line = `${this.#verb} ${count(done, this.#thing)} …`;
    if (this.#terminal.isInteractive) this.#terminal.showProgress(`${this.#bar()} ${line}`);
    else this.#terminal.note(line);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#frame > 0) this.#terminal.showProgress("");
  }

  #bar(): string {
    const way = WIDTH - BLOCK;
    const at = way - Math.abs((this.#frame % (2 * way)) - way);
    this.#frame += 1;
    return `[${" ".repeat(at)}${"=".repeat(BLOCK)}${" ".repeat(way - at)}]`;
  }
}
