// From samples to tables.

import { type Contestant, titleOf } from "./contestants.ts";
import type { ScaleRow } from "./scale.ts";
import type { CpuTime } from "./server-process.ts";

export type Kind = "read" | "write";
export const kinds: readonly Kind[] = ["read", "write"];

export interface Sample {
  readonly kind: Kind;
  readonly round: number;
  readonly perSecond: number;
  /** CPU time for each request. */
  readonly cpu: CpuTime;
  /** The same of the bare framework, measured right before; `null` for the bare ones. */
  readonly bare: CpuTime | null;
  /** The same of the floor, if there is one to compare with. */
  readonly floor: CpuTime | null;
}

/** Medians over the rounds; `null` for what a bare framework has not. */
interface Figures {
  readonly perSecond: number;
  readonly cpu: number;
  /** CPU time beyond the bare framework's, in all and outside of the kernel, and as its multiple, pair by pair. */
  readonly added: number | null;
  readonly addedUser: number | null;
  readonly times: number | null;
  /** CPU time beyond the floor's, pair by pair; `null` where there is none. */
  readonly aboveFloor: number | null;
  /** From the floor if there is one, otherwise from the bare framework. */
  readonly goal: number | null;
}

export interface Row {
  readonly title: string;
  readonly onEngine: boolean;
  readonly read: Figures | null;
  readonly write: Figures | null;
}

interface Measured {
  readonly contestant: Contestant;
  readonly samples: readonly Sample[];
}

export function summarize(measured: readonly Measured[]): Row[] {
  return measured.map((one) => ({
    title: titleOf(one.contestant),
    onEngine: one.contestant.engine !== undefined,
    read: figures(one, "read"),
    write: figures(one, "write"),
  }));
}

function figures({ contestant, samples }: Measured, kind: Kind): Figures | null {
  const own = samples.filter((sample) => sample.kind === kind);
  if (own.length === 0) return null;
  const pairs = own.flatMap(({ cpu, bare }) => (bare === null ? [] : [{ cpu, bare }]));
  const above = own.flatMap(({ cpu, floor }) => (floor === null ? [] : [cpu.total - floor.total]));
  const overPairs = (compare: (cpu: CpuTime, bare: CpuTime) => number) =>
    pairs.length === 0 ? null : median(pairs.map(({ cpu, bare }) => compare(cpu, bare)));
  return {
    perSecond: median(own.map(({ perSecond }) => perSecond)),
    cpu: median(own.map(({ cpu }) => cpu.total)),
    added: overPairs((cpu, bare) => cpu.total - bare.total),
    addedUser: overPairs((cpu, bare) => cpu.user - bare.user),
    times: overPairs((cpu, bare) => cpu.total / bare.total),
    aboveFloor: above.length === 0 ? null : median(above),
    goal: contestant.goal?.[kind] ?? null,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + (sorted[Math.floor(middle)] ?? lower)) / 2;
}

/** Those whose sessions are within the server's own reach. */
export function speedTable(rows: readonly Row[]): string {
  const head = [
    "",
    "reads/s",
    "CPU µs",
    "added",
    "of it user",
    "× bare",
    "goal",
    "writes/s",
    "CPU µs",
    "added",
    "of it user",
    "× bare",
    "goal",
  ];
  const cells = (figures: Figures | null) =>
    figures === null
      ? ["", "", "", "", "", ""]
      : [
          Math.round(figures.perSecond).toLocaleString("en"),
          figures.cpu.toFixed(1),
          figures.added?.toFixed(1) ?? "",
          figures.addedUser?.toFixed(1) ?? "",
          figures.times?.toFixed(2) ?? "",
          figures.goal === null ? "" : `≤ ${figures.goal}`,
        ];
  return markdown(
    head,
    rows
      .filter(({ onEngine }) => !onEngine)
      .map((row) => [row.title, ...cells(row.read), ...cells(row.write)]),
  );
}

/** Those whose sessions are in an engine; empty when there are none. */
export function engineTable(rows: readonly Row[]): string {
  const columns = ["CPU µs", "added", "above the floor", "goal"];
  const cells = (figures: Figures | null) => {
    if (figures === null) return ["", "", "", "", ""];
    const { perSecond, cpu, added, aboveFloor, goal } = figures;
    return [
      Math.round(perSecond).toLocaleString("en"),
      cpu.toFixed(1),
      added?.toFixed(1) ?? "",
      aboveFloor?.toFixed(1) ?? "",
      goal === null ? "" : `≤ ${aboveFloor === null ? "" : "floor + "}${goal}`,
    ];
  };
  const shown = rows.filter(({ onEngine }) => onEngine);
  if (shown.length === 0) return "";
  return markdown(
    ["sessions in an engine", "reads/s", ...columns, "writes/s", ...columns],
    shown.map((row) => [row.title, ...cells(row.read), ...cells(row.write)]),
  );
}

export function scaleTable(rows: readonly ScaleRow[]): string {
  return markdown(
    ["store", "what", "sessions", "time", "calls to the file system"],
    rows.map(({ store, what, sessions, value, unit, calls }) => [
      store,
      what,
      sessions.toLocaleString("en"),
      `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en")} ${unit}`,
      calls === null ? "" : calls.toLocaleString("en"),
    ]),
  );
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
