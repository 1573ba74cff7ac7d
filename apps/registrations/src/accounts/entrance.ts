// What happens when somebody was recognised, however they proved who they are: a new session, the browser remembered,
// and a line in the audit log. Every way in ends here.

import Bowser from "bowser";
import type { Services } from "../services.ts";
import type { AppContext } from "../web/visit.ts";
import { rememberDevice } from "./known-device.ts";
import { findPerson, type Person } from "./people.ts";

/** How somebody proved who they are; a provider by its name. */
export type Method = "password" | "passkey" | "sign-up" | "reset-link" | `provider:${string}`;

export interface Entrance {
  readonly method: Method;
  /** Whether the sign-in outlives the browser. Confirming who one is leaves that as it was. */
  readonly persistent?: boolean;
}

/**
 * Signs the person in. The session is a new one, so that one planted before leads nowhere; if they were signed in as
 * themselves, this counts as a recent sign-in and nothing else is lost. False, and nobody signed in, when their sign-ins
 * were ended since `person` was read, as a change of the password does.
 */
export async function enter(
  { audit, clock, database }: Services,
  c: AppContext,
  person: Person,
  { method, ...options }: Entrance,
): Promise<boolean> {
  const { session } = c.var;
  const action = c.var.person?.id === person.id ? "identity.confirm" : "sign-in";
  const about = { action, actor: person, detail: method } as const;
  session.signIn(person.id, options);
  session.set("securityStamp", person.securityStamp);
  if ((await findPerson(database, person.id))?.securityStamp !== person.securityStamp) {
    session.signOut();
    await audit.record(c, { ...about, result: "failed" });
    return false;
  }
  await rememberDevice(c, database, person.id, clock.now());
  await audit.record(c, { ...about, result: "done" });
  if (session.data.device === undefined) session.set("device", deviceOf(c, clock.now()));
  c.set("person", person);
  return true;
}

/** What the browser says it is. People recognise their own by it; nothing is decided by it. */
function deviceOf(c: AppContext, now: number) {
  const { browser, os } = Bowser.parse(c.req.header("user-agent") || "unknown");
  return {
    browser: [browser.name, browser.version?.split(".", 1)[0]].filter(Boolean).join(" ").slice(0, 60),
    system: [os.name, os.versionName ?? os.version].filter(Boolean).join(" ").slice(0, 60),
    firstSeenAt: now,
    address: c.var.address,
  };
}
