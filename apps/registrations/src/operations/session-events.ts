// What the session layer tells, as lines of the log: ids, which open nothing, and never a secret.

import type { Logger } from "pino";
import type { SessionEvent, SessionListener } from "vestiaire";
import type { Metrics } from "./metrics.ts";

type Level = "error" | "warn" | "info" | "debug";

/** `warn` and above are for whoever runs the server to look at; what any visitor can bring about is below. */
const LEVELS: Readonly<Record<SessionEvent["type"], Level>> = {
  created: "info",
  signedIn: "info",
  rotated: "info",
  ended: "info",
  lost: "info",
  superseded: "info",
  mismatch: "info",
  ambiguous: "info",
  reused: "warn",
  refreshFailed: "warn",
  circuit: "warn",
  corrupt: "error",
  undeclaredProxy: "error",
  storeFailed: "error",
  swept: "debug",
};

/** Logs and counts each event. */
export function sessionEvents(log: Logger, metrics: Metrics): SessionListener {
  return (event) => {
    metrics.sessionEvents.inc({ type: event.type });
    const { at, ...told } = event;
    const { error, ...session } = { error: undefined, ...told };
    log[LEVELS[event.type]]({ session, ...(error !== undefined && { err: error }) }, `session ${event.type}`);
  };
}
