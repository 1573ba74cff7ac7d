// The real CLI as a process of its own, and stores with a few sessions for it to work on.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SessionRecord } from "../../src/core/record.ts";
import { hashSecret, newToken } from "../../src/core/token.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it with nobody at the terminal. `options` are Node.js's. */
export async function vestiaire(
  args: readonly string[],
  { url = "", options = [] as string[] } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [...process.execArgv, ...options, MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, VESTIAIRE_STORE: url, NODE_NO_WARNINGS: "1" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (piece) => {
    stdout += piece;
  });
  child.stderr.setEncoding("utf8").on("data", (piece) => {
    stderr += piece;
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** A session, and the secret that opens it. */
export interface Known {
  readonly record: SessionRecord;
  readonly secret: string;
}

/** A session that began a minute ago. */
export function session(userId: string | null, changes: Partial<SessionRecord> = {}): Known {
  const { id, secret } = newToken();
  const createdAt = Date.now() - 60_000;
  const record: SessionRecord = {
    id,
    revision: 1,
    userId,
    secretHashes: { current: hashSecret(secret), previous: null, retired: hashSecret(`${secret}-`) },
    persistent: false,
    createdAt,
    lastSeenAt: createdAt,
    expiresAt: createdAt + 3_600_000,
    endsAt: createdAt + 3_600_000,
    data: {},
    ...changes,
  };
  return { record, secret };
}
