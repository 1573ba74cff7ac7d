// Runs the contestants that are Hono applications without a network, each in a process of its own, in turns.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fastest } from "./alone.ts";
import { type Contestant, titleOf } from "./contestants.ts";
import { markdown, median } from "./table.ts";
import type { Direct } from "./without-network.ts";

const TURNS = 5;

export interface DirectRow {
  readonly title: string;
  readonly read: number;
  readonly write: number;
  readonly goal: Contestant["goal"];
}

/** The median over the turns of each turn's fastest tenth: what the work costs when nobody else is at it. */
export async function measureDirect(
  contestants: readonly Contestant[],
  folder: string,
  say: (text: string) => void,
): Promise<DirectRow[]> {
  const samples = new Map<Contestant, Direct[]>(contestants.map((contestant) => [contestant, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const contestant of turn % 2 ? contestants.toReversed() : contestants) {
      const own = join(folder, `direct-${turn}-${contestant.server}`);
      samples.get(contestant)?.push(await run(contestant, own));
    }
    say(`without a network: turn ${turn + 1} of ${TURNS}`);
  }
  return contestants.map((contestant) => {
    const turns = samples.get(contestant) ?? [];
    return {
      title: titleOf(contestant),
      read: median(turns.map(({ read }) => fastest(read))),
      write: median(turns.map(({ write }) => fastest(write))),
      goal: contestant.goal,
    };
  });
}

async function run({ server }: Contestant, folder: string): Promise<Direct> {
  mkdirSync(folder, { recursive: true });
  const child = fork(join(import.meta.dirname, "servers", `${server}.ts`), {
    execArgv: ["--conditions=source"],
    env: { ...process.env, NODE_ENV: "production", BENCH_DIRECT: "1", BENCH_FOLDER: folder },
  });
  const exit = once(child, "exit").then(([code]) => {
    throw new Error(`${server} measured nothing: it exited with ${code}.`);
  });
  const [direct] = (await Promise.race([once(child, "message"), exit])) as [Direct];
  return direct;
}

/** The first row is the bare framework's. */
export function directTable(rows: readonly DirectRow[]): string {
  const [bare] = rows;
  const cells = (own: number, base: number | undefined, goal: number | undefined) => [
    own.toFixed(1),
    base === undefined ? "" : (own - base).toFixed(1),
    goal === undefined ? "" : `≤ ${goal}`,
  ];
  return markdown(
    ["without a network", "read µs", "added", "goal", "write µs", "added", "goal"],
    rows.map((row) => {
      const base = row === bare ? undefined : bare;
      return [
        row.title,
        ...cells(row.read, base?.read, row.goal?.read),
        ...cells(row.write, base?.write, row.goal?.write),
      ];
    }),
  );
}
