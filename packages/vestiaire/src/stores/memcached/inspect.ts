// Whether a memcached is fit to keep sessions, for `vestiaire doctor`.

import { connect } from "node:net";
import { type Finding, finding, inspectClock } from "../../core/inspection.ts";
import { serverIn } from "./items.ts";

const PATIENCE = 2_000;

/** Rejects when the server cannot be reached. */
export async function inspect(url: string): Promise<readonly Finding[]> {
  const [host = "", port] = serverIn(url).split(":");
  const statistics = await ask(host, Number(port));
  const clock = await inspectClock(async () => Number((await ask(host, Number(port))).get("time")) * 1_000);
  const evictions = statistics.get("evictions") ?? "0";
  return [
    clock,
    evictions === "0"
      ? finding("ok", "eviction", "memcached has evicted nothing since it started.")
      : finding(
          "problem",
          "eviction",
          `memcached has evicted ${evictions} items since it started: people were signed out early. Give it more memory (-m).`,
        ),
    finding("warning", "persistence", "memcached keeps nothing: when it restarts, everybody is signed out."),
  ];
}

async function ask(host: string, port: number): Promise<ReadonlyMap<string, string>> {
  const socket = connect(port, host).setEncoding("latin1");
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer within ${PATIENCE} ms`)));
  socket.write("stats\r\nquit\r\n");
  let text = "";
  for await (const piece of socket) text += piece;
  return new Map(
    [...text.matchAll(/^STAT (\S+) (.*?)\r$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}
