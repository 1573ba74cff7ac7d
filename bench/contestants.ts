// Who takes part, in the order of the tables.

import type { Engine } from "./engines.ts";

export interface Contestant {
  readonly name: string;
  /** Where the session's data is kept; empty for a bare framework. */
  readonly store: string;
  /** The file in `servers/`, without its ending. */
  readonly server: string;
  /** The bare framework that "added" is counted from; its own name for the bare ones. */
  readonly base: string;
  /** How many signed-in visitors take turns; 64 unless the point is another. */
  readonly visitors?: number;
  /** Whether only reading is measured. */
  readonly readsOnly?: true;
  /** What has to run for it. */
  readonly engine?: Engine;
  /** The file of the server that the goal is counted from; the bare framework's when there is none. */
  readonly floor?: string;
  /** What Vestiaire means to add at most, in CPU µs a request. */
  readonly goal?: { readonly read: number; readonly write?: number };
}

const COLD_VISITORS = 30_000;

export const contestants: readonly Contestant[] = [
  { name: "Hono", store: "", server: "bare-hono", base: "bare-hono" },
  { name: "the floor", store: "cookie, hash, Vary", server: "floor-hono", base: "bare-hono" },
  {
    name: "Vestiaire",
    store: "memory",
    server: "vestiaire-memory",
    base: "bare-hono",
    goal: { read: 4, write: 5 },
  },
  {
    name: "Vestiaire",
    store: "file",
    server: "vestiaire-file",
    base: "bare-hono",
    goal: { read: 7, write: 22 },
  },
  {
    name: "Vestiaire",
    store: "file, cold",
    server: "vestiaire-file",
    base: "bare-hono",
    // More than the store's cache holds, in turns: every look-up misses it.
    visitors: COLD_VISITORS,
    readsOnly: true,
    goal: { read: 20 },
  },
  {
    name: "Vestiaire",
    store: "SQLite",
    server: "vestiaire-sqlite",
    base: "bare-hono",
    goal: { read: 10, write: 28 },
  },
  { name: "hono-sessions", store: "memory", server: "hono-sessions", base: "bare-hono" },
  { name: "React Router", store: "file", server: "react-router-file", base: "bare-hono" },
  { name: "better-auth", store: "SQLite", server: "better-auth", base: "bare-hono" },
  { name: "iron-session", store: "cookie", server: "iron-session", base: "bare-hono" },
  { name: "Express", store: "", server: "bare-express", base: "bare-express" },
  { name: "express-session", store: "memory", server: "express-session", base: "bare-express" },
  {
    name: "express-session + memorystore",
    store: "memory",
    server: "express-memorystore",
    base: "bare-express",
  },
  {
    name: "express-session + session-file-store",
    store: "file",
    server: "express-file",
    base: "bare-express",
  },
  { name: "Fastify", store: "", server: "bare-fastify", base: "bare-fastify" },
  { name: "@fastify/session", store: "memory", server: "fastify-session", base: "bare-fastify" },
  {
    name: "@fastify/secure-session",
    store: "cookie",
    server: "fastify-secure-session",
    base: "bare-fastify",
  },
  {
    name: "the floor",
    store: "Redis: raw HGETALL, HSET",
    server: "floor-redis",
    base: "bare-hono",
    engine: "Redis",
  },
  {
    name: "Vestiaire",
    store: "Redis",
    server: "vestiaire-redis",
    base: "bare-hono",
    engine: "Redis",
    floor: "floor-redis",
    goal: { read: 4, write: 7 },
  },
  {
    name: "Vestiaire",
    store: "Redis, cached",
    server: "vestiaire-redis-cached",
    base: "bare-hono",
    engine: "Redis",
    goal: { read: 6 },
  },
  {
    name: "express-session + connect-redis",
    store: "Redis",
    server: "express-redis",
    base: "bare-express",
    engine: "Redis",
  },
  {
    name: "the floor",
    store: "PostgreSQL: raw SELECT, UPDATE",
    server: "floor-postgres",
    base: "bare-hono",
    engine: "PostgreSQL",
  },
  {
    name: "Vestiaire",
    store: "PostgreSQL",
    server: "vestiaire-postgres",
    base: "bare-hono",
    engine: "PostgreSQL",
    floor: "floor-postgres",
    goal: { read: 7, write: 7 },
  },
  {
    name: "express-session + connect-pg-simple",
    store: "PostgreSQL",
    server: "express-postgres",
    base: "bare-express",
    engine: "PostgreSQL",
  },
];

export function titleOf({ name, store }: Contestant): string {
  return store === "" ? `bare ${name}` : `${name} (${store})`;
}

export function isBare({ server, base }: Contestant): boolean {
  return server === base;
}
