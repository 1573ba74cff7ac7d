// Takes a store's URL apart: which engine it means, where that is, and what the store is called there.

import { ConfigurationError } from "../../core/errors.ts";

export const ENGINES = [
  "memory",
  "file",
  "sqlite",
  "redis",
  "postgres",
  "mysql",
  "memcached",
  "dynamodb",
  "mongodb",
] as const;

export type Engine = (typeof ENGINES)[number];

const SCHEMES: ReadonlyMap<string, Engine> = new Map([
  ["memory", "memory"],
  ["file", "file"],
  ["sqlite", "sqlite"],
  ["redis", "redis"],
  ["rediss", "redis"],
  ["redis+cluster", "redis"],
  ["rediss+cluster", "redis"],
  ["valkey", "redis"],
  ["valkeys", "redis"],
  ["valkey+cluster", "redis"],
  ["valkeys+cluster", "redis"],
  ["postgres", "postgres"],
  ["postgresql", "postgres"],
  ["mysql", "mysql"],
  ["mariadb", "mysql"],
  ["memcached", "memcached"],
  ["dynamodb", "dynamodb"],
  ["mongodb", "mongodb"],
  ["mongodb+srv", "mongodb"],
]);

export interface Place {
  readonly engine: Engine;
  /** The path of a store on this machine's disk; otherwise the URL without its fragment. */
  readonly address: string;
  /** The fragment: the table, the collection or the prefix of the keys. `null` for the store's own default. */
  readonly name: string | null;
}

/** Throws `ConfigurationError`, in which the URL is not repeated: it may hold a password. */
export function placeOf(url: string): Place {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+]*):(.*)$/s.exec(url) ?? [];
  const engine = SCHEMES.get(scheme);
  if (engine === undefined) {
    const known = [...SCHEMES.keys()].map((name) => `${name}:`).join(" ");
    throw new ConfigurationError(`That is not the URL of a store. A URL begins with one of ${known}`);
  }
  if (engine === "memory") {
    if (rest !== "") throw new ConfigurationError("Nothing follows memory: in the URL of a store.");
    return { engine, address: "", name: null };
  }
  if (engine === "file" || engine === "sqlite") return { engine, address: pathIn(scheme, rest), name: null };
  const [address = "", ...fragment] = url.split("#");
  const name = fragment.length === 0 ? null : fragment.join("#");
  if (name === null || /^[\w.:-]+$/.test(name)) return { engine, address, name };
  throw new ConfigurationError(
    "What follows # in the URL of a store is the name of a table or a prefix: letters, digits and _ . : - only. A # in a password is written %23.",
  );
}

function pathIn(scheme: string, rest: string): string {
  const path = rest.startsWith("///") ? rest.slice(2) : rest;
  if (path !== "" && !path.startsWith("//")) return path;
  throw new ConfigurationError(
    `After ${scheme}: comes a path on this machine, as in ${scheme}:./sessions or ${scheme}:///var/lib/sessions.`,
  );
}
