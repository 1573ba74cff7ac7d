// A form that came after the time for it was over: kept in the session for a quarter of an hour, until the person has
// confirmed who they are, sends it or drops it. Its passwords are not kept. There is one at a time: the latest.

import { isDeepStrictEqual } from "node:util";
import type { Clock, DeepReadonly } from "vestiaire";
import { readFields } from "./forms.ts";
import { notify } from "./page.ts";
import type { AppContext, Visit } from "./visit.ts";

export type LateForm = DeepReadonly<Visit["pending"]>;

const LIFE = 15 * 60_000;

/** Keeps the form of this request. Whoever has another one waiting is told that this one takes its place. */
export async function keepLateForm(c: AppContext, clock: Clock): Promise<void> {
  const { session, t } = c.var;
  const fields = (await readFields(c))
    .map(([name, value]) => ({ name, value }))
    .filter(({ name }) => !/password/i.test(name));
  const form = { action: c.req.path, fields };
  const waiting = session.data.pending;
  if (waiting !== undefined && isAlive(waiting, clock)) {
    const { keptAt: _, ...other } = waiting;
    if (!isDeepStrictEqual(other, form)) notify(c, "failed", t("late.replaced"));
  }
  session.set("pending", { ...form, keptAt: clock.now() });
}

/** The form that waits; `"over"` for one that waited too long, `null` when there is none. */
export function lateForm(c: AppContext, clock: Clock): LateForm | "over" | null {
  const { pending } = c.var.session.data;
  if (pending === undefined) return null;
  return isAlive(pending, clock) ? pending : "over";
}

/** Nothing waits any more, be it sent or dropped. */
export function forgetLateForm(c: AppContext): void {
  c.var.session.delete("pending");
}

function isAlive({ keptAt }: LateForm, clock: Clock): boolean {
  return clock.now() - keptAt <= LIFE;
}
