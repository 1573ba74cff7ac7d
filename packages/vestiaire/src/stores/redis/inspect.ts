// Whether a Redis is set up to keep sessions, for `vestiaire doctor`.

import { type Finding, finding, inspectClock } from "../../core/inspection.ts";
import type { Node } from "./link.ts";
import { linkTo } from "./own.ts";

/** Looks at every server that holds keys. Rejects when one cannot be reached. */
export async function inspect(url: string): Promise<readonly Finding[]> {
  const link = linkTo(url);
  try {
    const nodes = await link.nodes();
    return (await Promise.all(nodes.map(inspectNode))).flat();
  } finally {
    await link.close();
  }
}

async function inspectNode(node: Node): Promise<Finding[]> {
  const about = infoIn(String(await node.send(["INFO"])));
  const clock = await inspectClock(async () => {
    const [seconds, microseconds] = (await node.send(["TIME"])) as unknown[];
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  });
  return [clock, eviction(about), persistence(about)];
}

type Info = ReadonlyMap<string, string>;

function infoIn(text: string): Info {
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

function eviction(about: Info): Finding {
  const policy = about.get("maxmemory_policy") ?? "unknown";
  if (policy === "noeviction") return finding("ok", "eviction", "Redis evicts no session (noeviction).");
  const remedy = `maxmemory-policy is ${policy}. Set it to noeviction: then writes fail when the memory is full, and nobody is signed out.`;
  if (about.get("maxmemory") === "0") {
    return finding("warning", "eviction", `Nothing is evicted only because maxmemory is not set. ${remedy}`);
  }
  const evicted = about.get("evicted_keys") ?? "0";
  return finding(
    "problem",
    "eviction",
    `When its memory is full, Redis signs people out silently; it has evicted ${evicted} keys since it started. ${remedy}`,
  );
}

function persistence(about: Info): Finding {
  if (about.get("aof_enabled") === "1") {
    return finding("ok", "persistence", "Redis keeps a log of every change (appendonly).");
  }
  return finding(
    "warning",
    "persistence",
    "A restart loses what has changed since the last snapshot, and ended sessions come back; without snapshots all are gone. Set appendonly to yes.",
  );
}
