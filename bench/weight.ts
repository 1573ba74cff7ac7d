// What a session library weighs before it does anything: what comes with it into `node_modules`, how many modules an
// import loads, and how long that takes in a new process. Vestiaire is measured as it is published, built.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { markdown, median } from "./table.ts";

export interface Weight {
  readonly title: string;
  /** With everything that it depends on, itself included. The framework and the driver are not, as they are there. */
  readonly packages: number;
  readonly bytes: number;
  /** What an import loads, and the median of its milliseconds. */
  readonly modules: number;
  readonly milliseconds: number;
}

interface Candidate {
  readonly title: string;
  /** What an application installs for its sessions. */
  readonly packages: readonly string[];
  readonly imports: readonly string[];
}

const candidates: readonly Candidate[] = [
  { title: "Vestiaire (Hono, file)", packages: ["vestiaire"], imports: ["vestiaire/hono", "vestiaire/file"] },
  {
    title: "Vestiaire (Express, Redis)",
    packages: ["vestiaire"],
    imports: ["vestiaire/express", "vestiaire/redis"],
  },
  ...alone("hono-sessions"),
  ...alone("iron-session"),
  ...alone("express-session"),
  ...alone("express-session", "session-file-store"),
  ...alone("express-session", "connect-redis"),
  ...alone("express-session", "connect-pg-simple"),
  ...alone("@fastify/cookie", "@fastify/session"),
  ...alone("@fastify/secure-session"),
  ...alone("better-auth"),
];

const root = fileURLToPath(new URL("..", import.meta.url));
const library = join(root, "packages/vestiaire");

/** Builds the library, then weighs everyone: `rounds` new processes each, in turns. */
export function weighAll(rounds: number, say: (text: string) => void): Weight[] {
  say("what each takes to install and to import");
  execFileSync("npx", ["tsc", "--project", "tsconfig.build.json"], { cwd: library, stdio: "inherit" });
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { imports }] of candidates.entries()) times[index]?.push(timeOf(imports));
  }
  return candidates.map(({ title, packages, imports }, index) => {
    const folders = [...closure(packages)];
    return {
      title,
      packages: folders.length,
      bytes: folders.reduce((sum, folder) => sum + sizeOf(folder), 0),
      modules: modulesOf(imports),
      milliseconds: median(times[index] ?? []),
    };
  });
}

export function weightTable(weights: readonly Weight[]): string {
  return markdown(
    ["sessions of", "packages", "installed kB", "modules loaded", "import ms"],
    weights.map(({ title, packages, bytes, modules, milliseconds }) => [
      title,
      String(packages),
      Math.round(bytes / 1_000).toLocaleString("en"),
      String(modules),
      milliseconds.toFixed(1),
    ]),
  );
}

function alone(...packages: readonly string[]): Candidate[] {
  return [{ title: packages.join(" + "), packages, imports: packages }];
}

/** The folders of these packages and of all that they depend on, each once. */
function closure(names: readonly string[], from = import.meta.url, found = new Set<string>()): Set<string> {
  for (const name of names) {
    const folder = folderOf(name, from);
    if (folder === null || found.has(folder)) continue;
    found.add(folder);
    const manifest = join(folder, "package.json");
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { dependencies?: object };
    closure(Object.keys(dependencies), manifest, found);
  }
  return found;
}

/** `null` for an optional package that is not installed. */
function folderOf(name: string, from: string): string | null {
  if (name === "vestiaire") return library;
  const places = createRequire(from).resolve.paths(name) ?? [];
  return (
    places.map((place) => join(place, name)).find((folder) => isThere(join(folder, "package.json"))) ?? null
  );
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What npm unpacks: for Vestiaire, what its manifest publishes. */
function sizeOf(folder: string): number {
  const published = new Set(["dist", "src", "LICENSE", "README.md", "package.json"]);
  const entries = readdirSync(folder).filter((entry) =>
    folder === library ? published.has(entry) : entry !== "node_modules",
  );
  return entries.reduce((sum, entry) => sum + bytesBelow(join(folder, entry)), 0);
}

function bytesBelow(path: string): number {
  const { size } = statSync(path);
  if (!statSync(path).isDirectory()) return size;
  return readdirSync(path).reduce((sum, entry) => sum + bytesBelow(join(path, entry)), 0);
}

const IMPORT = (imports: readonly string[]) =>
  imports.map((name) => `await import(${JSON.stringify(name)});`).join("");

/**
 * Milliseconds from the first import to the last in a new process, whose files the system has read before, and which has
 * loaded what every server needs anyway.
 */
function timeOf(imports: readonly string[]): number {
  return Number(
    answerOf(
      `import "node:http"; const start = performance.now(); ${IMPORT(imports)} console.log(performance.now() - start)`,
    ),
  );
}

function modulesOf(imports: readonly string[]): number {
  const counted = `
    import { registerHooks } from "node:module";
    const files = new Set();
    registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files.add(url); return next(url, context); } });
    ${IMPORT(imports)}
    console.log(files.size);`;
  return Number(answerOf(counted));
}

function answerOf(program: string): string {
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: join(root, "bench"),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return said.trim().split("\n").at(-1) ?? "";
}
