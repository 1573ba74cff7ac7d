// What may be told only once it is so: news of a transaction waits until that is committed, and is lost with it.

import { Kysely } from "kysely";
import type { Queryable, Schema } from "./schema.ts";

const waiting = new WeakMap<Queryable, (() => void)[]>();

/** Acts once the transaction `on` is committed, and never if it is not; at once where `on` is the database itself. */
export function afterCommit(on: Queryable, act: () => void): void {
  const acts = waiting.get(on);
  if (acts !== undefined) acts.push(act);
  else if (on.isTransaction) throw new Error("This transaction was not begun with transaction().");
  else act();
}

/** Kysely, whose transactions do what {@link afterCommit} was told. */
export class TellingKysely extends Kysely<Schema> {
  override transaction() {
    const [inner, builder] = [super.transaction(), super.transaction()];
    builder.execute = async (work) => {
      const acts: (() => void)[] = [];
      const answer = await inner.execute((transaction) => {
        waiting.set(transaction, acts);
        return work(transaction);
      });
      for (const act of acts) act();
      return answer;
    };
    return builder;
  }
}
