// The public face of the core. One export list: what is not in it may change without notice.

export type { Limits } from "./core/changes.ts";
export { type Clock, systemClock } from "./core/clock.ts";
export type { CookieOptions } from "./core/cookie.ts";
export {
  ConfigurationError,
  ContentionError,
  CorruptRecordError,
  HeadSentError,
  InvalidValueError,
  SessionError,
  type SessionErrorCode,
  SessionTooLargeError,
  StoreError,
  UndeclaredProxyError,
  UnsupportedError,
} from "./core/errors.ts";
export type { EndReason, SessionEvent, SessionListener } from "./core/events.ts";
export { assurance, type Duration } from "./core/expiry.ts";
export type { DeepReadonly, JsonOf, JsonShape } from "./core/json.ts";
export type { ListOptions, SessionInfo, SessionInfoPage } from "./core/listing.ts";
export { type Commit, createSessions, type Sessions } from "./core/manager.ts";
export type { SessionsOptions } from "./core/options.ts";
export type { Data, Patch, PatchCondition, SecretHashes, SessionRecord } from "./core/record.ts";
export type { Proxies, SessionRequest } from "./core/request.ts";
export type { Session } from "./core/session.ts";
export type { Awaitable, FindOptions, SessionPage, SessionStore, Sweep } from "./core/store.ts";
export type { SessionId } from "./core/token.ts";
export { memoryStore } from "./stores/memory.ts";
