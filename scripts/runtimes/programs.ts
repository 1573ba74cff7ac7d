// The runtimes as programs. They are heavy, so nobody gets them with the dependencies: each comes from its npm package, in
// this exact version, when it is first run, and stays below `node_modules/.cache`.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const cache = join(root, "node_modules/.cache/runtimes");

interface Pin {
  readonly version: string;
  /** Where the program is in its package. */
  readonly program: string;
  /** The package for each platform that it is run on. */
  readonly packages: Readonly<Record<string, string>>;
}

export const PINS = {
  Deno: {
    version: "2.9.6",
    program: "deno",
    packages: {
      "linux-x64": "@deno/linux-x64-glibc",
      "linux-arm64": "@deno/linux-arm64-glibc",
      "darwin-arm64": "@deno/darwin-arm64",
    },
  },
  Bun: {
    version: "1.4.5",
    program: "bin/bun",
    packages: {
      "linux-x64": "@oven/bun-linux-x64",
      "linux-arm64": "@oven/bun-linux-aarch64",
      "darwin-arm64": "@oven/bun-darwin-aarch64",
    },
  },
  workerd: {
    version: "1.20261117.1",
    program: "bin/workerd",
    packages: {
      "linux-x64": "@cloudflare/workerd-linux-64",
      "linux-arm64": "@cloudflare/workerd-linux-arm64",
      "darwin-arm64": "@cloudflare/workerd-darwin-arm64",
    },
  },
} as const satisfies Record<string, Pin>;

export type RuntimeName = keyof typeof PINS;

const ESBUILD_VERSION = "0.28.2";

/** The path of a program, which is fetched if it is not there yet. Throws for a platform that it is not run on. */
export function programOf(name: RuntimeName): string {
  const { version, program, packages }: Pin = PINS[name];
  const platform = `${process.platform}-${process.arch}`;
  const wanted = packages[platform];
  if (wanted === undefined) throw new Error(`${name} is not run on ${platform}`);
  const path = join(install(`${name}-${version}`, `${wanted}@${version}`), wanted, program);
  chmodSync(path, 0o755);
  return path;
}

/** What is used here of esbuild, with which `wrangler` too makes one file of a worker's modules. */
export interface Esbuild {
  build(options: {
    readonly [option: string]: unknown;
    readonly plugins: readonly { readonly name: string; setup(build: EsbuildHooks): void }[];
  }): Promise<unknown>;
}

export interface EsbuildHooks {
  onResolve(
    which: { readonly filter: RegExp },
    resolve: (asked: { readonly path: string; readonly importer: string }) => Resolution | undefined,
  ): void;
}

type Resolution = { readonly path: string; readonly external?: boolean };

export async function loadEsbuild(): Promise<Esbuild> {
  const modules = install(`esbuild-${ESBUILD_VERSION}`, `esbuild@${ESBUILD_VERSION}`);
  return (await import(pathToFileURL(join(modules, "esbuild/lib/main.js")).href)).default;
}

/** Installs one package into a folder of its own, unless it is there, and answers that folder's `node_modules`. */
function install(folder: string, wanted: string): string {
  const prefix = join(cache, folder);
  const modules = join(prefix, "node_modules");
  // npm writes this file when all is in place.
  if (existsSync(join(modules, ".package-lock.json"))) return modules;
  mkdirSync(prefix, { recursive: true });
  const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", ["install", "--prefix", prefix, ...options, wanted], {
    cwd: prefix,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`npm could not install ${wanted}`);
  return modules;
}
