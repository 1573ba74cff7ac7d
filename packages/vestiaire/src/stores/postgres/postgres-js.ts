// Speaks to PostgreSQL through `postgres`. It listens over a connection of its own, which it opens again by itself.

import type { Database, Row, Value } from "./database.ts";

/** What is used of what `postgres()` answers. */
export interface PostgresJs {
  (...never: never[]): unknown;
  unsafe(text: string, values?: Value[], options?: { prepare?: boolean }): PostgresJsQuery;
  listen(
    channel: string,
    onMessage: (message: string) => void,
    onListening: () => void,
  ): Promise<{ unlisten(): Promise<unknown> }>;
}

interface PostgresJsQuery extends PromiseLike<unknown> {
  values(): PromiseLike<Iterable<Row>>;
}

/** Milliseconds until it is tried again to listen. */
const PAUSE = 500;

export function throughPostgresJs(sql: PostgresJs, prepare: boolean): Database {
  return {
    query: async ({ text }, values) => [...(await sql.unsafe(text, [...values], { prepare }).values())],
    run: async (script) => sql.unsafe(script),
    listen: (channel, onMessage, onGap) => listen(sql, channel, onMessage, onGap),
    close: async () => {},
  };
}

function listen(
  sql: PostgresJs,
  channel: string,
  onMessage: (message: string) => void,
  onGap: () => void,
): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let unlisten = () => {};
  const hear = (message: string) => {
    if (!stopped) onMessage(message);
  };
  const begin = async () => {
    try {
      const listening = await sql.listen(channel, hear, () => {
        if (!stopped) onGap();
      });
      unlisten = () => void listening.unlisten().catch(() => {});
      if (stopped) unlisten();
    } catch {
      if (!stopped) timer = setTimeout(begin, PAUSE).unref();
    }
  };
  void begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    unlisten();
  };
}
