// Whether a place on this machine's disk is fit for sessions, be it the file store's folder or an SQLite file.

import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Finding, finding } from "../core/inspection.ts";
import { remoteFileSystem } from "../stores/file/layout.ts";

/** Of all users but the owner. */
const OTHERS = 0o077;
const NEARLY_FULL = 0.05;

/** By the number that Linux gives them. */
const PASSING: ReadonlyMap<number, string> = new Map([
  [0x01021994, "in memory (tmpfs): the sessions go when the machine restarts"],
  [0x858458f6, "in memory (ramfs): the sessions go when the machine restarts"],
  [
    0x794c7630,
    "in a container's own layer (overlayfs): unless that is kept, the sessions go with the container",
  ],
]);

export async function inspectDisk(path: string): Promise<readonly Finding[]> {
  const stats = statSync(path);
  const folder = stats.isDirectory() ? path : dirname(path);
  return [permissions(path, stats.mode), owner(path, stats.uid), ...fileSystem(folder)].filter(
    (found) => found !== null,
  );
}

function permissions(path: string, mode: number): Finding {
  const bits = (mode & 0o777).toString(8);
  if ((mode & OTHERS) === 0)
    return finding("ok", "permissions", `Only its owner has rights to ${path} (${bits}).`);
  return finding(
    "problem",
    "permissions",
    `Other users of this machine have rights to ${path} (${bits}): chmod go= ${path}`,
  );
}

function owner(path: string, uid: number): Finding | null {
  const user = process.getuid?.();
  if (user === undefined || user === uid) return null;
  return finding(
    "warning",
    "owner",
    `${path} belongs to user ${uid}, and this is user ${user}: run this as the server does, or it cannot use what is made here.`,
  );
}

function fileSystem(folder: string): Finding[] {
  const { type, blocks, bavail, bsize } = statfsSync(folder);
  const found: Finding[] = [];
  if (process.platform === "linux") {
    const remote = remoteFileSystem(type);
    const passing = PASSING.get(type);
    if (remote !== null) {
      const message = `${folder} is on ${remote}, where locks and appends are not safe. Choose a local disk, or a store with a server.`;
      found.push(finding("problem", "disk", message));
    } else if (passing !== undefined) {
      found.push(finding("warning", "disk", `${folder} is ${passing}.`));
    }
  }
  if (bavail < blocks * NEARLY_FULL) {
    const free = Math.floor((bavail * bsize) / 2 ** 20).toLocaleString("en");
    found.push(
      finding(
        "warning",
        "space",
        `The disk is nearly full: ${free} MiB are left. Without space nobody can sign in.`,
      ),
    );
  }
  return found.length > 0 ? found : [finding("ok", "disk", `${folder} is on a local disk with space.`)];
}
