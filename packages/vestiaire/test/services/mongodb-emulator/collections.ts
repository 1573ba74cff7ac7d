// What the emulator keeps: collections of documents, all in memory, and in a file where it is to survive its own death.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { BSON, type Document } from "mongodb";

export interface Collection {
  documents: Document[];
  indexes: Document[];
}

export class Collections {
  readonly #file: string;
  readonly #byName: Map<string, Collection>;

  constructor(file: string) {
    this.#file = file;
    const kept = existsSync(file) ? BSON.EJSON.parse(readFileSync(file, "utf8"), { relaxed: true }) : [];
    this.#byName = new Map(kept);
  }

  /** Reading one that is not there finds it empty. */
  get(name: string): Collection {
    return this.#byName.get(name) ?? { documents: [], indexes: [] };
  }

  /** To be written to, so it is made when it is not there. */
  open(name: string): Collection {
    const collection = this.get(name);
    this.#byName.set(name, collection);
    return collection;
  }

  drop(name: string): void {
    this.#byName.delete(name);
  }

  /** What a command changed is kept before the command is answered. */
  save(): void {
    const next = `${this.#file}~`;
    writeFileSync(next, BSON.EJSON.stringify([...this.#byName], { relaxed: false }));
    renameSync(next, this.#file);
  }
}
