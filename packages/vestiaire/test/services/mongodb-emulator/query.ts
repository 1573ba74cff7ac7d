// Which documents a filter means. Values of different types never compare, as in MongoDB, and `null` also means absent.

import { BSON, type Document, ObjectId } from "mongodb";
import { refuse } from "./errors.ts";

export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([path, wanted]) => {
    if (path.startsWith("$")) throw refuse(`the query operator ${path}`);
    return meets(valueAt(document, path), wanted);
  });
}

/** The value at a dotted path; `undefined` when there is none. */
export function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Which comes first; `undefined` for values of different types, and for types that this does not order. */
export function compare(a: unknown, b: unknown): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  return undefined;
}

function meets(value: unknown, wanted: unknown): boolean {
  if (wanted instanceof RegExp) throw refuse("regular expressions");
  if (!isObject(wanted) || !Object.keys(wanted).some((key) => key.startsWith("$")))
    return equal(value, wanted);
  return Object.entries(wanted).every(([operator, operand]) => {
    const holds = OPERATORS[operator];
    if (holds === undefined) throw refuse(`the query operator ${operator}`);
    return holds(value, operand);
  });
}

const OPERATORS: Readonly<Record<string, (value: unknown, operand: unknown) => boolean>> = {
  $gt: (value, operand) => order(value, operand) > 0,
  $gte: (value, operand) => order(value, operand) >= 0,
  $lte: (value, operand) => order(value, operand) <= 0,
  $ne: (value, operand) => !equal(value, operand),
  $in: (value, operand) => Array.isArray(operand) && operand.some((each) => equal(value, each)),
  $type(value, operand) {
    if (operand !== "object") throw refuse(`the type ${operand}`);
    return isObject(value);
  },
};

function order(value: unknown, operand: unknown): number {
  if (compare(operand, operand) === undefined) throw refuse(`an order of ${typeof operand}s`);
  return compare(value, operand) ?? Number.NaN;
}

function equal(a: unknown, b: unknown): boolean {
  const known = (value: unknown) =>
    ["string", "number", "boolean", "undefined"].includes(typeof value) ||
    value === null ||
    value instanceof Date ||
    value instanceof ObjectId ||
    isObject(value);
  if (!known(b)) throw refuse("a value of such a type in a filter");
  const bytes = (value: unknown) => BSON.serialize({ value: value ?? null });
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}
