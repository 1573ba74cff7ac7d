// People of a test: another browser of theirs, their row, and what the audit log has of them.

import type { TestContext } from "node:test";
import type { AuditAction } from "../../src/audit/audit.ts";
import { type Application, PASSWORD } from "./application.ts";
import type { Browser } from "./browser.ts";

/** Another browser in which somebody who has an account signs in. */
export async function signedIn(
  application: Application,
  name: string,
  password = PASSWORD,
): Promise<Browser> {
  const browser = application.browser();
  const { status } = await browser.post("/sign-in", { name, password });
  if (status !== 303) throw new Error(`The sign-in of ${name} answered ${status}.`);
  return browser;
}

/** The row of the person of this name; `undefined` when there is none. */
export function rowOf({ services }: Application, name: string) {
  return services.database.selectFrom("people").selectAll().where("name", "=", name).executeTakeFirst();
}

/** The id of the person of this name. */
export async function idOf(application: Application, name: string): Promise<string> {
  const row = await rowOf(application, name);
  if (row === undefined) throw new Error(`There is nobody called ${name}.`);
  return row.id;
}

/** The events of this action and result, oldest first. */
export function audited(
  { services }: Application,
  action: AuditAction,
  result: "done" | "denied" | "failed",
) {
  return services.database
    .selectFrom("audit")
    .selectAll()
    .where("action", "=", action)
    .where("result", "=", result)
    .orderBy("at")
    .execute();
}

/** From now on, passwords are hashed when this many are asked for: so many requests are past their first checks at once. */
export function hashedTogether(
  t: TestContext,
  { services: { passwords } }: Application,
  count: number,
): void {
  const hash = passwords.hash.bind(passwords);
  const { promise: all, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  t.mock.method(passwords, "hash", async (password: string) => {
    if (++waiting === count) resolve();
    await all;
    return hash(password);
  });
}
