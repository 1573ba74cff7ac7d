// Remembers for a while that all sessions of a user were ended, so that a sign-in that was under way ends as well. One
// file for each user, in a folder for each period; a folder goes as a whole when no sign-in can be that old.

import { constants, existsSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import type { SessionRecord } from "../../core/record.ts";
import { MARK_LIFE } from "../../core/store.ts";
import type { SessionId } from "../../core/token.ts";
import type { Durability } from "./durability.ts";
import { discard, FILE_MODE, makeFolder, names, removeFolder, writtenInPart } from "./files.ts";
import type { Layout } from "./layout.ts";
import { decodeLines, encodeLine } from "./line.ts";

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** This many periods back, a mark may still matter: a sign-in of before it has this long to finish. */
const KEPT = 2;

interface Mark {
  readonly at: number;
  readonly except?: SessionId | undefined;
}

export class Marks {
  readonly #layout: Layout;
  readonly #durability: Durability;

  constructor(layout: Layout, durability: Durability) {
    this.#layout = layout;
    this.#durability = durability;
  }

  add(user: string, mark: Mark): void {
    const folder = this.#folder(periodOf(mark.at));
    const path = `${folder}/${user}`;
    if (!existsSync(path)) {
      makeFolder(folder);
      this.#durability.changed(this.#layout.marks);
      this.#durability.changed(folder);
    }
    const text = encodeLine(JSON.stringify(mark));
    const file = openSync(path, APPEND, FILE_MODE);
    try {
      if (writeSync(file, text) < text.length) throw writtenInPart();
    } finally {
      this.#durability.written(file);
    }
  }

  /** Whether a mark of this user's ends the new session. */
  end(user: string, { id, createdAt }: SessionRecord, now: number): boolean {
    const last = periodOf(now) + 1;
    // The next period too: whoever ends the sessions may have looked at the clock later than whoever makes one.
    for (let period = Math.max(periodOf(createdAt), last - 1 - KEPT); period <= last; period++) {
      const path = `${this.#folder(period)}/${user}`;
      if (!existsSync(path)) continue;
      const marks = marksIn(path);
      if (marks.some(({ at, except }) => createdAt <= at && id !== except)) return true;
    }
    return false;
  }

  /** Removes up to `limit` files of marks that no longer matter, and answers how many there were. */
  sweep(now: number, limit: number): number {
    let removed = 0;
    for (const name of readdirSync(this.#layout.marks)) {
      if (Number(name) >= periodOf(now) - KEPT) continue;
      const folder = `${this.#layout.marks}/${name}`;
      const users = names(folder) ?? [];
      for (const user of users.slice(0, limit - removed)) discard(`${folder}/${user}`);
      removed += Math.min(users.length, limit - removed);
      if (removed === limit) return removed;
      removeFolder(folder);
    }
    return removed;
  }

  #folder(period: number): string {
    return `${this.#layout.marks}/${period}`;
  }
}

/** Damage is a failure here: it may be the mark that ends the session. */
function marksIn(path: string): Mark[] {
  const bytes = readFileSync(path);
  try {
    return decodeLines(bytes).bodies.map((body) => JSON.parse(body));
  } catch (cause) {
    const problem = `${path} is damaged, which says when the user's sessions were ended. It goes within half an hour, or remove it.`;
    throw new Error(problem, { cause });
  }
}

function periodOf(time: number): number {
  return Math.floor(time / MARK_LIFE);
}
