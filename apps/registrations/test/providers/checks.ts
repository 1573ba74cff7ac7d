// What the tests of providers look at: who is signed in, what the database holds, and what was written down.

import assert from "node:assert/strict";
import type { Application } from "../support/application.ts";
import type { Answer, Browser } from "../support/browser.ts";

/** The name of who is signed in; `null` for nobody. */
export async function whoIs(browser: Browser): Promise<string | null> {
  const { body } = await browser.get("/");
  return /Signed in as ([^<]+)/.exec(body)?.[1]?.trim() ?? null;
}

/** Everybody, and all their identities. */
export async function accounts({ services: { database } }: Application) {
  const people = await database.selectFrom("people").selectAll().orderBy("id").execute();
  const identities = await database
    .selectFrom("identities")
    .selectAll()
    .orderBy("issuer")
    .orderBy("subject")
    .execute();
  return { people, identities };
}

interface Event {
  readonly action: string;
  readonly result: string;
  readonly actorName: string | null;
  readonly target: string | null;
  readonly detail: string | null;
}

/** The audit events so far, oldest first. */
export function events({ logged }: Application): readonly Event[] {
  return logged.map((line): { audit?: Event } => JSON.parse(line)).flatMap(({ audit }) => audit ?? []);
}

/** Does something that must be refused: one event says why, no account changes, and nobody else is signed in. */
export async function assertRefused(
  application: Application,
  browser: Browser,
  attempt: () => Promise<Answer>,
  { action = "sign-in", detail, status = 400 }: { action?: string; detail: RegExp; status?: number },
): Promise<void> {
  const [before, who, count] = [
    await accounts(application),
    await whoIs(browser),
    events(application).length,
  ];
  const answer = await attempt();
  assert.equal(answer.status, status);
  assert.match(answer.body, /It did not work with/);
  assert.deepEqual(await accounts(application), before);
  assert.equal(await whoIs(browser), who);
  const [event, ...more] = events(application).slice(count);
  assert.equal(more.length, 0);
  assert.equal(event?.action, action);
  assert.equal(event?.result, "failed");
  assert.match(event?.detail ?? "", detail);
}
