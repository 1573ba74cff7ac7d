// The benchmark: every contestant's server is started, checked and warmed up; then all are measured in turns, several
// rounds long, and the medians are printed. After that `scale.ts` measures what grows with the number of sessions.
//
//     npm run bench             everything, about twenty minutes
//     npm run bench quick       whether it works, under a minute (BENCH_QUICK=1 does the same)
//     npm run bench memory      the contestants whose title or server has this in it, and their bare frameworks

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureAlone } from "./alone.ts";
import { type Contestant, contestants, isBare, titleOf } from "./contestants.ts";
import { type DirectRow, directTable, measureDirect } from "./direct.ts";
import { openEngines, type Place } from "./engines.ts";
import { generator, load, type Work } from "./load.ts";
import { pinned } from "./processors.ts";
import { measureScale, type ScaleRow } from "./scale.ts";
import { type CpuTime, ServerProcess } from "./server-process.ts";
import { engineTable, type Kind, kinds, type Sample, scaleTable, speedTable, summarize } from "./table.ts";
import { checkSessions, signInAll } from "./visitors.ts";
import { type Weight, weighAll, weightTable } from "./weight.ts";

const words = process.argv.slice(2);
const quick = process.env.BENCH_QUICK === "1" || words.includes("quick");
const wanted = words.filter((word) => word !== "quick");
const plan = quick
  ? { rounds: 1, seconds: 1, warmUp: 0, visitors: 64, sizes: [10, 1_000], imports: 1 }
  : { rounds: 7, seconds: 1, warmUp: 3, visitors: 30_000, sizes: [10, 10_000, 200_000], imports: 15 };

const results = fileURLToPath(new URL("results/", import.meta.url));

interface Runner {
  readonly contestant: Contestant;
  readonly server: ServerProcess;
  readonly cookies: readonly string[];
  readonly samples: Sample[];
}

const paths: Readonly<Record<Kind, Pick<Work, "method" | "path">>> = {
  read: { method: "GET", path: "/" },
  write: { method: "POST", path: "/seen" },
};

async function main(): Promise<void> {
  mkdirSync(results, { recursive: true });
  const folder = mkdtempSync(join(results, "run-"));
  const runners: Runner[] = [];
  const asked = chosen();
  const places = await openEngines(new Set(asked.flatMap(({ engine }) => engine ?? [])), say);
  const leave = async () => {
    // First, or what is under way would come after the removal.
    await Promise.all(runners.map(({ server }) => server.stop()));
    await Promise.all([...places.values()].map((place) => place.remove()));
  };
  process.on("SIGINT", () => void leave().finally(() => process.exit(130)));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  try {
    for (const contestant of asked) {
      const { engine } = contestant;
      const place = engine && places.get(engine);
      if (engine === undefined || place) runners.push(await prepare(contestant, folder, place));
    }
    for (let round = 0; round < plan.rounds; round++) await measureRound(round, runners, folder);
  } finally {
    await leave();
  }
  const direct = await measureDirect(
    runners.map(({ contestant }) => contestant).filter(isDirect),
    folder,
    say,
  );
  const alone = await measureAlone();
  const scale = wanted.length === 0 ? await measureScale(plan.sizes, folder, say) : [];
  const weights = wanted.length === 0 ? weighAll(plan.imports, say) : [];
  finish(runners, { direct, alone, scale, weights });
}

/** The contestants that were asked for, with the bare frameworks and the floors they are compared with. */
function chosen(): Contestant[] {
  const matches = (contestant: Contestant) =>
    wanted.some((word) => `${titleOf(contestant)} ${contestant.server}`.includes(word));
  const asked = wanted.length === 0 ? contestants : contestants.filter(matches);
  const bases = new Set(asked.flatMap(({ base, floor = base }) => [base, floor]));
  return contestants.filter((each) => asked.includes(each) || bases.has(each.server));
}

/** Whether it is measured without a network too: Vestiaire, and what it is compared with there. */
function isDirect({ name, visitors, engine }: Contestant): boolean {
  return ["Hono", "the floor", "Vestiaire"].includes(name) && visitors === undefined && engine === undefined;
}

