// What the library tells whoever runs it. Events carry ids, never secrets; they are for audit logs and alarms, and
// nothing that a listener does can change what the library does.

import type { SessionId } from "./token.ts";

/** Why a session ended. */
export type EndReason = "signed out" | "replaced" | "ended by manager" | "over the limit";

/** One thing that happened. `at` is in milliseconds since 1970. */
export type SessionEvent = { readonly at: number } & (
  | { readonly type: "created"; readonly id: SessionId }
  /** `previous` is the session that this one replaced, if the visitor had one. */
  | {
      readonly type: "signedIn";
      readonly id: SessionId;
      readonly userId: string;
      readonly previous: SessionId | null;
    }
  | { readonly type: "rotated"; readonly id: SessionId }
  | {
      readonly type: "ended";
      readonly id: SessionId;
      readonly userId: string | null;
      readonly reason: EndReason;
    }
  /** A request found at its end that its session was over; what it wanted to write was dropped. */
  | { readonly type: "lost"; readonly id: SessionId }
  /** A request came with the cookie of a session that was replaced or ended moments ago. */
  | { readonly type: "superseded"; readonly id: SessionId }
  /** A secret was presented that had been retired: a copy of an old cookie, perhaps a stolen one. */
  | { readonly type: "reused"; readonly id: SessionId; readonly userId: string | null }
  /** A known id with a wrong secret. Ids are public: anybody can send one. */
  | { readonly type: "mismatch"; readonly id: SessionId }
  /** Two session cookies in one request. */
  | { readonly type: "ambiguous" }
  /** The stored record is damaged; its bearer is anonymous. */
  | { readonly type: "corrupt"; readonly id: SessionId; readonly error: unknown }
  | { readonly type: "undeclaredProxy"; readonly error: unknown }
  | { readonly type: "storeFailed"; readonly operation: string; readonly error: unknown }
  /** A visit could not be written down. The session may end earlier than it should. */
  | { readonly type: "refreshFailed"; readonly id: SessionId; readonly error: unknown }
  /** The store timed out, and is not asked again until a probe gets through; or one did. */
  | { readonly type: "circuit"; readonly state: "open" | "closed" }
  | { readonly type: "swept"; readonly removed: number }
);

/** Hears of each event as it happens. What it throws is logged and goes no further. */
export type SessionListener = (event: SessionEvent) => void;

/** An event without its time, which {@link eventSink} adds. */
export type Happening = SessionEvent extends infer E
  ? E extends SessionEvent
    ? Omit<E, "at">
    : never
  : never;

/** Hands events to the listener; without one, the operator's alarms go to the console. */
export function eventSink(
  listener: SessionListener | undefined,
  now: () => number,
): (happening: Happening) => void {
  const listen = listener ?? consoleAlarms();
  return (happening) => {
    try {
      listen({ ...happening, at: now() } as SessionEvent);
    } catch (error) {
      // A listener's fault is not the visitor's.
      console.error("vestiaire: onEvent threw", error);
    }
  };
}

/** Says each kind of trouble once a minute at most. */
function consoleAlarms(): SessionListener {
  const said = new Map<string, number>();
  return (event) => {
    if (event.type !== "undeclaredProxy" && event.type !== "storeFailed" && event.type !== "corrupt") return;
    if (event.at - (said.get(event.type) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    said.set(event.type, event.at);
    console.error(`vestiaire: ${event.error instanceof Error ? event.error.message : String(event.error)}`);
  };
}
