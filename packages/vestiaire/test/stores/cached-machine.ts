// One machine of several: sessions in a cached store. Run as a process of its own, it reads what the test sends cookies
// for, and says what the engine told it, how often it asked the store, and what it took the session for.
//
// Argument: the place as JSON.

import type { Duration } from "../../src/core/expiry.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { SessionId } from "../../src/core/token.ts";
import { cached } from "../../src/stores/cached.ts";
import { openStore } from "../../src/stores/open.ts";
import { postgresStore } from "../../src/stores/postgres.ts";
import { manualClock } from "../../src/testing/clock.ts";
import { testStore } from "../core/stores.ts";
import { house } from "../core/visits.ts";

/** The bound that both machines declare. */
export const STALENESS: Duration = "10m";

export interface Place {
  readonly url: string;
  /** Whether PostgreSQL tells of patches. */
  readonly notify: boolean;
  /** When the clocks of its machines begin, in milliseconds since 1970. They only move when they are told to. */
  readonly now: number;
}

export interface Question {
  /** The session cookie as `name=value`. */
  readonly cookie: string;
  /** The time of the request. No earlier than that of the one before. */
  readonly at: number;
}

/** What the machine took the session for. */
export interface Reading {
  /** `null` where the cookie opened nothing. */
  readonly userId: string | null;
  readonly count: number | null;
  /** The calls of the store that it took: none where the answer came from memory. */
  readonly calls: readonly string[];
}

export type Answer = { readonly read: Reading } | { readonly failed: string };

/** `told`: the session that the engine says has changed; `null` where it may not have said all. */
export type Message = Answer | { readonly told: SessionId | null };

/** The store that all machines share. */
export async function storeAt({ url, notify }: Place): Promise<SessionStore> {
  return url.startsWith("postgres:") ? postgresStore(url, { notify }) : openStore(url);
}

if (process.argv[1] === import.meta.filename) await serve(JSON.parse(process.argv[2] ?? ""));

async function serve(place: Place): Promise<void> {
  const clock = manualClock(place.now);
  const shared = await storeAt(place);
  const { invalidations } = shared;
  const counting = testStore(shared);
  const store: SessionStore = {
    ...counting,
    ...(invalidations && {
      invalidations: (onChanged, onGap) =>
        // The cache comes first: once the test hears of it, the next request shows what the cache made of it.
        invalidations.call(
          shared,
          (id) => {
            onChanged(id);
            say({ told: id });
          },
          () => {
            onGap();
            say({ told: null });
          },
        ),
    }),
  };
  const { browser } = house({ store: cached(store, { staleness: STALENESS }), clock });
  const read = async ({ cookie, at }: Question): Promise<Reading> => {
    clock.advance(at - clock.now());
    counting.calls.length = 0;
    const visitor = browser();
    visitor.cookie = cookie;
    const { session } = await visitor.start();
    const { userId, data } = session;
    return { userId, count: data.count ?? null, calls: counting.calls };
  };
  process.on("message", (question: Question) => {
    read(question).then(
      (reading) => say({ read: reading }),
      (error) => say({ failed: String(error) }),
    );
  });
  process.once("disconnect", () => process.exit());
}

function say(message: Message): void {
  process.send?.(message);
}
