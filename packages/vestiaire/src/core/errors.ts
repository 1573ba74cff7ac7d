// Every error that the library throws on purpose. Each has a literal `code`, so that a caller can tell them apart
// without comparing messages, and a message that says what to do. What is not an error at all (an unknown, expired or
// tampered token) never appears here: those visitors are simply anonymous.

/** The literal codes of everything in this file; `error.code` is one of them for every {@link SessionError}. */
export type SessionErrorCode =
  | "CONFIGURATION"
  | "CONTENTION"
  | "CORRUPT_RECORD"
  | "HEAD_SENT"
  | "INVALID_VALUE"
  | "SESSION_TOO_LARGE"
  | "STORE_FAILED"
  | "STORE_TIMEOUT"
  | "STORE_UNREACHABLE"
  | "UNDECLARED_PROXY"
  | "UNSUPPORTED";

/** The common ancestor: `error instanceof SessionError` is true for whatever the library throws on purpose. */
export abstract class SessionError extends Error {
  abstract readonly code: SessionErrorCode;

  /** The class, such as `"StoreError"`. */
  override get name(): string {
    return this.constructor.name;
  }
}

/**
 * An option that contradicts itself or a standard, or a part that is not in its place. Thrown when the manager or the
 * store is made; for a request that did not pass the adapter, where its session is asked for.
 */
export class ConfigurationError extends SessionError {
  readonly code = "CONFIGURATION";
}

/**
 * A value that JSON cannot carry exactly, a name that cannot be a user's, or a page of a list that cannot be. `path`
 * leads to the first bad part.
 */
export class InvalidValueError extends SessionError {
  readonly code = "INVALID_VALUE";
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.path = path;
  }
}

/** A change would push the session over `limits`. The change was not made; the stored session is as it was. */
export class SessionTooLargeError extends SessionError {
  readonly code = "SESSION_TOO_LARGE";
}

/** `save()` after the response's head has left, for a change that the browser would have to be told of. */
export class HeadSentError extends SessionError {
  readonly code = "HEAD_SENT";

  constructor() {
    super(
      "The response's head has left, so its cookie can no longer change: create sessions, sign in, sign out and rotate before the first byte of the body.",
    );
  }
}

/** What the store holds for this session is not a record. The core treats its bearer as anonymous. */
export class CorruptRecordError extends SessionError {
  readonly code = "CORRUPT_RECORD";

  constructor(problem: string, options?: ErrorOptions) {
    super(`The stored session is damaged: ${problem}`, options);
  }
}

/** Too many others changed the same session at once. Nothing of this request was stored. */
export class ContentionError extends SessionError {
  readonly code = "CONTENTION";

  constructor() {
    super(
      "The session was changed by others each time this request tried to; nothing of it was stored. Try again.",
    );
  }
}

/**
 * The store failed, or took too long. After `STORE_TIMEOUT` the outcome is **unknown**: the engine may still have done
 * it, so nothing is retried. `STORE_UNREACHABLE` means that the engine was not even asked, because it timed out a
 * moment ago. `cause` is the engine's own error, where there is one.
 */
export class StoreError extends SessionError {
  readonly code: "STORE_FAILED" | "STORE_TIMEOUT" | "STORE_UNREACHABLE";
  readonly operation: string;

  constructor(code: StoreError["code"], operation: string, problem: string, options?: ErrorOptions) {
    super(`The session store could not ${operation}: ${problem}`, options);
    this.code = code;
    this.operation = operation;
  }
}

/**
 * The request reached this process over plain HTTP, but the browser spoke HTTPS: there is a proxy in between that the
 * configuration does not name, and a cookie set now would not be the browser's `Secure` one.
 */
export class UndeclaredProxyError extends SessionError {
  readonly code = "UNDECLARED_PROXY";

  constructor(evidence: string) {
    super(
      `The browser used HTTPS (${evidence}), but this request came over plain HTTP from a proxy that is not declared. ` +
        `Declare it with { proxies: ["10.0.0.0/8"] } (its address as this process sees it), or { proxies: "all" } when nothing else can reach this port; ` +
        `and let it send X-Forwarded-Proto.`,
    );
  }
}

/** The store has no method for this: the contract leaves it the choice. Asking again will not help; another store will. */
export class UnsupportedError extends SessionError {
  readonly code = "UNSUPPORTED";
}
