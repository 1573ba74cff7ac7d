// A patch in DynamoDB's words: one `UpdateItem` that changes what the patch names, on condition that the session lives
// and is as the caller saw it. Every name stands behind a placeholder, for many are reserved words, and keys are anything.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Patch, PatchCondition } from "../../core/record.ts";
import { dataMap, hashAttributes, type Item, number, ttl } from "./item.ts";

/** The times that a patch may move, and never back. */
export type Times = Pick<Patch, "expiresAt" | "lastSeenAt">;

export interface Update {
  readonly UpdateExpression?: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/** An expression has at most 4 kB and 300 operators. */
const MOST_KEYS = 100;

/** Whether the patch names more keys than one update can. */
export function isTooLong({ clear, set, unset }: Patch): boolean {
  return !clear && Object.keys(set ?? {}).length + (unset?.length ?? 0) > MOST_KEYS;
}

/** The update for a patch that is not too long. It is refused, too, where it would move one of its times back. */
export function updateFor(patch: Patch, now: number, when: PatchCondition): Update {
  const words = new Words();
  setData(words, patch);
  setTimes(words, patch);
  if (patch.secretHashes) {
    for (const [name, value] of Object.entries(hashAttributes(patch.secretHashes))) words.set(name, value);
  }
  words.require("expiresAt", ">", number(now));
  // Without this, a damaged session would be an error of the request instead of one that is gone.
  words.conditions.push(`attribute_type(${words.name("data")}, ${words.value({ S: "M" })})`);
  if (when.revision !== undefined) words.require("revision", "=", number(when.revision));
  if (when.secretHash !== undefined) words.require("secretHash", "=", { S: when.secretHash });
  return words.update();
}

function setData(words: Words, { clear, set, unset }: Patch): void {
  if (!clear && set === undefined && unset === undefined) return;
  const data = words.name("data");
  if (clear) {
    words.sets.push(`${data} = ${words.value(dataMap(set ?? {}))}`);
  } else {
    for (const [key, text] of Object.entries(set ?? {})) {
      words.sets.push(`${data}.${words.name(key)} = ${words.value({ S: text })}`);
    }
    for (const key of new Set(unset)) {
      // DynamoDB refuses an update that names a path twice.
      if (set?.[key] === undefined) words.removes.push(`${data}.${words.name(key)}`);
    }
  }
  const revision = words.name("revision");
  words.sets.push(`${revision} = ${revision} + ${words.value(number(1))}`);
}

function setTimes(words: Words, { expiresAt, lastSeenAt }: Times): void {
  if (expiresAt !== undefined) {
    words.set("expiresAt", number(expiresAt));
    words.set("ttl", ttl(expiresAt));
    words.require("expiresAt", "<=", number(expiresAt));
  }
  if (lastSeenAt !== undefined) {
    words.set("lastSeenAt", number(lastSeenAt));
    words.require("lastSeenAt", "<=", number(lastSeenAt));
  }
}

/** The parts of an update, and the placeholders in them. */
class Words {
  readonly sets: string[] = [];
  readonly removes: string[] = [];
  readonly conditions: string[] = [];
  readonly #names: Record<string, string> = {};
  readonly #values: Item = {};
  #count = 0;

  name(attribute: string): string {
    const placeholder = this.#next("#n");
    this.#names[placeholder] = attribute;
    return placeholder;
  }

  value(value: AttributeValue): string {
    const placeholder = this.#next(":v");
    this.#values[placeholder] = value;
    return placeholder;
  }

  set(attribute: string, value: AttributeValue): void {
    this.sets.push(`${this.name(attribute)} = ${this.value(value)}`);
  }

  require(attribute: string, comparison: "=" | ">" | "<=", value: AttributeValue): void {
    this.conditions.push(`${this.name(attribute)} ${comparison} ${this.value(value)}`);
  }

  update(): Update {
    const clauses = [
      this.sets.length > 0 ? `SET ${this.sets.join(", ")}` : "",
      this.removes.length > 0 ? `REMOVE ${this.removes.join(", ")}` : "",
    ].filter((clause) => clause !== "");
    return {
      ...(clauses.length > 0 && { UpdateExpression: clauses.join(" ") }),
      ConditionExpression: this.conditions.join(" AND "),
      ExpressionAttributeNames: this.#names,
      ExpressionAttributeValues: this.#values,
    };
  }

  #next(sigil: string): string {
    this.#count += 1;
    return sigil + this.#count;
  }
}
