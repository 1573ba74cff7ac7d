// Walking through all keys, a page at a time, over every node. SCAN promises that a key which is there throughout comes
// at least once, but its positions mean something only to the process that gave them, and a node that takes over may stand
// before those that were walked through: a cursor is good as long as the very same processes are there.

import { hash } from "node:crypto";
import { InvalidValueError } from "../../core/errors.ts";
import type { Node } from "./link.ts";

/** So that a database full of other things costs a bounded time for each page. */
const SCANS = 100;
const LONGEST_SCAN = 1_000;
const CURSOR = /^([0-9a-f]{40})-(\d{1,4})-(\d{1,20})$/;
const LAST_POSITION = 2n ** 64n - 1n;

/** Where a page begins. */
export interface Place {
  /** What the processes of all nodes amount to; empty at the start. */
  readonly processes: string;
  /** Which of them to go on with. */
  readonly index: number;
  readonly position: string;
}

const START: Place = { processes: "", index: 0, position: "0" };

/** Where this cursor leads. Throws `InvalidValueError` for one that no page can have given; empty is the start. */
export function placeIn(cursor: string): Place {
  if (cursor === "") return START;
  const [, processes = "", index = "", position = ""] = CURSOR.exec(cursor) ?? [];
  if (processes === "" || BigInt(position) > LAST_POSITION) {
    throw new InvalidValueError("cursor", "did not come from `list`");
  }
  return { processes, index: Number(index), position };
}

/**
 * What `read` makes of the keys that begin with `start`, from this place on: about `limit`, without `null`. `cursor` is
 * `null` after the last.
 */
export async function scanFrom<T>(
  nodes: readonly Node[],
  place: Place,
  start: string,
  limit: number,
  read: (key: string) => Promise<T | null>,
): Promise<{ found: T[]; cursor: string | null }> {
  const found: T[] = [];
  const all = await inOrder(nodes);
  const processes = hash("sha1", all.map(({ run }) => run).join());
  // Where a node was restarted or replaced, what was told of it is unknown: all over again.
  let { index, position } = place.processes === processes ? place : START;
  let count = limit;
  for (let scans = 0; found.length < limit && scans < SCANS; scans += 1) {
    const current = all[index];
    if (current === undefined) break;
    const { next, keys } = await scan(current.node, position, start, count);
    for (const item of await Promise.all(keys.map(read))) if (item !== null) found.push(item);
    // Where nothing is found, the database is full of other things.
    count = keys.length > 0 ? limit - found.length : Math.min(2 * count, LONGEST_SCAN);
    position = next;
    if (position === "0") index += 1;
  }
  return { found, cursor: all[index] === undefined ? null : `${processes}-${index}-${position}` };
}

/** The texts in a list that Redis answered. */
export function textsIn(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}

/** The nodes, with what names their processes, in an order that lasts as long as these do. */
async function inOrder(nodes: readonly Node[]): Promise<{ node: Node; run: string }[]> {
  const named = nodes.map(async (node) => {
    const [, run = ""] = /run_id:([0-9a-f]{40})/.exec(String(await node.send(["INFO", "server"]))) ?? [];
    return { node, run };
  });
  return (await Promise.all(named)).sort((a, b) => (a.run < b.run ? -1 : 1));
}

async function scan(
  node: Node,
  position: string,
  start: string,
  count: number,
): Promise<{ next: string; keys: string[] }> {
  const pattern = `${start.replace(/[\\*?[\]^-]/g, "\\$&")}*`;
  const reply = await node.send(["SCAN", position, "MATCH", pattern, "COUNT", String(count)]);
  const [next, keys] = Array.isArray(reply) ? reply : [];
  return { next: String(next), keys: textsIn(keys) };
}
