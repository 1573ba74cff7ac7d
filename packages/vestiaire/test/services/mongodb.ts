// The MongoDB of the tests: `MONGODB_URL`, else what listens on the standard port of this machine, else an emulator of
// ours. Debian has no package of MongoDB, so there must be something. Tests that stop or pause it use the emulator.

import { fileURLToPath } from "node:url";
import { listens, type ServerKind, Service } from "./service.ts";

const STANDARD_PORT = 27_017;
const EMULATOR = fileURLToPath(new URL("mongodb-emulator.ts", import.meta.url));

/** The emulator, which survives being killed. */
export const mongodbEmulator: ServerKind = {
  binaries: [process.execPath],
  howToGet: "There is no Node to run the emulator of MongoDB with.",
  // With this process's own flags: an older Node.js runs TypeScript only if it is told to.
  arguments: (port, folder) => [...process.execArgv, EMULATOR, String(port), folder],
  ready: async (port) => {
    if (!(await listens(port))) throw new Error("The emulator of MongoDB does not listen yet.");
  },
};

/** The address of a database of the tests, on the server on this port of this machine. */
export function urlOf(port: number): string {
  return `mongodb://127.0.0.1:${port}/vestiaire_test`;
}

export interface TestServer {
  readonly url: string;
  /** What it is, in one line, where it is not a real one. */
  readonly notice: string | null;
  stop(): Promise<void>;
}

/** A server for tests that only use it. */
export async function someMongodb(): Promise<TestServer> {
  const url = process.env.MONGODB_URL;
  if (url !== undefined) return { url, notice: null, stop: async () => {} };
  if (await listens(STANDARD_PORT)) return { url: urlOf(STANDARD_PORT), notice: null, stop: async () => {} };
  const service = await Service.start(mongodbEmulator);
  return {
    url: urlOf(service.port),
    notice: "MongoDB: an EMULATOR of its protocol stands in for it. Name a real one in MONGODB_URL.",
    stop: () => service.stop(),
  };
}
