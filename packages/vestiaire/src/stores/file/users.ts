// Which sessions a user has: a folder for each user, an empty file for each session. An entry is made before its record
// and removed after it, so no living record goes without one. It may outlive the record: readers look at that.

import { hash } from "node:crypto";
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { isSessionId, type SessionId } from "../../core/token.ts";
import type { Durability } from "./durability.ts";
import { discard, FILE_MODE, isCode, makeFolder, names, removeFolder } from "./files.ts";
import type { Layout } from "./layout.ts";

/** Stands for a user in names of files. The JSON text is hashed, since UTF-8 has no lone surrogates to tell apart. */
export function hashUser(userId: string): string {
  return hash("sha256", JSON.stringify(userId), "hex");
}

export class UserIndex {
  readonly #layout: Layout;
  readonly #durability: Durability;

  constructor(layout: Layout, durability: Durability) {
    this.#layout = layout;
    this.#durability = durability;
  }

  has(user: string, id: SessionId): boolean {
    return existsSync(`${this.#layout.users}/${user}/${id}`);
  }

  add(user: string, id: SessionId): void {
    const folder = `${this.#layout.users}/${user}`;
    for (;;) {
      try {
        closeSync(openSync(`${folder}/${id}`, constants.O_WRONLY | constants.O_CREAT, FILE_MODE));
        this.#durability.changed(folder);
        return;
      } catch (error) {
        // There is no folder yet; or it was removed just now, with the user's last session.
        if (!isCode(error, "ENOENT")) throw error;
        makeFolder(folder);
        this.#durability.changed(this.#layout.users);
      }
    }
  }

  remove(user: string, id: SessionId): void {
    const folder = `${this.#layout.users}/${user}`;
    discard(`${folder}/${id}`);
    removeFolder(folder);
  }

  /** The ids that the user's folder names, of sessions that live or not. */
  ids(user: string): SessionId[] {
    const found = names(`${this.#layout.users}/${user}`);
    if (found === null) this.#layout.assertThere();
    return (found ?? []).filter(isSessionId);
  }
}
