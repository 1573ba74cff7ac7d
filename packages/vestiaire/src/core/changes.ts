// What a request did to its session, as a log. The log is what makes updates exact: it says which keys were written and
// how, so the store gets those alone, and it can be replayed on a fresher record when another request was quicker.

import { SessionTooLargeError } from "./errors.ts";
import { decode, encode } from "./json.ts";
import { type Data, NO_DATA, type Patch } from "./record.ts";

/** One step of the log. Keys and values are JSON text already, as in the record. */
export type Change =
  | { readonly kind: "set"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "clear" }
  | {
      readonly kind: "update";
      readonly key: string;
      /** Answers the new value's text, or `undefined` to remove the key. */
      readonly compute: (current: string | undefined) => string | undefined;
    };

/** Bounds of one session. */
export interface Limits {
  /** Bytes of all keys and values as JSON text in UTF-8. */
  readonly bytes: number;
  readonly keys: number;
}

/** Runs the log on the data, and answers the data that results. Changes neither. */
export function replay(changes: readonly Change[], data: Data): Data {
  let result: Data = data;
  for (const change of changes) result = apply(change, result);
  return result;
}

/** The data after one change. */
export function apply(change: Change, data: Data): Data {
  if (change.kind === "clear") return NO_DATA;
  const value =
    change.kind === "set"
      ? change.value
      : change.kind === "update"
        ? change.compute(data[change.key])
        : undefined;
  if (value !== undefined) return { ...data, [change.key]: value };
  if (!(change.key in data)) return data;
  const { [change.key]: _removed, ...rest } = data;
  return rest;
}

/** What the log amounts to on a record that holds `data`: every key it wrote, and no other. */
export function toPatch(changes: readonly Change[], data: Data): Patch {
  const result = replay(changes, data);
  const cleared = changes.some((change) => change.kind === "clear");
  const set: Record<string, string> = {};
  const unset: string[] = [];
  for (const key of writtenKeys(changes)) {
    const value = result[key];
    if (value !== undefined) set[key] = value;
    else unset.push(key);
  }
  return {
    ...(cleared && { clear: true }),
    ...(Object.keys(set).length > 0 && { set }),
    // A log that nets to nothing is still a write of those keys: removing them again says so.
    ...(unset.length > 0 && { unset }),
  };
}

function writtenKeys(changes: readonly Change[]): Set<string> {
  const keys = new Set<string>();
  for (const change of changes) {
    if (change.kind === "clear") keys.clear();
    else keys.add(change.key);
  }
  return keys;
}

/** Whether the log's outcome depends on what the record holds, so that it must meet the record it was computed from. */
export function dependsOnRecord(changes: readonly Change[]): boolean {
  return changes.some((change) => change.kind === "update");
}

/** What turns one record's data into another's. Empty when they are equal. */
export function difference(from: Data, to: Data): Patch {
  const set: Record<string, string> = {};
  for (const [key, value] of Object.entries(to)) if (from[key] !== value) set[key] = value;
  const unset = Object.keys(from).filter((key) => !(key in to));
  return {
    ...(Object.keys(set).length > 0 && { set }),
    ...(unset.length > 0 && { unset }),
  };
}

/** Throws {@link SessionTooLargeError} when the data is over its bounds. */
export function checkLimits(data: Data, limits: Limits): void {
  const entries = Object.entries(data);
  if (entries.length > limits.keys) {
    throw new SessionTooLargeError(
      `A session holds at most ${limits.keys} keys. This change would make more.`,
    );
  }
  let bytes = 0;
  for (const [key, value] of entries) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (bytes > limits.bytes) {
    throw new SessionTooLargeError(
      `A session holds at most ${limits.bytes} bytes; this change would make it ${bytes}. Keep large things elsewhere and their keys here.`,
    );
  }
}

/** The name under which a key stands in `Data`. */
export function escapeKey(key: PropertyKey): string {
  return JSON.stringify(String(key));
}

/** Makes objects that inherit nothing, in one shape that engines know (`Object.create(null)` gives them none). */
function Values() {}
Values.prototype = Object.freeze(Object.create(null));
const newValues = () => Reflect.construct(Values, []) as Record<string, unknown>;

const views = new WeakMap<Data, object>();

/**
 * The data as handlers see it: decoded, and frozen all the way down. It inherits nothing, so that a key nobody set is
 * `undefined` even when it is called `constructor`. Decoded once for each `Data`. Throws `SyntaxError` for damaged text.
 */
export function viewOf(data: Data): object {
  let view = views.get(data);
  if (view === undefined) {
    const values = newValues();
    for (const key of Object.keys(data)) values[JSON.parse(key)] = decode(data[key] as string);
    view = Object.freeze(values);
    views.set(data, view);
  }
  return view;
}

/** Wraps a handler's function for the log, which deals in text. */
export function computeText(
  name: string,
  fn: (current: never) => unknown,
): (current: string | undefined) => string | undefined {
  return (current) => {
    const next = fn((current === undefined ? undefined : decode(current)) as never);
    return next === undefined ? undefined : encode(next, name);
  };
}