async function prepare(contestant: Contestant, folder: string, place?: Place): Promise<Runner> {
  say(`${titleOf(contestant)}: start, check, sign in`);
  const own = join(folder, titleOf(contestant).replaceAll(/\W+/g, "-"));
  const server = await ServerProcess.start(contestant, own, place?.env);
  try {
    await checkSessions(contestant, server.url);
    const cookies = await signInAll(contestant, server.url, plan.visitors);
    const runner = { contestant, server, cookies, samples: [] };
    for (const kind of plan.warmUp > 0 ? kindsOf(contestant) : []) {
      await load({ ...workOf(runner, kind, folder), seconds: plan.warmUp });
    }
    return runner;
  } catch (error) {
    await server.stop();
    throw new Error(`${titleOf(contestant)} does not take part`, { cause: error });
  }
}

/**
 * Every contestant once for each kind of request, each right after its bare framework and its floor, because a machine
 * that others use too changes its speed from minute to minute. The order changes from round to round, so that none is
 * favoured.
 */
async function measureRound(round: number, runners: readonly Runner[], folder: string): Promise<void> {
  const shift = Math.floor((round * runners.length) / plan.rounds);
  const order = [...runners.slice(shift), ...runners.slice(0, shift)];
  if (round % 2 === 1) order.reverse();
  for (const [index, runner] of order.entries()) {
    const { contestant, samples } = runner;
    const before = (server: string | undefined) =>
      isBare(contestant) ? undefined : runners.find((each) => each.contestant.server === server);
    const [base, under] = [before(contestant.base), before(contestant.floor)];
    for (const kind of kindsOf(contestant)) {
      const bare = base ? (await measure(base, kind, folder)).cpu : null;
      const floor = under ? (await measure(under, kind, folder)).cpu : null;
      const { perSecond, cpu } = await measure(runner, kind, folder);
      samples.push({ kind, round, perSecond, cpu, bare, floor });
      say(
        `round ${round + 1}/${plan.rounds}, ${index + 1}/${order.length}: ${titleOf(contestant)}, ` +
          `${kind}: ${Math.round(perSecond)} requests/s, ${cpu.total.toFixed(1)} µs`,
      );
    }
  }
}

async function measure(
  runner: Runner,
  kind: Kind,
  folder: string,
): Promise<{ perSecond: number; cpu: CpuTime }> {
  const before = await runner.server.cpuTime();
  const { requests, perSecond } = await load(workOf(runner, kind, folder));
  const after = await runner.server.cpuTime();
  const cpu = {
    total: (after.total - before.total) / requests,
    user: (after.user - before.user) / requests,
  };
  return { perSecond, cpu };
}

function kindsOf({ readsOnly }: Contestant): readonly Kind[] {
  return readsOnly ? ["read"] : kinds;
}

function workOf({ server, cookies }: Runner, kind: Kind, folder: string): Work {
  return {
    ...paths[kind],
    url: server.url,
    cookies,
    scratch: join(folder, "cookies"),
    seconds: plan.seconds,
  };
}

interface Apart {
  readonly direct: readonly DirectRow[];
  readonly alone: { readonly read: number; readonly write: number };
  readonly scale: readonly ScaleRow[];
  readonly weights: readonly Weight[];
}

function finish(runners: readonly Runner[], { direct, alone, scale, weights }: Apart): void {
  const rows = summarize(runners);
  const about = {
    date: new Date().toISOString(),
    node: process.version,
    processor: cpus()[0]?.model ?? "unknown",
    processors: cpus().length,
    pinned,
    load: generator,
    ...plan,
  };
  const file = join(results, `${about.date.replaceAll(":", "-")}.json`);
  const samples = runners.map(({ contestant, samples }) => ({ title: titleOf(contestant), samples }));
  writeFileSync(
    file,
    `${JSON.stringify({ about, rows, direct, alone, scale, weights, samples }, null, 2)}\n`,
  );
  console.log(
    `\nNode ${about.node}, ${about.processors} × ${about.processor}, ${generator}, ` +
      `${pinned ? "server and load on a processor each" : "processors not pinned"}; ` +
      `medians of ${plan.rounds} rounds of ${plan.seconds} s.\n\n${speedTable(rows)}`,
  );
  const onEngines = engineTable(rows);
  if (onEngines !== "") console.log(`\n${onEngines}`);
  if (direct.length > 0) console.log(`\n${directTable(direct)}`);
  console.log(
    `\nThe library alone, on memory: ${alone.read.toFixed(1)} µs a read, ${alone.write.toFixed(1)} µs a write.`,
  );
  if (scale.length > 0) console.log(`\n${scaleTable(scale)}`);
  if (weights.length > 0) console.log(`\n${weightTable(weights)}`);
  if (quick) console.log("\nA quick run shows that the benchmark works. Its figures mean nothing.");
}

function say(text: string): void {
  console.error(text);
}

await main();
