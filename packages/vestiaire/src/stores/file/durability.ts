// When a change counts as kept. `process` durability trusts the operating system, which outlives every process: a
// change is kept once the system has it, and everything answers at once. `power` durability also outlives the machine's
// loss of power: nothing is acknowledged before the file and the folders it touched are on the disk.

import { close, closeSync, constants, fsync, fsyncSync, open, openSync } from "node:fs";
import { promisify } from "node:util";
import type { Awaitable } from "../../core/store.ts";

export interface Durability {
  /** How many things one operation may write before `settle`: the files stay open until then. */
  readonly most: number;
  /** Takes over and closes a file that was written. */
  written(file: number): void;
  /** Notes that names in this folder came or went. */
  changed(folder: string): void;
  /** Has the file and its folder on the disk before this returns, for what must not overtake them. */
  barrier(file: number, folder: string): void;
  /** Has this file or folder on the disk before this returns. */
  keep(path: string): void;
  /** The answer, as soon as all that was noted since the last call is kept. */
  settle<Answer>(answer: Answer): Awaitable<Answer>;
  /** Forgets what was noted since the last call: the operation failed. */
  drop(): void;
}

export const processDurability: Durability = {
  most: Number.POSITIVE_INFINITY,
  written: (file) => closeSync(file),
  changed() {},
  barrier() {},
  keep() {},
  settle: (answer) => answer,
  drop() {},
};

const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

/** For one store: an operation runs without interruption up to its `settle`, so what was noted is its own. */
export class PowerDurability implements Durability {
  readonly most = 100;
  #files: number[] = [];
  #folders = new Set<string>();

  written(file: number): void {
    this.#files.push(file);
  }

  changed(folder: string): void {
    this.#folders.add(folder);
  }

  barrier(file: number, folder: string): void {
    fsyncSync(file);
    this.keep(folder);
  }

  keep(path: string): void {
    const opened = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
  }

  settle<Answer>(answer: Answer): Awaitable<Answer> {
    const files = this.#files;
    const folders = this.#folders;
    if (files.length === 0 && folders.size === 0) return answer;
    this.#files = [];
    this.#folders = new Set();
    return keep(files, folders).then(() => answer);
  }

  drop(): void {
    for (const file of this.#files) closeSync(file);
    this.#files = [];
    this.#folders.clear();
  }
}

async function keep(files: readonly number[], folders: ReadonlySet<string>): Promise<void> {
  const work = [...files.map(async (file) => file), ...[...folders].map(openFolder)].map(async (opening) => {
    const file = await opening;
    if (file === null) return;
    try {
      await syncFile(file);
    } finally {
      await closeFile(file);
    }
  });
  const failed = (await Promise.allSettled(work)).find((done) => done.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** `null` for a folder that went meanwhile: whoever removed it has seen that it was empty. */
async function openFolder(folder: string): Promise<number | null> {
  try {
    return await openFile(folder, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
