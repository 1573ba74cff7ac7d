// What an update makes of a document. All of it or none, and with MongoDB's own refusals: a field named twice, an
// operator that names none, a path that leads through a string.

import { BSON, type Document } from "mongodb";
import { CommandError, refuse } from "./errors.ts";
import { compare, isObject, valueAt } from "./query.ts";

type Change = (before: unknown, operand: unknown, path: string) => unknown;

/** What the operator makes of a field; `undefined` removes it. */
const OPERATORS: Readonly<Record<string, Change>> = {
  $set: (_before, operand) => operand,
  $unset: () => undefined,
  $inc(before, operand, path) {
    if (before !== undefined && typeof before !== "number") {
      throw new CommandError(14, `Cannot apply $inc to a value of non-numeric type at '${path}'`);
    }
    return (before ?? 0) + Number(operand);
  },
  $max(before, operand, path) {
    if (before === undefined) return operand;
    const order = compare(operand, before);
    // MongoDB has an order of all types. This has not.
    if (order === undefined) throw refuse(`how to $max different types at '${path}'`);
    return order > 0 ? operand : before;
  },
};

/** A changed copy. */
export function updated(document: Document, update: unknown): Document {
  if (!isObject(update)) throw refuse("updates by a pipeline");
  const next = BSON.deserialize(BSON.serialize(document));
  const seen: string[] = [];
  for (const [operator, fields] of Object.entries(update)) {
    const change = OPERATORS[operator];
    if (change === undefined) throw refuse(`the update operator ${operator}`);
    if (!isObject(fields) || Object.keys(fields).length === 0) {
      throw new CommandError(
        9,
        `'${operator}' is empty. You must specify a field like so: {${operator}: {…}}`,
      );
    }
    for (const [path, operand] of Object.entries(fields)) {
      checkPath(path, seen);
      checkValue(operand);
      put(next, path, change(valueAt(next, path), operand, path));
    }
  }
  return next;
}

/** Throws for a value that may be stored and that this cannot search as MongoDB does. */
export function checkValue(value: unknown): void {
  if (Array.isArray(value)) throw refuse("arrays in documents");
  if (isObject(value)) Object.values(value).forEach(checkValue);
}

function checkPath(path: string, seen: string[]): void {
  const names = path.split(".");
  if (names.includes(""))
    throw new CommandError(56, `The update path '${path}' contains an empty field name`);
  if (names.some((name) => name.startsWith("$"))) {
    throw new CommandError(52, `The dollar ($) prefixed field in '${path}' is not allowed`);
  }
  if (names[0] === "_id") throw new CommandError(66, "The field '_id' is immutable");
  const clash = seen.find(
    (other) => `${other}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${other}.`),
  );
  if (clash !== undefined) {
    throw new CommandError(40, `Updating the path '${path}' would create a conflict at '${clash}'`);
  }
  seen.push(path);
}

function put(document: Document, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  let parent = document;
  for (const name of names) {
    if (!Object.hasOwn(parent, name)) {
      if (value === undefined) return;
      define(parent, name, {});
    }
    const child: unknown = parent[name];
    if (!isObject(child)) {
      if (value === undefined) return;
      throw new CommandError(28, `Cannot create field '${last}' in element {${name}: …}`);
    }
    parent = child;
  }
  if (value === undefined) delete parent[last];
  else define(parent, last, value);
}

/** Also for `__proto__`. */
function define(parent: Document, name: string, value: unknown): void {
  Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true });
}
