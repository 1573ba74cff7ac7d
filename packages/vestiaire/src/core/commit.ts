// What a response does to the store and to the cookie, decided in one place. `plan` is total and pure: every situation
// a request can end in has its row, and the test enumerates them all. Carrying the plan out is `committer.ts`.

/** What the request's token opened: a live session, or nothing (no token, or one that opens nothing). */
export type Opened = "nothing" | "live";

/** What a handler's calls amount to. `replace` is signing in, `end` signing out. */
export type Intent = "keep" | "rotate" | "replace" | "end";

export interface Situation {
  readonly opened: Opened;
  readonly intent: Intent;
  /** Whether the log holds changes; after `end`, those made since. */
  readonly changed: boolean;
  /** Whether the visit is worth writing down. */
  readonly refreshDue: boolean;
  /** Whether the request carried a session cookie at all. */
  readonly cookieSent: boolean;
  /** Whether the cookie's session was replaced or ended a moment ago: a request that overtook its successor's cookie. */
  readonly superseded: boolean;
  /** Whether the response says that the server failed (500 or above). */
  readonly failed: boolean;
  /** Whether the request's method is HEAD. */
  readonly head: boolean;
}

export type StoreWork =
  | "none"
  | "create"
  | "refresh"
  | "patch"
  | "rotate"
  | "replace"
  | "delete"
  | "delete and create";

export interface Plan {
  readonly store: StoreWork;
  /** `set` holds only if the store's work came about; a session that was gone sets none. */
  readonly cookie: "none" | "set" | "clear";
}

const NOTHING: Plan = { store: "none", cookie: "none" };

/** The commit table. */
export function plan(situation: Situation): Plan {
  if (situation.head) return NOTHING;
  if (situation.failed && situation.intent !== "end") return NOTHING;
  return situation.opened === "live" ? planLive(situation) : planUnopened(situation);
}

function planUnopened({ intent, changed, cookieSent, superseded, failed }: Situation): Plan {
  const create: Plan = { store: "create", cookie: "set" };
  if (intent === "replace") return create;
  // Whatever this request wrote was meant for a session that is over; a cookie now would overwrite its successor's.
  if (superseded) return NOTHING;
  if (changed && !failed) return create;
  // Never cleared unasked: that would race a sign-in in another tab.
  return intent === "end" && cookieSent ? { store: "none", cookie: "clear" } : NOTHING;
}

function planLive({ intent, changed, refreshDue, failed }: Situation): Plan {
  switch (intent) {
    case "keep":
      return { store: changed ? "patch" : refreshDue ? "refresh" : "none", cookie: "none" };
    case "rotate":
      return { store: "rotate", cookie: "set" };
    case "replace":
      return { store: "replace", cookie: "set" };
    case "end":
      return changed && !failed
        ? { store: "delete and create", cookie: "set" }
        : { store: "delete", cookie: "clear" };
  }
}
