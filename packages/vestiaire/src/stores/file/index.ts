// The store that keeps sessions in a directory on this machine's disk: no daemon, several processes, readable files.
// `docs` and the head of `layout.ts` say what lies where.

import { ConfigurationError } from "../../core/errors.ts";
import type { SessionStore } from "../../core/store.ts";
import { PowerDurability, processDurability } from "./durability.ts";
import { Layout } from "./layout.ts";
import { SessionLog } from "./log.ts";
import { FileStore } from "./store.ts";

/** How the files are written. */
export interface FileStoreOptions {
  /**
   * What an acknowledged change outlives: `"process"` (the default) the end of any process, by SIGKILL too; `"power"`
   * also the machine's loss of power, at the price of a wait for the disk with every change.
   */
  readonly durability?: "process" | "power";
}

/**
 * A store in a directory, which is made if there is none. Any number of processes of this machine may use it at once.
 * Throws `ConfigurationError` when the directory cannot serve: it is not empty and not a store's, cannot be written, or
 * is on a network file system. Later failures of the disk are `StoreError`s, and change no session.
 */
export function fileStore(directory: string, options: FileStoreOptions = {}): SessionStore {
  const { durability = "process" } = options;
  if (durability !== "process" && durability !== "power") {
    throw new ConfigurationError(
      `durability must be "process" or "power". It was ${JSON.stringify(durability)}.`,
    );
  }
  const kept = durability === "power" ? new PowerDurability() : processDurability;
  const layout = new Layout(directory, kept);
  return new FileStore(layout, kept, new SessionLog(layout, kept));
}
