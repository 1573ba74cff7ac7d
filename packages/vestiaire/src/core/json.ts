// The values that a session may hold: JSON, exactly. What JSON cannot carry is refused where it is set, with the path
// of the first bad part, instead of coming back as something else a request later.

import { InvalidValueError, SessionTooLargeError } from "./errors.ts";

/** `T` where JSON carries it exactly; `never` in the place of whatever it does not (dates, maps, functions, …). */
export type JsonOf<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends bigint | symbol | ((...args: never[]) => unknown)
    ? never
    : T extends object
      ? { [K in keyof T]: JsonOf<T[K]> }
      : never;

/** The shape of a session's data: any interface or type whose properties are all JSON. */
export type JsonShape<D> = { [K in keyof D]: JsonOf<D[K]> };

/** `T`, read-only all the way down. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** How deep a value may nest. Enough for any real data, and far from what would exhaust a parser's stack. */
export const MAX_DEPTH = 64;

/**
 * The JSON text of a value. Unlike `JSON.stringify` it keeps -0, and it refuses (with {@link InvalidValueError})
 * whatever would come back different: `undefined` in arrays, NaN, dates, class instances, functions, cycles.
 * Properties that are `undefined` count as absent.
 */
export function encode(value: unknown, path: string, depth = 0): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new InvalidValueError(path, `is ${value}, which JSON cannot carry.`);
      return Object.is(value, -0) ? "-0" : String(value);
    case "object":
      if (value === null) return "null";
      if (depth === MAX_DEPTH) {
        throw new SessionTooLargeError(`${path} nests deeper than ${MAX_DEPTH} levels (or contains itself).`);
      }
      return Array.isArray(value) ? encodeArray(value, path, depth) : encodeObject(value, path, depth);
    default:
      throw new InvalidValueError(
        path,
        `is ${value === undefined ? "undefined" : `a ${typeof value}`}, which JSON cannot carry.`,
      );
  }
}

function encodeArray(array: readonly unknown[], path: string, depth: number): string {
  // Array.from, because map would pass over holes.
  return `[${Array.from(array, (item, index) => encode(item, `${path}[${index}]`, depth + 1)).join(",")}]`;
}

function encodeObject(object: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    const kind = object.constructor?.name || "an object of a class";
    throw new InvalidValueError(path, `is ${kind}, which JSON cannot carry; store its plain data instead.`);
  }
  const members: string[] = [];
  for (const [key, item] of Object.entries(object)) {
    if (item === undefined) continue;
    members.push(`${JSON.stringify(key)}:${encode(item, `${path}.${key}`, depth + 1)}`);
  }
  return `{${members.join(",")}}`;
}

/** The value of a JSON text, frozen all the way down. Throws `SyntaxError` when it is none. */
export function decode(text: string): unknown {
  return deepFreeze(JSON.parse(text));
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}
