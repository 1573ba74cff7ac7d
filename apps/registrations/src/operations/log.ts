// The log: one line of JSON for each thing that happened, on the standard output. What is said to people goes to the
// standard error output instead, so that whoever collects the lines needs no filter.

import pino, { type DestinationStream, type Logger } from "pino";
import type { Settings } from "../settings.ts";

/**
 * The process's log. Of an error it says the kind, the code, the message and the stack, and the same of its causes; never
 * the request or the answer that libraries hang on their errors, with the cookies and credentials in it.
 */
export function createLog(
  level: Settings["LOG_LEVEL"],
  destination: DestinationStream = pino.destination(1),
): Logger {
  return pino(
    { level, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: plain }, redact: SECRETS },
    destination,
  );
}

/** What must not be read in a log, should somebody put it there in good faith. */
const SECRETS = ["cookie", "authorization", '["set-cookie"]'].flatMap((name) => {
  const below = name.startsWith("[") ? name : `.${name}`;
  return [name, `*${below}`, `*.*${below}`];
});

interface PlainError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string | undefined;
  readonly cause?: PlainError;
}

/** How many causes of causes are followed: an error can be its own. */
const DEPTH = 5;

function plain(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && depth < DEPTH && { cause: plain(cause, depth + 1) }),
  };
}
