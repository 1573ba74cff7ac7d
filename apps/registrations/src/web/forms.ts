// Forms and JSON as they come in: the right content type, the right fields, and what to say about the wrong ones.

import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { isTextKey, type PlainTextKey, type Translate } from "../i18n/translate.ts";
import { withoutNul } from "./nul.ts";
import type { AppContext } from "./visit.ts";

/** What is wrong with a form: a translated message for each field that has one. */
export type FieldErrors = Readonly<Record<string, string>>;

export type Form<T> =
  | { readonly valid: true; readonly values: T }
  /** `given` is what was typed, so that nobody has to type it twice. */
  | { readonly valid: false; readonly errors: FieldErrors; readonly given: Readonly<Record<string, string>> };

/** A message of a form's schema, as zod wants it; `readForm` translates it. */
export function says(key: PlainTextKey): string {
  return key;
}

/**
 * Reads a form. Throws 415 for another content type. A field that occurs once is a string, more often a list of them,
 * and the schema says which it should be.
 */
export async function readForm<T>(c: AppContext, schema: z.ZodType<T>): Promise<Form<T>> {
  const fields = await readFields(c);
  const read = schema.safeParse(grouped(fields));
  if (read.success) return { valid: true, values: read.data };
  return { valid: false, errors: translated(read.error, c.var.t), given: Object.fromEntries(fields) };
}

/** The fields of a form, in their order. Throws 415 for another content type, 400 for NUL in a field. */
export async function readFields(c: AppContext): Promise<[name: string, value: string][]> {
  if (!hasType(c, "application/x-www-form-urlencoded")) throw new HTTPException(415);
  const fields = [...new URLSearchParams(await c.req.text())];
  return fields.map(([name, value]) => [withoutNul(name), withoutNul(value)]);
}

/** Reads JSON. Throws 415 for another content type, 400 for what does not fit the schema. */
export async function readJson<T>(c: AppContext, schema: z.ZodType<T>): Promise<T> {
  if (!hasType(c, "application/json")) throw new HTTPException(415);
  const read = schema.safeParse(await c.req.json().catch(() => null));
  if (!read.success) throw new HTTPException(400, { message: z.prettifyError(read.error) });
  return read.data;
}

function hasType(c: AppContext, type: string): boolean {
  return c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase() === type;
}

function grouped(fields: readonly [string, string][]): Record<string, string | string[]> {
  const groups = Map.groupBy(fields, ([name]) => name);
  return Object.fromEntries(
    [...groups].map(([name, [first, ...others]]) => [
      name,
      others.length === 0 ? (first?.[1] ?? "") : [first?.[1] ?? "", ...others.map(([, value]) => value)],
    ]),
  );
}

function translated(error: z.ZodError, t: Translate): FieldErrors {
  const errors: Record<string, string> = {};
  for (const { path, message } of error.issues) {
    const field = String(path[0] ?? "");
    errors[field] ??= t(isTextKey(message) ? message : "form.invalid");
  }
  return errors;
}
