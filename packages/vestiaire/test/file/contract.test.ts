// The file store against the store contract, in both durabilities, and compacting at almost every change.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionStore } from "../../src/core/store.ts";
import { fileStore } from "../../src/stores/file/index.ts";
import { testStore } from "../../src/testing/store-contract.ts";
import { smallStore } from "./support.ts";

const openers: Readonly<Record<string, (directory: string) => SessionStore>> = {
  fileStore: (directory) => fileStore(directory),
  "fileStore that outlives a loss of power": (directory) => fileStore(directory, { durability: "power" }),
  "fileStore that compacts at 500 bytes": (directory) => smallStore(directory, 500),
};

for (const [name, open] of Object.entries(openers)) {
  testStore(name, () => {
    const directory = mkdtempSync(join(tmpdir(), "vestiaire-"));
    return {
      store: open(directory),
      reopen: () => open(directory),
      damage: (id) => writeFileSync(join(directory, "sessions", id.slice(0, 2), id), "\nnot a session\n"),
      close: () => rmSync(directory, { recursive: true }),
    };
  });
}
